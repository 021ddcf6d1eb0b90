import { configSchema, type Config } from "../config";
import type { Variables } from "../config/variables";

/** Values of the stack's configuration that rules compare resources with. */
export interface StackSettings extends Pick<
  Config,
  "app" | "data" | "host" | "image" | "variables" | "health" | "backups" | "pipeline"
> {
  /** Values of the secret keys. Rules look for them in fields that are stored in plain text. */
  readonly secrets: readonly string[];
}

/** A stack's configuration as the engine sends it to a policy pack: every value as text, secrets decrypted. */
export interface SentConfiguration {
  readonly project: string;
  readonly values: ReadonlyMap<string, string>;
  readonly secretKeys: readonly string[];
}

const comparedSchema = configSchema.pick({
  app: true,
  data: true,
  host: true,
  image: true,
  variables: true,
  health: true,
  backups: true,
  pipeline: true,
});

function parseValue(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A shorter value is found by chance in other texts. */
const shortestSecret = 12;

/** A variable that is declared as no secret is none for a reader of the state, also where its value is stored as one. */
const isPublic = (name: string, variables: Variables): boolean => variables[name]?.secret === false;

function secretsOf({ project, values, secretKeys }: SentConfiguration, variables: Variables): string[] {
  const published = secretKeys
    .filter((key) => isPublic(key.slice(project.length + 1), variables))
    .map((key) => values.get(key));
  return secretKeys
    .map((key) => values.get(key) ?? "")
    .filter((value) => value.length >= shortestSecret && !published.includes(value));
}

/** The settings in a configuration. Undefined for a malformed one, which the program itself refuses with a report. */
export function parseSettings(sent: SentConfiguration): StackSettings | undefined {
  const keys = Object.keys(comparedSchema.shape);
  const raw = Object.fromEntries(keys.map((key) => [key, parseValue(sent.values.get(`${sent.project}:${key}`))]));
  const parsed = comparedSchema.safeParse(raw);
  return parsed.success ? { ...parsed.data, secrets: secretsOf(sent, parsed.data.variables) } : undefined;
}

type Known = { kind: "unset" } | { kind: "awaited" } | { kind: "set"; settings: StackSettings | undefined };

let known: Known = { kind: "unset" };

/** Sets the settings for all rules of this process. */
export function setStackSettings(settings: StackSettings | undefined): void {
  known = { kind: "set", settings };
}

/** From now on a rule that needs the settings fails as long as they are not set. */
export function awaitStackSettings(): void {
  known = { kind: "awaited" };
}

/**
 * The settings of the stack. Undefined where rules run without an engine; then they check what needs no settings.
 * @throws Error when an engine runs the pack and has sent no configuration.
 */
export function stackSettings(): StackSettings | undefined {
  if (known.kind === "awaited") {
    throw new Error(
      "cannot check the stack: the engine sent no stack configuration to the policy pack\nFix: use version 3.250 or later of the Pulumi CLI",
    );
  }
  return known.kind === "set" ? known.settings : undefined;
}
