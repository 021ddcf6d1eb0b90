/** A word as POSIX shells read it back unchanged, whatever it holds. */
export const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/** Words as one command line for a remote shell. */
export const commandLine = (words: readonly string[]): string => words.map(quote).join(" ");
