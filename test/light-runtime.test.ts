import { mkdtempSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadOnUse } from "../light-runtime";

const requireHere = createRequire(__filename);

test("a module put off is loaded at its first use, once, and is whole then", () => {
  const path = join(mkdtempSync(join(tmpdir(), "light-")), "module.js");
  writeFileSync(path, "globalThis.loads = (globalThis.loads ?? 0) + 1; module.exports = { double: (n) => 2 * n };");
  const loads = () => (globalThis as { loads?: number }).loads ?? 0;

  loadOnUse(path);
  const module = requireHere(path) as { double: (n: number) => number };
  expect(loads()).toBe(0);
  expect(module.double(21)).toBe(42);
  expect(module.double(4)).toBe(8);
  expect(loads()).toBe(1);
  expect((requireHere(path) as typeof module).double(1)).toBe(2);
  expect(loads()).toBe(1);
  expect(Object.keys(requireHere(path) as object)).toEqual(["double"]);
});
