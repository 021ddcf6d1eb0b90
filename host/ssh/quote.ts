/** Quotes a word so that a POSIX shell reads it unchanged. Every character is allowed. */
export const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/** Words as one command line for a remote shell. */
export const commandLine = (words: readonly string[]): string => words.map(quote).join(" ");
