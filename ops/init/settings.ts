import { isObject } from "../../config/is-object";
import { parseConfig, type ConfigSource } from "../../config";
import type { Declared } from "./checks/app";
import type { Found } from "./found";
import type { Setting } from "./stack-text";

type Sections = Readonly<Record<string, unknown>>;

function merged(existing: unknown, declared: Declared): unknown {
  if (!isObject(existing)) return declared;
  return typeof declared === "string" ? { ...existing, default: declared } : { ...existing, ...declared };
}

/** The declarations; what the stack file says beside the answers, such as a scope, stays. */
function variables({ variables: declared = {} }: Found, existing: unknown): Record<string, unknown> {
  const before: Sections = isObject(existing) ? existing : {};
  return Object.fromEntries(Object.entries(declared).map(([name, value]) => [name, merged(before[name], value)]));
}

/** A list of names whose first one is the answer stays. */
function domainSettings({ domain }: Found, app: unknown): Setting[] {
  const domains: unknown = isObject(app) ? app["domains"] : undefined;
  if (Array.isArray(domains) && domains[0] === domain) return [];
  return [
    [["app", "domain"], domain],
    [["app", "domains"], undefined],
  ];
}

const appSettings = ({ name, image }: Found): Setting[] => [
  [["app", "name"], name],
  ...(image?.port === undefined ? [] : [[["app", "port"], image.port] as Setting]),
];

const hostSettings = ({ server, hostKey, adopt = [] }: Found): Setting[] => [
  [["host", "host"], server?.host],
  [["host", "port"], server?.port],
  [["host", "user"], server?.user],
  [["host", "hostKey"], hostKey],
  ...(adopt.length === 0 ? [] : [[["host", "adopt"], adopt] as Setting]),
];

const imageSettings = ({ image, username }: Found): Setting[] => [
  [["image", "repository"], image?.repository],
  ...(username === undefined ? [] : [[["image", "username"], username] as Setting]),
  ...(image?.isCommit === false ? [[["image", "tags"], "any"] as Setting] : []),
];

const backupSettings = ({ bucket, alerts }: Found): Setting[] =>
  bucket === undefined
    ? [[["backups"], undefined]]
    : [
        [["backups", "bucket"], bucket],
        [["backups", "alert", "deadManUrl"], alerts?.deadManUrl],
      ];

const pipelineSettings = ({ repository, infra }: Found, ref: string): Setting[] =>
  repository === undefined
    ? [[["pipeline"], undefined]]
    : [
        [["pipeline", "owner"], repository.owner],
        [["pipeline", "repository"], repository.repository],
        [["pipeline", "infra", "repository"], infra],
        [["pipeline", "infra", "ref"], ref],
      ];

/** The plain part of the stack file. `sections` is the existing file, `ref` the commit of this checkout. */
export const settingsOf = (found: Found, sections: Sections, ref: string): readonly Setting[] => [
  ...appSettings(found),
  ...domainSettings(found, sections["app"]),
  ...hostSettings(found),
  ...imageSettings(found),
  [["certificate", "email"], found.email],
  [["health", "path"], found.health?.path],
  [["health", "style"], found.health?.style],
  [["data"], found.data],
  [["variables"], variables(found, sections["variables"])],
  ...backupSettings(found),
  ...pipelineSettings(found, ref),
];

/** A value in the place of one that the engine encrypted, so that the rest can be checked. */
const hidden = "https://encrypted.test/";

function readable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readable);
  if (!isObject(value)) return value;
  if ("secure" in value) return hidden;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, readable(inner)]));
}

/**
 * Checks a stack file's sections together with the secrets that the engine stores later.
 * @throws ConfigError with every problem.
 */
export function assertComplete(sections: Sections, secrets: Readonly<Record<string, string>>, stack: string): void {
  const values: Sections = { ...(readable(sections) as Sections), ...secrets };
  const isSecret = (key: string): boolean => {
    const value = sections[key];
    return key in secrets || (isObject(value) && JSON.stringify(value).includes('"secure"'));
  };
  const source: ConfigSource = {
    keys: Object.keys(values),
    isSecret,
    get: (key) => {
      const value = values[key];
      return value === undefined || typeof value === "string" ? value : JSON.stringify(value);
    },
  };
  parseConfig(source, stack);
}
