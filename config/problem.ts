/** A problem of a configuration key, with the command that removes it. */
export const problem = (key: string, reason: string, remedy: string): string => `${key}: ${reason}\n    try: ${remedy}`;
