import * as sdk from "@pulumi/pulumi/runtime";
import { describe, expect, test } from "vitest";
import { Secret, UNKNOWN, type Properties } from "../../../rehearsal/plugins/value";
import {
  OUTPUT_SIGNATURE,
  SECRET_SIGNATURE,
  SIGNATURE_KEY,
  UNKNOWN_SENTINEL,
  decode,
  encode,
} from "../../../rehearsal/plugins/wire";

describe("wire constants", () => {
  test("are the SDK's", () => {
    expect({ UNKNOWN_SENTINEL, SIGNATURE_KEY, SECRET_SIGNATURE, OUTPUT_SIGNATURE }).toEqual({
      UNKNOWN_SENTINEL: sdk.unknownValue,
      SIGNATURE_KEY: sdk.specialSigKey,
      SECRET_SIGNATURE: sdk.specialSecretSig,
      OUTPUT_SIGNATURE: sdk.specialOutputValueSig,
    });
  });
});

describe("encode, decode", () => {
  test("carry secrets and unknowns at any depth", () => {
    const properties: Properties = {
      a: [new Secret({ b: UNKNOWN })],
      c: null,
      d: UNKNOWN,
      e: { f: 1, g: false, h: "" },
    };
    expect(decode(encode(properties))).toEqual(properties);
  });

  test("leave out what is undefined", () => {
    expect(encode({ a: undefined, b: { c: undefined } }).toJavaScript()).toEqual({ b: {} });
  });
});

describe("decode", () => {
  const output = (envelope: object): object => ({ [SIGNATURE_KEY]: OUTPUT_SIGNATURE, ...envelope });

  test.each([
    ["an output without a value", output({}), UNKNOWN],
    ["an output with a value", output({ value: "a", dependencies: [] }), "a"],
    ["a secret output", output({ value: "a", secret: true }), new Secret("a")],
  ])("opens %s", (_name, envelope, value) => {
    expect(decode(encode({ it: envelope as never }))).toEqual({ it: value });
  });

  test("takes nothing for no properties", () => {
    expect(decode(undefined)).toEqual({});
  });
});
