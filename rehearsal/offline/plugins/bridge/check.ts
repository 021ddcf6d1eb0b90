import type { Checked } from "../plugin";
import { Secret, isList, isProperties, mapProperties, type Properties, type Value } from "../value";
import { fieldsOf, type Property, type Schema } from "./schema";

/** The key under which the bridge lists the inputs that it filled in. */
export const defaults = "__defaults";

/** Inputs with defaults filled in and listed at every level, secrets marked; missing and unknown ones are failures. */
export function checked(schema: Schema, news: Properties): Checked {
  const inputs = withDefaults(schema, news);
  const missing = Object.keys(schema).filter((name) => schema[name]?.required === true && news[name] === undefined);
  const strange = Object.keys(news).filter((name) => schema[name] === undefined && name !== defaults);
  return {
    inputs,
    failures: [
      ...missing.map((property) => ({ property, reason: `Missing required argument: "${property}" is required` })),
      ...strange.map((property) => ({ property, reason: `the rehearsal's stand-in does not know "${property}"` })),
    ],
  };
}

function withDefaults(schema: Schema, given: Properties): Properties {
  const added = Object.keys(schema).filter((name) => given[name] === undefined && hasDefault(schema[name]));
  const filled: Properties = { ...given, ...Object.fromEntries(added.map((name) => [name, schema[name]?.default])) };
  return { [defaults]: added.sort(), ...mapProperties(filled, (value, name) => input(schema[name], value)) };
}

/** A default that is a zero value is not written down by the bridge. */
const hasDefault = (property: Property | undefined): boolean => Boolean(property?.default);

function input(property: Property | undefined, value: Value): Value {
  if (property?.secret === true && !(value instanceof Secret)) return new Secret(value);
  if (property?.fields === undefined) return value;
  const fields = fieldsOf(property);
  if (isList(value)) return value.map((item) => (isProperties(item) ? withDefaults(fields, item) : item));
  return isProperties(value) ? withDefaults(fields, value) : value;
}
