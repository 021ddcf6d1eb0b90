import { randomBytes } from "node:crypto";
import type { Checked } from "../plugin";
import { Secret, isList, isProperties, mapProperties, type Properties, type Value } from "../value";
import { fieldsOf, type Property, type Schema } from "./schema";

/** The key under which the bridge lists the inputs that it filled in. */
export const defaults = "__defaults";

type Failure = NonNullable<Checked["failures"]>[number];

/** The inputs with defaults, which are listed at every level, and with secrets marked; or what is wrong with them. */
export function checked(schema: Schema, news: Properties, checking: Checking): Checked {
  const inputs = named(schema, news, withDefaults(schema, news), checking);
  return { inputs, failures: [...missing(schema, inputs), ...unknownToStandIn(schema, news, "")] };
}

/** A resource that is checked: its name in the program, and its inputs before; none when it is created or replaced. */
interface Checking {
  readonly name: string;
  readonly olds: Properties;
}

const missing = (schema: Schema, news: Properties): Failure[] =>
  Object.keys(schema)
    .filter((name) => schema[name]?.required === true && news[name] === undefined)
    .map((property) => ({ property, reason: `Missing required argument: "${property}" is required` }));

/** Refuses inputs without effect at every level, because they would make a rehearsal wrong. */
const unknownToStandIn = (schema: Schema, news: Properties, path: string): Failure[] =>
  Object.entries(news).flatMap(([name, value]) => {
    if (name === defaults || value === undefined) return [];
    const property = schema[name];
    const at = path + name;
    if (property === undefined || property.unmodelled === true) return [failure(at)];
    if (property.fields === undefined) return [];
    const fields = fieldsOf(property);
    if (isProperties(value)) return unknownToStandIn(fields, value, `${at}.`);
    const blocks = isList(value) ? value : [];
    return blocks.flatMap((block, index) =>
      isProperties(block) ? unknownToStandIn(fields, block, `${at}[${index}].`) : [],
    );
  });

const failure = (property: string): Failure => ({
  property,
  reason: `the rehearsal's stand-in does not model "${property}": add it under rehearsal/offline/plugins`,
});

const automatic = (name: string): string => `${name}-${randomBytes(4).toString("hex").slice(0, 7)}`;

/** Adds a name if the program gives none. The name counts as a default, and a name from an earlier check stays. */
function named(schema: Schema, given: Properties, inputs: Properties, { name, olds }: Checking): Properties {
  const missing = Object.keys(schema).filter((key) => schema[key]?.autoname === true && given[key] === undefined);
  if (missing.length === 0) return inputs;
  const earlier = isList(olds[defaults]) ? olds[defaults] : [];
  const listed = isList(inputs[defaults]) ? inputs[defaults] : [];
  const names: Properties = Object.fromEntries(
    missing.map((key) => [key, earlier.includes(key) ? olds[key] : automatic(name)]),
  );
  return { ...inputs, ...names, [defaults]: [...listed, ...missing].sort() };
}

function withDefaults(schema: Schema, given: Properties): Properties {
  const added = Object.keys(schema).filter((name) => given[name] === undefined && hasDefault(schema[name]));
  const filled: Properties = { ...given, ...Object.fromEntries(added.map((name) => [name, schema[name]?.default])) };
  return { [defaults]: added.sort(), ...mapProperties(filled, (value, name) => input(schema[name], value)) };
}

/** The bridge does not list a default that is a zero value. */
const hasDefault = (property: Property | undefined): boolean => Boolean(property?.default);

function input(property: Property | undefined, value: Value): Value {
  if (property?.secret === true && !(value instanceof Secret)) return new Secret(value);
  if (property?.fields === undefined) return value;
  const fields = fieldsOf(property);
  if (isList(value)) return value.map((item) => (isProperties(item) ? withDefaults(fields, item) : item));
  return isProperties(value) ? withDefaults(fields, value) : value;
}
