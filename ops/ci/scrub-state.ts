import { createHash } from "node:crypto";
import { z } from "zod";
import { isObject } from "../../config/is-object";

/** The engine's mark on a value that is not plain, and its mark for a secret. */
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
/** A shorter text, such as a file mode, occurs by chance. */
const shortestSecret = 8;

const propertiesSchema = z.record(z.string(), z.unknown()).default({});
const resourceSchema = z.looseObject({
  id: z.string().optional(),
  urn: z.string(),
  type: z.string(),
  inputs: propertiesSchema,
  outputs: propertiesSchema,
});

/** What `pulumi stack export --show-secrets` prints. */
export const openStateSchema = z.object({
  version: z.number(),
  deployment: z.looseObject({ resources: z.array(resourceSchema).default([]) }),
});

export type OpenState = z.output<typeof openStateSchema>;
type Resource = OpenState["deployment"]["resources"][number];
type Properties = Readonly<Record<string, unknown>>;

/** The inputs of each resource as the program registers them, by {@link resourceKey}. */
export type ProgramInputs = Readonly<Record<string, Properties>>;

/** The values that the base branch's program computes from the real secrets and from the dummies. */
export interface ProgramRuns {
  readonly real: ProgramInputs;
  readonly dummy: ProgramInputs;
}

/** A dummy for the secret at a position: equal positions have equal dummies. It is a URL, which every check accepts. */
export const dummyAt = (position: string): string =>
  `https://dummy-${createHash("sha256").update(position).digest("hex").slice(0, 16)}.invalid`;

/** The name of a resource for the program: its type and its logical name. */
export const resourceKey = (type: string, name: string): string => `${type}::${name}`;

const nameOf = ({ urn }: Resource): string => urn.split("::").at(-1) ?? "";

const isSecret = (value: unknown): value is { plaintext: string } =>
  isObject(value) && value[signature] === secretSignature;

const child = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;

/** A structure inside a text, such as the registry logins of the Docker provider. */
function structureIn(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const structureOf = (value: unknown): unknown => (typeof value === "string" ? structureIn(value) : undefined);

/** A value of the state, where it is, and what the program computes there. */
interface Place {
  readonly value: unknown;
  readonly at: string;
  readonly real: unknown;
  readonly dummy: unknown;
}

const below = ({ value, at, real, dummy }: Place, key: string): Place => ({
  value: child(value, key),
  at: `${at}.${key}`,
  real: child(real, key),
  dummy: child(dummy, key),
});

/** The structure with each of its values replaced. */
function mapBelow(place: Place, replace: (place: Place) => unknown): unknown {
  const { value } = place;
  if (Array.isArray(value)) return value.map((_, index) => replace(below(place, String(index))));
  return Object.fromEntries(Object.keys(value as object).map((key) => [key, replace(below(place, key))]));
}

/**
 * A value that is secret. When the program computes exactly this value from the real secrets, the result is what it
 * computes from the dummies, so that a preview shows no difference. Any other value gets the dummy of its position.
 */
function scrubSecret(place: Place): unknown {
  const { value, at, real, dummy } = place;
  if (isSecret(value)) return scrubSecret({ ...place, value: JSON.parse(value.plaintext) as unknown });
  if (typeof value === "object" && value !== null) return mapBelow(place, scrubSecret);
  const inside = structureOf(value);
  if (inside !== undefined)
    return JSON.stringify(scrubSecret({ value: inside, at, real: structureOf(real), dummy: structureOf(dummy) }));
  if (real === value && dummy !== undefined) return dummy;
  return typeof value === "number" ? 0 : typeof value === "boolean" ? false : value === null ? null : dummyAt(at);
}

function scrubValue(place: Place): unknown {
  const { value } = place;
  if (isSecret(value)) return { [signature]: secretSignature, plaintext: JSON.stringify(scrubSecret(place)) };
  return typeof value === "object" && value !== null ? mapBelow(place, scrubValue) : value;
}

function scrubResource(resource: Resource, { real, dummy }: ProgramRuns): Resource {
  const key = resourceKey(resource.type, nameOf(resource));
  const part = (name: "inputs" | "outputs") =>
    scrubValue({
      value: resource[name],
      at: `${resource.urn}#${name}`,
      real: real[key],
      dummy: dummy[key],
    }) as Properties;
  return { ...resource, inputs: part("inputs"), outputs: part("outputs") };
}

const noRuns: ProgramRuns = { real: {}, dummy: {} };

/** A resource as the program's run needs it. */
export interface KnownResource {
  readonly id: string;
  readonly outputs: Properties;
}

/** Takes the marks of secrets off. */
function opened(value: unknown): unknown {
  if (isSecret(value)) return opened(JSON.parse(value.plaintext));
  if (Array.isArray(value)) return value.map(opened);
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, opened(one)])) : value;
}

const known = (resource: Resource): [string, KnownResource] => [
  resourceKey(resource.type, nameOf(resource)),
  { id: resource.id ?? "", outputs: opened(resource.outputs) as Properties },
];

/** The resources for a run of the program: with the real secrets, or with the dummies of their positions. */
export const knownResources = (state: OpenState, secrets: "real" | "dummy"): Record<string, KnownResource> =>
  Object.fromEntries(
    state.deployment.resources.map((one) => known(secrets === "real" ? one : scrubResource(one, noRuns))),
  );

function* textsIn(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (typeof value === "object" && value !== null)
    for (const [key, one] of Object.entries(value)) {
      yield key;
      yield* textsIn(one);
    }
}

/** The texts inside of secrets. */
function* secretTexts(value: unknown): Generator<string> {
  if (isSecret(value)) yield* textsIn(opened(value));
  else if (typeof value === "object" && value !== null) for (const one of Object.values(value)) yield* secretTexts(one);
}

/**
 * Secret texts of the state that may not occur in the scrubbed one. A text inside a secret that the dummies do not change,
 * such as a file's mode, is in the program's source and no secret.
 */
function forbiddenTexts(state: OpenState, scrubbed: OpenState): string[] {
  const kept = new Set(secretTexts(scrubbed.deployment.resources));
  return [...secretTexts(state.deployment.resources)].filter((text) => !kept.has(text));
}

function assertClean(scrubbed: OpenState, secrets: readonly string[]): void {
  const long = [...new Set(secrets)].filter((text) => text.length >= shortestSecret);
  const leaky = scrubbed.deployment.resources.filter((resource) =>
    [...textsIn(opened(resource))].some((text) => long.some((secret) => text.includes(secret))),
  );
  if (leaky.length === 0) return;
  const names = leaky.map(({ urn }) => `  ${urn}`).join("\n");
  throw new Error(
    `scrub the state: a secret is outside of its place in ${leaky.length} resource(s), so nothing is published:\n${names}\n  next: npm run scan:state`,
  );
}

/**
 * The state without its secrets, for the previews of pull requests. Its structure stays, so that a preview shows what a
 * pull request changes. The proof of the passphrase (`secrets_providers`) and unfinished operations are left out.
 * @param configSecrets the secrets of the stack's configuration, none of which may occur in the result.
 * @throws Error that names the resources when a secret occurs outside of a secret.
 */
export function scrubState(state: OpenState, runs: ProgramRuns, configSecrets: readonly string[]): OpenState {
  const resources = state.deployment.resources.map((resource) => scrubResource(resource, runs));
  const scrubbed = { version: state.version, deployment: { resources } };
  assertClean(scrubbed, [...configSecrets, ...forbiddenTexts(state, scrubbed)]);
  return scrubbed;
}
