import { describe, expect, test } from "vitest";
import { dummyAt } from "../../../ops/ci/scrub-state";
import { dummyConfig, dummyStackFile } from "../../../ops/ci/stack-config";

const text = `encryptionsalt: v1:salt
config:
  infra:KEY:
    secure: v1:cipher
  infra:app:
    name: memoryloop
    alert:
      webhook:
        secure: v1:other
`;
const key = dummyAt("config:infra:KEY");
const webhook = dummyAt("config:infra:app.alert.webhook");

describe("dummyStackFile", () => {
  test("keeps the plain values, and lists a dummy for each secret by its path", () => {
    const { text: plain, secrets } = dummyStackFile(text);
    expect(plain).toContain("name: memoryloop");
    for (const gone of ["cipher", "other", "salt"]) expect(plain).not.toContain(gone);
    expect(secrets).toEqual([
      { path: "infra:KEY", dummy: key },
      { path: "infra:app.alert.webhook", dummy: webhook },
    ]);
  });
});

describe("dummyConfig", () => {
  test("is what the engine would give to the program", () => {
    expect(dummyConfig(text)).toEqual({
      config: { "infra:KEY": key, "infra:app": JSON.stringify({ name: "memoryloop", alert: { webhook } }) },
      secretKeys: ["infra:KEY", "infra:app"],
    });
  });
});
