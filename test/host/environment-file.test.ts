import { processEnv } from "@next/env";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderEnvironment } from "../../host/environment-file";

/** The variables of an app that loads the file with the real @next/env, whose only way in is the process's environment. */
function readBack(contents: string): Record<string, string | undefined> {
  const before = { ...process.env };
  const [environment] = processEnv([{ path: ".env.production", contents, env: {} }], undefined, console, true);
  const names = [...contents.matchAll(/^(V\d)=/gm)].map(([, name = ""]) => name);
  const found = Object.fromEntries(names.map((name) => [name, (environment as NodeJS.ProcessEnv)[name]]));
  for (const name of Object.keys(process.env)) if (!(name in before)) Reflect.deleteProperty(process.env, name);
  return found;
}

const odd = fc.constantFrom(
  "'",
  '"',
  "`",
  "\\",
  "$",
  "#",
  "\n",
  "\r",
  " ",
  "=",
  "{",
  "}",
  "n",
  "r",
  "A",
  "V1",
  "é",
  "\u2028",
);
const values = fc.array(odd, { maxLength: 8 }).map((parts) => parts.join(""));

function rendered(variables: Record<string, string>): string | undefined {
  try {
    return renderEnvironment(variables);
  } catch {
    return undefined;
  }
}

describe("renderEnvironment", () => {
  test("sorts by name and quotes", () => {
    expect(renderEnvironment({ B: "2", A: "x y # z" })).toBe("A='x y # z'\nB='2'\n");
  });

  test("escapes $ in every kind of quote", () => {
    expect(renderEnvironment({ A: "a$b", B: "it's $5" })).toBe("A='a\\$b'\nB=`it's \\$5`\n");
  });

  test.each([
    ["a dollar", "pa$$word ${V1} \\$HOME"],
    ["quotes", `it's "quoted" \`here\``],
    ["lines", "-----BEGIN-----\nabc\n-----END-----\n"],
    ["Windows' lines", "a\r\nb"],
    ["a comment's sign and blanks", "  # no comment  "],
    ["a backslash at the end", "C:\\"],
    ["words that look like escapes", "a\\nb\\r"],
    ["nothing", ""],
  ])("%s arrives unchanged in what @next/env reads", (_, value) => {
    expect(readBack(renderEnvironment({ V1: "one", V2: value, V3: "three" }))).toEqual({
      V1: "one",
      V2: value,
      V3: "three",
    });
  });

  test("whatever is not refused arrives unchanged, beside its neighbours", () => {
    let carried = 0;
    fc.assert(
      fc.property(values, values, values, (V1, V2, V3) => {
        const text = rendered({ V1, V2, V3 });
        if (text === undefined) return;
        carried += 1;
        expect(readBack(text)).toEqual({ V1, V2, V3 });
      }),
      { numRuns: 800 },
    );
    expect(carried).toBeGreaterThan(400);
  });

  test.each(["'`\"#", "é'`\"\u2028''"])("a value that no notation carries is refused by name: %j", (value) => {
    expect(() => renderEnvironment({ A: value })).toThrow("environment variable A mixes quotes");
  });
});
