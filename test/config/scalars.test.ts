import { describe, expect, test } from "vitest";
import { needsWrittenTexts, parseWithNumbersAsText, withWrittenTexts } from "../../config/scalars";
import { writtenTexts } from "../../config/written-texts";

const stackFile = `config:
  infra:variables:
    PORT: 587
    ON: true
    TITLE: True
    CODE: 00123
    LONG: 99999999999999999999
    VERSION: 1.10
    DAY: 2026-11-26
    GROUPED: 1_000
    QUOTED: "00123"
    WORD: info
    OBJECT: { default: 007, required: false }
    TOKEN: { secret: true }
    EMPTY:
  other:variables:
    PORT: 1
`;

/** As the engine reads the file above: YAML 1.1 numbers and times, as JSON. */
const engine = `{"PORT":587,"ON":true,"TITLE":true,"CODE":83,"LONG":100000000000000000000,"VERSION":1.1,
  "DAY":"2026-11-26T00:00:00Z","GROUPED":1000,"QUOTED":"00123","WORD":"info",
  "OBJECT":{"default":7,"required":false},"TOKEN":{"secret":true},"EMPTY":null}`;

describe("parseWithNumbersAsText", () => {
  test.each([
    ['{"a":12345678901234567890}', { a: "12345678901234567890" }],
    ['{"a":-1.50,"b":[1e3]}', { a: "-1.50", b: ["1e3"] }],
    ['{"a":"1 and \\"2\\"","b3":true}', { a: '1 and "2"', b3: true }],
  ])("%s", (json, value) => {
    expect(parseWithNumbersAsText(json)).toEqual(value);
  });
});

describe("withWrittenTexts", () => {
  test("gives back each scalar as its author wrote it", () => {
    const read = parseWithNumbersAsText(engine);
    expect(needsWrittenTexts(read)).toBe(true);
    expect(withWrittenTexts(read, writtenTexts(stackFile, "infra"))).toEqual({
      PORT: "587",
      ON: "true",
      TITLE: "True",
      CODE: "00123",
      LONG: "99999999999999999999",
      VERSION: "1.10",
      DAY: "2026-11-26",
      GROUPED: "1_000",
      QUOTED: "00123",
      WORD: "info",
      OBJECT: { default: "007", required: false },
      TOKEN: { secret: true },
      EMPTY: null,
    });
  });

  test("keeps the engine's value where the file says another: the value came from elsewhere", () => {
    const read = parseWithNumbersAsText('{"PORT":25,"ON":false}');
    expect(withWrittenTexts(read, writtenTexts(stackFile, "infra"))).toEqual({ PORT: "25", ON: false });
  });

  test("needs no file where every scalar is a text", () => {
    expect(needsWrittenTexts({ A: "info", B: { secret: true }, C: { default: "x" } })).toBe(false);
  });
});

test("a file without the section has no texts", () => {
  expect(writtenTexts("config: {}", "infra")).toEqual({});
  expect(writtenTexts("", "infra")).toEqual({});
});
