/** Quotes a word so that a POSIX shell reads it unchanged. Every character is allowed. */
export const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/** Quotes a word only if a shell would change it, so that a person can read the command. */
export const quoteIfNeeded = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : quote(word));

/** Words as one command line for a remote shell. */
export const commandLine = (words: readonly string[]): string => words.map(quote).join(" ");
