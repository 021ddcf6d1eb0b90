import { randomBytes, randomInt } from "node:crypto";
import { count, flag, text, type Properties } from "../value";
import type { Draw } from "./framework";

/** `random.RandomId`: bytes under four spellings, each after the prefix, if there is one. */
export const randomId: Draw = {
  results: ["id", "b64Std", "b64Url", "dec", "hex"],
  draw: (inputs) => Promise.resolve(spell(randomBytes(count(inputs, "byteLength")), text(inputs, "prefix"))),
};

function spell(bytes: Buffer, prefix: string): { id: string; results: Properties } {
  const hex = bytes.toString("hex");
  const id = bytes.toString("base64url");
  const results = {
    id,
    b64Std: prefix + bytes.toString("base64"),
    b64Url: prefix + id,
    dec: prefix + BigInt(`0x${hex === "" ? "0" : hex}`).toString(),
    hex: prefix + hex,
  };
  return { id, results };
}

/** `random.RandomBytes`: bytes that a person must not see. Its id is one of its spellings: it lies in the state openly. */
export const randomBytesDraw: Draw = {
  results: ["base64", "hex"],
  secrets: ["base64", "hex"],
  draw: (inputs) => {
    const bytes = randomBytes(count(inputs, "length"));
    const base64 = bytes.toString("base64");
    return Promise.resolve({ id: base64, results: { base64, hex: bytes.toString("hex") } });
  },
};

const classes = {
  Lower: "abcdefghijklmnopqrstuvwxyz",
  Upper: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  Numeric: "0123456789",
  Special: "!@#$%&*()-_=+[]{}<>:?",
} as const;

/** `random.RandomPassword`: at least `min...` characters of each class, the rest from the classes that are on. */
export const randomPassword: Draw = {
  defaults: {
    lower: true,
    minLower: 0,
    minNumeric: 0,
    minSpecial: 0,
    minUpper: 0,
    number: true,
    numeric: true,
    special: true,
    upper: true,
  },
  results: ["id", "result", "bcryptHash"],
  secrets: ["result", "bcryptHash"],
  draw: async (inputs) => {
    // Only a password needs it, and it would cost every start of the plugin.
    const { hash } = await import("bcryptjs");
    const result = password(inputs);
    return { id: "none", results: { id: "none", result, bcryptHash: await hash(result, 10) } };
  },
};

function password(inputs: Properties): string {
  const special = text(inputs, "overrideSpecial") || classes.Special;
  const alphabets = { ...classes, Special: special };
  const names = ["Lower", "Upper", "Numeric", "Special"] as const;
  const allowed = names
    .filter((name) => flag(inputs, name.toLowerCase()))
    .map((name) => alphabets[name])
    .join("");
  const least = names.flatMap((name) => pick(alphabets[name], count(inputs, `min${name}`)));
  return shuffle([...least, ...pick(allowed, count(inputs, "length") - least.length)]).join("");
}

const pick = (alphabet: string, times: number): string[] =>
  Array.from({ length: Math.max(0, times) }, () => alphabet.charAt(randomInt(alphabet.length)));

const shuffle = (characters: readonly string[]): string[] =>
  characters
    .map((character) => ({ character, order: randomInt(2 ** 32) }))
    .sort((a, b) => a.order - b.order)
    .map(({ character }) => character);
