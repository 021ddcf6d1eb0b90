import { variablesSchema } from "../../config/variables";
import { describe, expect, test } from "vitest";
import { hostServiceOf } from "../../components/host-service";

const network = { subnet: "10.213.0.0/16" };

describe("hostServiceOf", () => {
  const of = (url: string) =>
    hostServiceOf({ variables: variablesSchema.parse({ LOG_LEVEL: "info", MODEL_URL: url }), network });

  test("exists only if the URL names the server", () => {
    expect(of("http://host.docker.internal:11434")).toEqual({
      subnet: "10.213.0.0/16",
      gateway: "10.213.0.1",
      port: 11434,
    });
    expect(of("http://host.docker.internal")).toMatchObject({ port: 80 });
    expect(of("https://ollama.example.com:11434")).toBeUndefined();
    expect(hostServiceOf({ variables: {}, network })).toBeUndefined();
  });
});
