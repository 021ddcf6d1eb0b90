const commitPattern = /^[0-9a-f]{7,64}$/;

/** Without the word that docker/metadata-action puts before a commit, in lower case. */
const plain = (version: string): string => version.toLowerCase().replace(/^sha-/, "");

/** Whether an image tag or a version is a commit, whole or its first seven digits or more, alone or after `sha-`. */
export const isCommit = (version: string): boolean => commitPattern.test(plain(version));

/**
 * Whether a reported version and an expected one are the same. Two commits are, when one is the beginning of the other. Any
 * other versions must be equal. Case and the word `sha-` never count.
 */
export function isVersion(reported: string, expected: string): boolean {
  const [a, b] = [plain(reported), plain(expected)];
  if (a === b) return a !== "";
  return commitPattern.test(a) && commitPattern.test(b) && (a.startsWith(b) || b.startsWith(a));
}
