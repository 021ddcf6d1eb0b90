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
  test("finds nothing in a good state", () => {
    expect(problemsOf()).toEqual([]);
  });

  test("finds an environment in clear, and does not show it", () => {
    const entries = { [environment]: { kind: "file", content: "A='b'", mode: "0400" } };
    expect(problemsOf({ environment: { inputs: { set: "memoryloop-environment-0a0b0c0d", entries } } })).toEqual([
      `environment: inputs.entries.${environment}.content holds a value that must be secret in clear (not shown)`,
    ]);
  });

  test("finds a key in clear", () => {
    expect(problemsOf({ key: { outputs: { applicationKey: "abc" } } })).toEqual([
      "key: outputs.applicationKey holds a value that must be secret in clear (not shown)",
    ]);
  });

  test("finds a secret that is its resource's id", () => {
    expect(problemsOf({ container: { type: "random:index/randomBytes:RandomBytes" } })).toEqual([
      "container: holds its value in clear",
    ]);
  });

  test("finds a credential where none may be", () => {
    expect(problemsOf({ container: { inputs: { envs: [`ghp_${"a1".repeat(18)}`] } } })).toEqual([
      "container: inputs.envs.0 holds a GitHub token in clear (not shown)",
    ]);
  });

  test("finds a container and an environment that are not retained", () => {
    const changed = { container: { retainOnDelete: false }, environment: { retainOnDelete: false } };
    expect(problemsOf(changed)).toEqual(["container: is not retained", "environment: is not retained"]);
  });

  test("finds a bucket that is not protected", () => {
    expect(problemsOf({ bucket: { protect: false } })).toEqual(["bucket: is not protected"]);
  });

  test("finds a stack without encryption", () => {
    expect(problemsOf({}, "b64")).toEqual(["the stack: has no secrets provider"]);
  });
});
