import { describe, expect, test } from "vitest";
import { randomId, randomPassword } from "../../../../offline/plugins/random/draws";
import { drawn } from "../../../../offline/plugins/random/framework";
import { unknown, type Properties } from "../../../../offline/plugins/value";

describe("randomId", () => {
  test("spells the same bytes in four ways, each after the prefix", async () => {
    const { id, results } = await randomId.draw({ byteLength: 6, prefix: "r-" });
    const bytes = Buffer.from(id, "base64url");
    expect(bytes).toHaveLength(6);
    expect(results).toEqual({
      id,
      b64Std: `r-${bytes.toString("base64")}`,
      b64Url: `r-${id}`,
      dec: `r-${BigInt(`0x${bytes.toString("hex")}`)}`,
      hex: `r-${bytes.toString("hex")}`,
    });
  });
});

describe("randomPassword", () => {
  test("has the minimum of each class, and no character of a disabled class", async () => {
    const inputs = {
      length: 12,
      lower: true,
      upper: false,
      numeric: true,
      special: true,
      overrideSpecial: "~",
      minSpecial: 3,
    };
    const { results } = await randomPassword.draw(inputs);
    expect(results["result"]).toMatch(/^[a-z0-9~]{12}$/);
    expect(results["result"]).toMatch(/(~.*){3}/);
  });
});

describe("drawn", () => {
  const resource = drawn(randomId);
  const subject = { urn: "urn", name: "it", id: "x", state: {} };

  test("a preview draws nothing", async () => {
    const { state } = await resource.create({ ...subject, inputs: { byteLength: 6 }, preview: true });
    expect(state).toEqual({ byteLength: 6, id: unknown, b64Std: unknown, b64Url: unknown, dec: unknown, hex: unknown });
  });

  test("a keeper that is not known yet replaces", () => {
    const keepers: Properties = { image: unknown };
    expect(resource.diff({ ...subject, inputs: { keepers }, oldInputs: { keepers: { image: "a" } } })).toEqual({
      changed: true,
      diffs: ["keepers"],
      replaces: ["keepers"],
    });
  });
});
