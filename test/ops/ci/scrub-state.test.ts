import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { dummyAt, knownResources, openStateSchema, scrubState, type OpenState } from "../../../ops/ci/scrub-state";

const box = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});
const urn = (type: string, name: string): string => `urn:pulumi:prod::infra::${type}::${name}`;
const resource = (type: string, name: string, inputs: object, outputs: object = inputs) => ({
  urn: urn(type, name),
  type,
  id: `${name}-id`,
  inputs,
  outputs,
});
const state = (...resources: object[]): OpenState =>
  openStateSchema.parse({
    version: 3,
    deployment: {
      secrets_providers: { type: "passphrase", state: { salt: "v1:salt:proof" } },
      pending_operations: [{ resource: { inputs: { key: box("planted-pending") } } }],
      resources,
    },
  });
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const environmentOf = (key: string): string => `MODE=production\nKEY=${key}\n`;

const real = "planted-api-key";
const dummy = dummyAt("config:KEY");
const runs = {
  real: { "files::env": { content: environmentOf(real), mode: "0400" }, "id::release": { keeper: sha256(real) } },
  dummy: { "files::env": { content: environmentOf(dummy), mode: "0400" }, "id::release": { keeper: sha256(dummy) } },
};

describe("scrubState", () => {
  test("a value that the program computes from secrets becomes what it computes from the dummies", () => {
    const files = resource("files", "env", { content: box(environmentOf(real)), mode: box("0400"), path: "/opt/app" });
    const release = resource(
      "id",
      "release",
      { keeper: box(sha256(real)) },
      { keeper: box(sha256(real)), hex: "0a0b" },
    );
    const scrubbed = scrubState(state(files, release), runs, [real]);
    expect(scrubbed.deployment.resources).toEqual([
      resource("files", "env", { content: box(environmentOf(dummy)), mode: box("0400"), path: "/opt/app" }),
      resource("id", "release", { keeper: box(sha256(dummy)) }, { keeper: box(sha256(dummy)), hex: "0a0b" }),
    ]);
  });

  test("a value that a plugin drew, or that the program computes no more, gets the dummy of its position", () => {
    const drawn = resource("password", "key", { length: 43 }, { length: 43, result: box("planted-session-key") });
    const old = resource("files", "env", { content: box("planted-old-content") });
    const { resources } = scrubState(state(drawn, old), runs, []).deployment;
    expect(resources[0]?.outputs["result"]).toEqual(box(dummyAt(`${urn("password", "key")}#outputs.result`)));
    expect(resources[1]?.inputs["content"]).toEqual(box(dummyAt(`${urn("files", "env")}#inputs.content`)));
  });

  test("the program's run with dummies gets the same dummies from the plugins", () => {
    const drawn = resource("password", "key", {}, { result: box("planted-session-key") });
    const { outputs } = knownResources(state(drawn), "dummy")["password::key"] ?? { outputs: {} };
    expect(outputs).toEqual({ result: dummyAt(`${urn("password", "key")}#outputs.result`) });
  });

  test("a structure inside a secret text stays a structure", () => {
    const logins = (password: string) => JSON.stringify([{ address: "ghcr.io", password, username: "me" }]);
    const provider = resource("docker", "host", { registryAuth: box(logins("planted-token")) });
    const asSent = (password: string) => ({
      "docker::host": { registryAuth: JSON.stringify([{ username: "me", address: "ghcr.io", password }]) },
    });
    const scrubbed = scrubState(state(provider), { real: asSent("planted-token"), dummy: asSent(dummy) }, []);
    expect(scrubbed.deployment.resources[0]?.inputs["registryAuth"]).toEqual(box(logins(dummy)));
  });

  test("nothing of the encryption and of unfinished operations is published", () => {
    const text = JSON.stringify(scrubState(state(), runs, []));
    for (const planted of ["salt", "proof", "planted-pending"]) expect(text).not.toContain(planted);
  });

  test("a secret outside of its place stops everything, and is not shown", () => {
    const careless = resource("files", "careless", { command: `login ${real}` });
    const scrub = () => scrubState(state(careless), runs, [real]);
    expect(scrub).toThrow(`nothing is published:\n  ${urn("files", "careless")}`);
    expect(scrub).not.toThrow(real);
    const twice = resource("files", "twice", { a: box("planted-twice"), b: "planted-twice" });
    expect(() => scrubState(state(twice), runs, [])).toThrow(urn("files", "twice"));
  });
});
