/** A shorter value is no secret worth hiding: to replace it would make the rest of a text unreadable. */
const shortestByName = 8;
const shortestOfConfiguration = 4;
const shortestKeyLine = 20;
const shortestAsciiPart = 6;

const replacement = "[secret]";

/** Whether the name of a variable says that its value is a secret. */
const isSecretName = (name: string): boolean =>
  /KEY|TOKEN|PASSPHRASE|SECRET|PASSWORD|CREDENTIAL/.test(name) && !/KEY_ID$|_FILE$/.test(name);

/**
 * The texts in which a secret can appear: itself, each line of a key, its form in JSON, and its ASCII parts. Pulumi's
 * Automation API decodes each piece of output alone, so a character of several bytes can be broken between two pieces.
 */
const formsOf = (value: string): string[] => [
  value,
  ...value.split("\n").filter((line) => line.length >= shortestKeyLine),
  JSON.stringify(value).slice(1, -1),
  ...(value.match(/[\x00-\x7f]+/g) ?? []).filter((part) => part.length >= shortestAsciiPart),
];

const textsIn = (value: unknown): string[] =>
  typeof value === "string"
    ? [value]
    : typeof value === "object" && value !== null
      ? Object.values(value).flatMap(textsIn)
      : [];

function jsonTexts(value: string): string[] {
  try {
    return textsIn(JSON.parse(value));
  } catch {
    return [];
  }
}

/** The secrets of an environment: the values of the variables whose name says so. */
export const environmentSecrets = (environment: NodeJS.ProcessEnv): string[] =>
  Object.entries(environment).flatMap(([name, value]) =>
    isSecretName(name) && value && value.length >= shortestByName ? formsOf(value) : [],
  );

/** The secrets of a stack's configuration, also inside of objects and lists. */
export const configurationSecrets = (
  configuration: Readonly<Record<string, { readonly value: string; readonly secret?: boolean | undefined }>>,
): string[] =>
  Object.values(configuration)
    .filter(({ secret }) => secret)
    .flatMap(({ value }) => [value, ...jsonTexts(value)])
    .filter((value) => value.length >= shortestOfConfiguration)
    .flatMap(formsOf);

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** A part of a redacted text, and the end that can still be the beginning of a secret. */
export interface Redacted {
  readonly text: string;
  readonly pending: string;
}

/** Replaces secrets in a text that arrives in pieces. The result does not depend on where the pieces end. */
export class Redactor {
  private readonly secrets: readonly string[];
  private readonly pattern: RegExp | undefined;

  constructor(secrets: readonly string[]) {
    // The longest first: of two secrets that begin alike, the longer one must not leave its end behind.
    this.secrets = [...new Set(secrets)].filter(Boolean).sort((left, right) => right.length - left.length);
    if (this.secrets.length > 0) this.pattern = new RegExp(this.secrets.map(escaped).join("|"), "g");
  }

  /** A whole text. */
  whole(text: string): string {
    return this.pattern ? text.replaceAll(this.pattern, replacement) : text;
  }

  /** The next piece of a text, after what the piece before left pending. */
  next(pending: string, piece: string): Redacted {
    const text = pending + piece;
    let shown = "";
    for (let at = 0; ;) {
      const match = this.matchFrom(text, at);
      const end = match?.index ?? text.length;
      const open = this.openFrom(text, at);
      if (open <= end) return { text: shown + text.slice(at, open), pending: text.slice(open) };
      shown += text.slice(at, end) + replacement;
      at = end + (match?.[0].length ?? 0);
    }
  }

  private matchFrom(text: string, at: number): RegExpExecArray | null {
    if (!this.pattern) return null;
    this.pattern.lastIndex = at;
    return this.pattern.exec(text);
  }

  /** Where the rest of the text can be the beginning of a secret; the end of the text if it is not. */
  private openFrom(text: string, at: number): number {
    const longest = this.secrets[0]?.length ?? 0;
    for (let start = Math.max(at, text.length - longest + 1); start < text.length; start += 1) {
      const rest = text.slice(start);
      if (this.secrets.some((secret) => secret.length > rest.length && secret.startsWith(rest))) return start;
    }
    return text.length;
  }
}
