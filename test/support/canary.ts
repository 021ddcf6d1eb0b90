/** Secrets by name. */
export type Secrets = Readonly<Record<string, string>>;

/** The base64 form of a value after this number of other bytes, without the characters that depend on other bytes. */
function inBase64(value: string, behind: number): string {
  const bytes = Buffer.concat([Buffer.alloc(behind), Buffer.from(value)]);
  return bytes.toString("base64").slice(Math.ceil((behind * 4) / 3), Math.floor((bytes.length * 4) / 3));
}

/** A value in every form that a text can contain. */
const disguises = (value: string): string[] => [
  value,
  encodeURIComponent(value),
  JSON.stringify(value).slice(1, -1),
  Buffer.from(value).toString("hex"),
  ...[0, 1, 2].map((behind) => inBase64(value, behind)),
];

/** Names of the secrets that a text contains in any form. */
export const leaks = (text: string, secrets: Secrets): string[] =>
  Object.keys(secrets).filter((name) => disguises(secrets[name] ?? "").some((form) => text.includes(form)));
