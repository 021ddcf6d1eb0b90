import { describe, expect, test } from "vitest";
import { parseStack } from "../../ops/stack";

describe("parseStack", () => {
  test("reads app and host, with the program's defaults", () => {
    const text = `config:
  memoryloop-infra:app: { name: memoryloop, domain: a.example.com }
  memoryloop-infra:host: { host: 203.0.113.7, hostKey: ssh-ed25519 AAAA }`;
    expect(parseStack(text, "Pulumi.prod.yaml")).toEqual({
      app: { name: "memoryloop", domain: "a.example.com" },
      connection: { host: "203.0.113.7", hostKey: "ssh-ed25519 AAAA", port: 22, user: "root" },
    });
  });

  test("names file and keys that are missing", () => {
    expect(() => parseStack("", "Pulumi.prod.yaml")).toThrow(
      /Pulumi.prod.yaml is not a whole stack file[^]*memoryloop-infra:host/,
    );
  });
});
