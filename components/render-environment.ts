/** A quote the value does not hold; @next/env has no escape for a quote inside its own kind. */
function quoteFor(name: string, value: string): string {
  const quote = [`'`, "`", `"`].find((candidate) => !value.includes(candidate));
  if (quote) return quote;
  throw new Error(`environment variable ${name} holds ', " and \` at once: no env file can carry it; drop one of them`);
}

/**
 * An env file whose values arrive unchanged in an app that loads it with @next/env: quotes keep newlines and `#`, and
 * `$`, which @next/env expands in every kind of quote, is escaped (https://nextjs.org/docs, "Environment Variables").
 */
export function renderEnvironment(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => {
      const quote = quoteFor(name, value);
      return `${name}=${quote}${value.replaceAll("$", "\\$")}${quote}\n`;
    })
    .join("");
}
