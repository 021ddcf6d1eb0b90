import { describe, expect, test } from "vitest";
import { hostServiceOf } from "../../components/host-service";

const network = { subnet: "10.213.0.0/16" };

describe("hostServiceOf", () => {
  const of = (url: string) => hostServiceOf({ environment: { OLLAMA_BASE_URL: url }, network });

  test("exists only if the URL names the server", () => {
    expect(of("http://host.docker.internal:11434")).toEqual({
      subnet: "10.213.0.0/16",
      gateway: "10.213.0.1",
      port: 11434,
    });
    expect(of("http://host.docker.internal")).toMatchObject({ port: 80 });
    expect(of("https://ollama.example.com:11434")).toBeUndefined();
    expect(hostServiceOf({ environment: {}, network })).toBeUndefined();
  });
});
