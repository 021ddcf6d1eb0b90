import { describe, expect, test } from "vitest";
import { parseProperties, renderProperties } from "../../provider/wire";

const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

describe("parseProperties", () => {
  test("takes secrets off, however deep, and names their top-level keys", () => {
    const parsed = parseProperties({ a: { b: [secret("x")] }, c: 1 });
    expect(parsed.values).toEqual({ a: { b: ["x"] }, c: 1 });
    expect(parsed.secretKeys).toEqual(new Set(["a"]));
  });

  test("names the keys that hold an unknown", () => {
    expect(parseProperties({ a: { b: unknown }, c: secret(unknown), d: 1 }).unknownKeys).toEqual(new Set(["a", "c"]));
  });
});

describe("renderProperties", () => {
  test("leaves undefined out, however deep", () => {
    expect(renderProperties({ a: undefined, b: { c: undefined, d: [{ e: undefined }] } }, new Set())).toEqual({
      b: { d: [{}] },
    });
  });

  test("wraps secret keys, so that parsing gives the same again", () => {
    const rendered = renderProperties({ a: { b: 1 }, c: 2 }, new Set(["a"]));
    expect(rendered).toEqual({ a: secret({ b: 1 }), c: 2 });
    expect(parseProperties(rendered).values).toEqual({ a: { b: 1 }, c: 2 });
  });
});
