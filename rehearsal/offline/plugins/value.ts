/** A secret value. On the wire and in the state it is in a marked envelope. */
export class Secret {
  constructor(readonly value: Value) {}
}

/** A value that the engine does not know yet, because a preview does not create its resource. */
export const unknown: unique symbol = Symbol("unknown");

/** The value of a resource's property, without its wire form. */
export type Value = null | boolean | number | string | readonly Value[] | Secret | typeof unknown | Properties;

/** A resource's properties by name. A property that is `undefined` is not there. */
export interface Properties {
  readonly [name: string]: Value | undefined;
}

/** True for a map of properties, and for nothing else a Value can be. */
export const isProperties = (value: Value | undefined): value is Properties =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Secret);

/** True for a list of values. (`Array.isArray` alone does not narrow a readonly array.) */
export const isList = (value: Value | undefined): value is readonly Value[] => Array.isArray(value);

/** The value without any secret envelope, at any depth. */
function plain(value: Value): Value {
  if (value instanceof Secret) return plain(value.value);
  if (isList(value)) return value.map(plain);
  if (isProperties(value)) return plainProperties(value);
  return value;
}

/** The properties without any secret envelope, at any depth. */
export const plainProperties = (properties: Properties): Properties => mapProperties(properties, plain);

/** The properties with these marked as secrets, null included. */
export const withSecrets = (properties: Properties, names: readonly string[]): Properties =>
  mapProperties(properties, (value, name) =>
    names.includes(name) && !(value instanceof Secret) ? new Secret(value) : value,
  );

/** Applies a function to each property that is there. */
export const mapProperties = (properties: Properties, change: (value: Value, name: string) => Value): Properties =>
  Object.fromEntries(
    Object.entries(properties).flatMap(([name, value]) => (value === undefined ? [] : [[name, change(value, name)]])),
  );

/** True when an unknown hides anywhere in the value. */
export function hasUnknown(value: Value | undefined): boolean {
  if (value === unknown) return true;
  if (value instanceof Secret) return hasUnknown(value.value);
  if (isList(value)) return value.some(hasUnknown);
  return isProperties(value) && Object.values(value).some(hasUnknown);
}

/** Equality by content; secrets count by what they hold, and an unknown equals nothing, not even itself. */
export const sameValue = (left: Value, right: Value): boolean =>
  !hasUnknown(left) && !hasUnknown(right) && canonicalText(plain(left)) === canonicalText(plain(right));

/** One text for one content, whatever the order of the properties. Unknowns have none: they read as null. */
export const canonicalText = (value: Value): string =>
  JSON.stringify(value, (_key, part: Value | undefined) =>
    isProperties(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  );

/** A property that must be a text: "" where it is absent or null. */
export function text(properties: Properties, name: string): string {
  const value = properties[name];
  return typeof value === "string" ? value : "";
}

/** A property that must be a number: 0 where it is absent or null. */
export function count(properties: Properties, name: string): number {
  const value = properties[name];
  return typeof value === "number" ? value : 0;
}

/** A property that must be true or false: false where it is absent or null. */
export const flag = (properties: Properties, name: string): boolean => properties[name] === true;

/** A property that must be a list of texts: [] where it is absent or null. */
export function texts(properties: Properties, name: string): string[] {
  const value = properties[name];
  return isList(value) ? value.filter((item) => typeof item === "string") : [];
}

/** A property that must be a list of property maps: [] where it is absent or null. */
export function items(properties: Properties, name: string): Properties[] {
  const value = properties[name];
  return isList(value) ? value.filter(isProperties) : [];
}

/** A property that must be a map of properties: undefined where it is absent or null. */
export function group(properties: Properties, name: string): Properties | undefined {
  const value = properties[name];
  return isProperties(value) ? value : undefined;
}

/** A property that must be a map of texts: {} where it is absent or null. */
export function textMap(properties: Properties, name: string): Record<string, string> {
  const entries = Object.entries(group(properties, name) ?? {});
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}
