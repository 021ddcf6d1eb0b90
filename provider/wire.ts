import {
  isRpcSecret,
  specialSecretSig,
  specialSigKey,
  unknownValue,
  unwrapRpcSecret,
} from "@pulumi/pulumi/runtime/rpc";

/** Properties between the engine and this plugin, without the wrappers of secrets. */
export interface Properties {
  readonly values: Readonly<Record<string, unknown>>;
  /** Top-level keys whose values contain a secret. */
  readonly secretKeys: ReadonlySet<string>;
  /** Top-level keys whose values contain a value that the preview does not know yet. */
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

/** Removes the wrappers of secrets, and records the top-level keys that had one. */
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
 * Renders properties for the engine. It leaves out `undefined`, which would fail the call (pulumi#2205), and wraps the
 * whole value of each secret key, because the engine does not restore the secret marks.
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
