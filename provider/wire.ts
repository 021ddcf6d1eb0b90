import {
  isRpcSecret,
  specialSecretSig,
  specialSigKey,
  unknownValue,
  unwrapRpcSecret,
} from "@pulumi/pulumi/runtime/rpc";

/** Properties as they travel between the engine and us, after the secret wrappers were taken off. */
export interface Properties {
  readonly values: Readonly<Record<string, unknown>>;
  /** Top-level keys that hold a secret somewhere inside. */
  readonly secretKeys: ReadonlySet<string>;
  /** Top-level keys that hold a value the preview does not know yet somewhere inside. */
  readonly unknownKeys: ReadonlySet<string>;
}

type Found = { secret: boolean; unknown: boolean };

function plain(value: unknown, found: Found): unknown {
  if (isRpcSecret(value)) {
    found.secret = true;
    return plain(unwrapRpcSecret(value), found);
  }
  if (value === unknownValue) found.unknown = true;
  if (Array.isArray(value)) return value.map((item) => plain(item, found));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item, found)]));
  }
  return value;
}

/** Takes the secret wrappers off, remembering which top-level keys had one. */
export function parseProperties(raw: unknown): Properties {
  const values: Record<string, unknown> = {};
  const secretKeys = new Set<string>();
  const unknownKeys = new Set<string>();
  for (const [key, value] of Object.entries((raw ?? {}) as Record<string, unknown>)) {
    const found: Found = { secret: false, unknown: false };
    values[key] = plain(value, found);
    if (found.secret) secretKeys.add(key);
    if (found.unknown) unknownKeys.add(key);
  }
  return { values, secretKeys, unknownKeys };
}

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, withoutUndefined(item)]),
  );
}

/**
 * Puts properties into the form the engine takes: `undefined` left out (it fails the call otherwise, pulumi#2205) and
 * secret keys wrapped, whole. The engine does not restore secretness by itself.
 */
export function renderProperties(values: object, secretKeys: ReadonlySet<string>): Record<string, unknown> {
  const clean = withoutUndefined(values) as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(clean).map(([key, value]) => [
      key,
      secretKeys.has(key) ? { [specialSigKey]: specialSecretSig, value } : value,
    ]),
  );
}
