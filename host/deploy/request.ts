/** One thing that a deploy key may ask for. */
export type DeployRequest =
  { readonly kind: "deploy"; readonly tag: string } | { readonly kind: "rollback" } | { readonly kind: "status" };

/** The words of an ssh client, understood or refused. */
export type ParsedRequest = DeployRequest | { readonly kind: "refused"; readonly reason: string };

const tagPattern = /^\w[\w.-]{0,127}$/;
const fileTransfer = /^(scp|rsync|internal-sftp|\S*sftp-server)\b/;

const refused = (reason: string): ParsedRequest => ({ kind: "refused", reason });

function deployOf(word: string, repository: string): ParsedRequest {
  if (tagPattern.test(word)) return { kind: "deploy", tag: word };
  if (/@|^sha256:/.test(word)) return refused("a digest: this key deploys tags only");
  if (/^[\w.:/-]*[:/][\w.:/-]*$/.test(word))
    return refused(`another repository: this key deploys tags of ${repository} only`);
  return refused("no tag: a tag has letters, digits, dots and dashes, at most 128");
}

/**
 * Reads what an ssh client asked for: `deploy <tag>`, `rollback` or `status`, with single blanks and nothing else. Everything
 * else is refused with its kind. No shell reads the words.
 */
export function parseRequest(words: string, repository: string): ParsedRequest {
  if (words === "status" || words === "rollback") return { kind: words };
  const tag = /^deploy (.+)$/s.exec(words)?.[1];
  if (tag !== undefined) return deployOf(tag, repository);
  if (words === "") return refused("a shell");
  if (fileTransfer.test(words)) return refused("a file transfer");
  return refused("another command: this key can do `deploy <tag>`, `rollback` and `status`");
}
