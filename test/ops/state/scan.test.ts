import { describe, expect, test } from "vitest";
import { exportedStateSchema, scanState } from "../../../ops/state/scan";

const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:abc" };
const environment = "/opt/memoryloop/config/releases/0a0b0c0d.env";

const resources = {
  container: { urn: "container", type: "docker:index/container:Container", retainOnDelete: true },
  environment: {
    urn: "environment",
    type: "vps:index:FileSet",
    retainOnDelete: true,
    inputs: { set: "memoryloop-environment-0a0b0c0d", entries: secret },
  },
  bucket: { urn: "bucket", type: "b2:index/bucket:Bucket", protect: true },
  key: { urn: "key", type: "b2:index/applicationKey:ApplicationKey", outputs: { applicationKey: secret } },
};

function problemsOf(changed: Partial<Record<keyof typeof resources, object>> = {}, type = "passphrase"): string[] {
  const all = Object.entries(resources).map(([name, resource]) => ({ ...resource, ...changed[name as "key"] }));
  const state = { deployment: { secrets_providers: { type }, resources: all } };
  return scanState(exportedStateSchema.parse(state)).map(
    ({ urn, problem }) => `${urn}: ${problem.split(":")[0] ?? ""}`,
  );
}

describe("scanState", () => {
  test("reports no problem in a correct state", () => {
    expect(problemsOf()).toEqual([]);
  });

  test("reports an environment file in plain text, without its content", () => {
    const entries = { [environment]: { kind: "file", content: "A='b'", mode: "0400" } };
    expect(problemsOf({ environment: { inputs: { set: "memoryloop-environment-0a0b0c0d", entries } } })).toEqual([
      `environment: inputs.entries.${environment}.content stores a value that must be secret in plain text (not shown)`,
    ]);
  });

  test("reports an application key in plain text", () => {
    expect(problemsOf({ key: { outputs: { applicationKey: "abc" } } })).toEqual([
      "key: outputs.applicationKey stores a value that must be secret in plain text (not shown)",
    ]);
  });

  test("reports a secret that is the id of its resource", () => {
    expect(problemsOf({ container: { type: "random:index/randomBytes:RandomBytes" } })).toEqual([
      "container: stores its value in plain text",
    ]);
  });

  test("reports a credential in a field that must not have one", () => {
    expect(problemsOf({ container: { inputs: { command: [`ghp_${"a1".repeat(18)}`] } } })).toEqual([
      "container: inputs.command.0 stores a GitHub token in plain text (not shown)",
    ]);
    expect(problemsOf({ container: { inputs: { envs: ["API_KEY=plain"] } } })).toEqual([
      "container: inputs.envs.0 stores a value that must be secret in plain text (not shown)",
    ]);
  });

  test("reports a container and an environment file that are not retained", () => {
    const changed = { container: { retainOnDelete: false }, environment: { retainOnDelete: false } };
    expect(problemsOf(changed)).toEqual(["container: is not retained", "environment: is not retained"]);
  });

  test("reports a bucket that is not protected", () => {
    expect(problemsOf({ bucket: { protect: false } })).toEqual(["bucket: is not protected"]);
  });

  test("reports a stack without encryption", () => {
    expect(problemsOf({}, "b64")).toEqual(["the stack: has no secrets provider"]);
  });
});
