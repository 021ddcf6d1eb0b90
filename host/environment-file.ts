/** One way to write a value: whether it reads back unchanged, and how it is written. `$` is escaped already. */
interface Notation {
  carries(value: string): boolean;
  write(value: string): string;
}

/** Inside `'` or `` ` `` all is literal; only a backslash before the closing quote would hide it. */
const literal = (quote: string): Notation => ({
  carries: (value) => !value.includes(quote) && !value.includes("\r") && !value.endsWith("\\"),
  write: (value) => `${quote}${value}${quote}`,
});

/** Inside `"` the words `\n` and `\r` are line ends. */
const escaped: Notation = {
  carries: (value) => !/"|\\[nr]|\\$/.test(value),
  write: (value) => `"${value.replaceAll("\n", "\\n").replaceAll("\r", "\\r")}"`,
};

/**
 * Without quotes a value ends at `#` or at the end of its line, and loses blanks around it. Unicode's line ends do not end
 * it, but quotes around what follows one are lost.
 */
const bare: Notation = {
  carries: (value) => value !== "" && value === value.trim() && !/^['"`]|[#\r\n\u2028\u2029]/.test(value),
  write: (value) => value,
};

const notations = [literal("'"), literal("`"), escaped, bare] as const;

function written(name: string, value: string): string {
  const notation = notations.find((candidate) => candidate.carries(value));
  if (notation) return notation.write(value.replaceAll("$", "\\$"));
  throw new Error(
    `environment variable ${name} mixes quotes, backslashes and line ends in a way that no env file can carry; ` +
      `write it in another form, such as base64`,
  );
}

/**
 * An env file whose values arrive unchanged in an app that loads it with @next/env, which has several notations and an
 * escape in none of them but for `$`, which it expands in all of them (its source, `dotenv` and `dotenv-expand`).
 * @throws Error that names a variable whose value no notation carries.
 */
export const renderEnvironment = (variables: Readonly<Record<string, string>>): string =>
  Object.entries(variables)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${written(name, value)}\n`)
    .join("");
