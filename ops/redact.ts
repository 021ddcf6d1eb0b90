/** A shorter value is not replaced: it is no secret, and the rest of a text would become unreadable. */
const shortest = {
  /** The name of a variable can be wrong about its value: USE_TOKEN=true. */
  byName: 8,
  /** A value that the operator has marked as a secret. */
  byMark: 4,
  /** A secret object also has plain values in it, such as the owner of a file. */
  insideObject: 16,
  keyLine: 20,
  asciiPart: 6,
};

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
  ...value.split("\n").filter((line) => line.length >= shortest.keyLine),
  JSON.stringify(value).slice(1, -1),
  ...(value.match(/[\x00-\x7f]+/g) ?? []).filter((part) => part.length >= shortest.asciiPart),
];

/** All texts inside of a value. */
const textsIn = (value: unknown): string[] =>
  typeof value === "string"
    ? [value]
    : typeof value === "object" && value !== null
      ? Object.values(value).flatMap(textsIn)
      : [];

/** The texts of a secret value that is given as JSON or as a plain text. */
function secretTexts(value: string): string[] {
  const inside = textsIn(parsedJson(value));
  const [whole] = inside.length === 1 ? inside : [value];
  return [whole ?? value, ...inside.filter((text) => text.length >= shortest.insideObject)];
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The secrets of an environment: the values of the variables whose name says so. */
export const environmentSecrets = (environment: NodeJS.ProcessEnv): string[] =>
  Object.entries(environment).flatMap(([name, value]) =>
    isSecretName(name) && value && value.length >= shortest.byName ? formsOf(value) : [],
  );

const markedSecrets = (values: readonly string[]): string[] =>
  values
    .flatMap(secretTexts)
    .filter((value) => value.length >= shortest.byMark)
    .flatMap(formsOf);

/** The secrets of a stack's configuration. */
export const configurationSecrets = (
  configuration: Readonly<Record<string, { readonly value: string; readonly secret?: boolean | undefined }>>,
): string[] =>
  markedSecrets(
    Object.values(configuration)
      .filter(({ secret }) => secret)
      .map(({ value }) => value),
  );

/** The engine marks a secret in a state that was exported with its secrets by this key and value. */
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

function* plaintextsIn(value: unknown): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  const { [signature]: mark, plaintext } = value as Partial<Record<string, unknown>>;
  if (mark === secretSignature && typeof plaintext === "string") yield plaintext;
  else for (const child of Object.values(value)) yield* plaintextsIn(child);
}

/** The secrets of a state: also values that were generated, and old values of the configuration. */
export const stateSecrets = (state: unknown): string[] => markedSecrets([...plaintextsIn(state)]);

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
