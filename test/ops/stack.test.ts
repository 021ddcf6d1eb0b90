import { describe, expect, test } from "vitest";
import { parseStack } from "../../ops/stack";
import { healthSchema } from "../../config/health";

describe("parseStack", () => {
  test("reads app and host, with the program's defaults", () => {
    const text = `config:
  memoryloop-infra:app: { name: memoryloop, domain: a.example.com }
  memoryloop-infra:host: { host: 203.0.113.7, hostKey: ssh-ed25519 AAAA }
  memoryloop-infra:image: { repository: ghcr.io/owner/app }
  memoryloop-infra:rollout: { stopSeconds: 5, soakSeconds: 1 }
  memoryloop-infra:health: { retries: 1 }`;
    expect(parseStack(text, "Pulumi.prod.yaml")).toEqual({
      app: { name: "memoryloop", domain: "a.example.com" },
      names: ["a.example.com"],
      connection: { host: "203.0.113.7", hostKey: "ssh-ed25519 AAAA", port: 22, user: "root" },
      isCluster: false,
      servers: [{ name: "host", connection: expect.objectContaining({ host: "203.0.113.7" }) as unknown }],
      repository: "ghcr.io/owner/app",
      health: healthSchema.parse({ retries: 1 }),
      variables: {},
      rollout: { stopSeconds: 5, drainSeconds: 30 },
      keepAssets: {},
      b2Endpoint: "https://api.backblazeb2.com",
    });
  });

  test("names file and keys that are missing", () => {
    expect(() => parseStack("", "Pulumi.prod.yaml")).toThrow(
      /Pulumi.prod.yaml is not a complete stack file[^]*at host/,
    );
  });
});
