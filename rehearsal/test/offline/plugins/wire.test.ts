import * as sdk from "@pulumi/pulumi/runtime";
import { describe, expect, test } from "vitest";
import { Secret, unknown, type Properties } from "../../../offline/plugins/value";
import {
  outputSignature,
  secretSignature,
  signatureKey,
  unknownSentinel,
  decode,
  encode,
} from "../../../offline/plugins/wire";

describe("wire constants", () => {
  test("are the SDK's", () => {
    expect({ unknownSentinel, signatureKey, secretSignature, outputSignature }).toEqual({
      unknownSentinel: sdk.unknownValue,
      signatureKey: sdk.specialSigKey,
      secretSignature: sdk.specialSecretSig,
      outputSignature: sdk.specialOutputValueSig,
    });
  });
});

describe("encode, decode", () => {
  test("carry secrets and unknowns at any depth", () => {
    const properties: Properties = {
      a: [new Secret({ b: unknown })],
      c: null,
      d: unknown,
      e: { f: 1, g: false, h: "" },
    };
    expect(decode(encode(properties))).toEqual(properties);
  });

  test("leave out what is undefined", () => {
    expect(encode({ a: undefined, b: { c: undefined } }).toJavaScript()).toEqual({ b: {} });
  });
});

describe("decode", () => {
  const output = (envelope: object): object => ({ [signatureKey]: outputSignature, ...envelope });

  test.each([
    ["an output without a value", output({}), unknown],
    ["an output with a value", output({ value: "a", dependencies: [] }), "a"],
    ["a secret output", output({ value: "a", secret: true }), new Secret("a")],
  ])("opens %s", (_name, envelope, value) => {
    expect(decode(encode({ it: envelope as never }))).toEqual({ it: value });
  });

  test("takes nothing for no properties", () => {
    expect(decode(undefined)).toEqual({});
  });
});
