/** The end of a sentence about a new release. */
export const withoutReload = "; traffic moves without a reload";

/** "notes: a000001 -> b000002; traffic moves without a reload". `also` says whether anything else changes. */
export const moveSentence = (app: string, from: string, to: string, also = ""): string =>
  `${app}: ${from} -> ${to}${also}${withoutReload}`;
