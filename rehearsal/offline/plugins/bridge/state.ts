import { hasUnknown, isList, isProperties, unknown, withSecrets, type Properties, type Value } from "../value";
import { inSetOrder, isSet, sameContent } from "./content";
import { fieldsOf, isCollection, unset, zero, type Property, type Schema } from "./schema";

/** The state that the inputs ask for, as far as it can be known before the resource is written. */
export const planned = (schema: Schema, state: Properties | undefined, inputs: Properties): Properties =>
  fill(schema, (name, property) => {
    const given = inputs[name];
    const current = state?.[name] ?? null;
    if (given !== undefined && given !== null) return normal(property, given, current);
    if (property.sticky === true && state !== undefined) return current;
    if (property.computed === true || property.readOnly === true) return state === undefined ? unknown : current;
    const absent = property.default ?? unset(property, false);
    return state !== undefined && sameContent(property, absent, current) ? current : absent;
  });

/**
 * The state after a write. The live values win, with the exceptions of Terraform's SDK (`normalizeNullValues` in its
 * grpc_provider.go): a planned set stays as planned, and null and empty collections stay as planned.
 */
export const afterWrite = (schema: Schema, plan: Properties, live: Properties): Properties =>
  fill(schema, (name, property) => written(property, plan[name] ?? null, live[name]));

function written(property: Property, plan: Value, live: Value | undefined): Value {
  if (isBlock(property) && isProperties(plan) && isProperties(live))
    return fill(fieldsOf(property), (name, field) => written(field, plan[name] ?? null, live[name]));
  const known = !hasUnknown(plan);
  if (live === undefined) return known ? plan : unset(property, false);
  if (!known) return live;
  if (isCollection(property) && isEmpty(plan) && isEmpty(live)) return plan;
  if (plan === null) return live;
  return isSet(property) || live === null ? plan : live;
}

/** A block that is no set: each of its fields is decided by itself. */
const isBlock = (property: Property): boolean => property.shape === "object" && property.fromSet !== true;

const isEmpty = (value: Value): boolean =>
  value === null || (isList(value) && value.length === 0) || (isProperties(value) && Object.keys(value).length === 0);

/** The state after `read`: the live values over the values that only the state has. Unset parts of blocks are zero. */
export const afterRead = (schema: Schema, state: Properties, live: Properties): Properties =>
  fill(schema, (name, property) => {
    const value = live[name] === undefined ? state[name] : live[name];
    return zeroed(property, value ?? unset(property, false));
  });

/** The properties as the bridge sends them: sets in their order, and secrets marked, null included. */
export const sent = (schema: Schema, state: Properties): Properties =>
  withSecrets(
    Object.fromEntries(
      Object.entries(state).map(([name, value]) => {
        const property = schema[name];
        return [name, property === undefined || value === undefined ? value : inSetOrder(property, value)];
      }),
    ),
    Object.keys(schema).filter((name) => schema[name]?.secret === true),
  );

const fill = (schema: Schema, value: (name: string, property: Property) => Value): Properties =>
  Object.fromEntries(Object.entries(schema).map(([name, property]) => [name, value(name, property)]));

/** Every block with all of its fields. In an object an unset field, or a list, keeps its current value when that is no change. */
function normal(property: Property, value: Value, current: Value, inSet = isSet(property)): Value {
  const before = isProperties(current) ? current : {};
  return eachBlock(property, value, (fields, block) =>
    fill(fields, (name, field) => {
      const given = block[name];
      const now = before[name] ?? null;
      if (given !== undefined && given !== null) {
        const wanted = normal(field, given, now, inSet || isSet(field));
        return isList(now) && sameContent(field, wanted, now) ? now : wanted;
      }
      if (field.computed === true) return isProperties(current) ? now : unknown;
      const absent = field.default ?? unset(field, inSet);
      return isProperties(current) && sameContent(field, absent, now) ? now : absent;
    }),
  );
}

const zeroed = (property: Property, value: Value): Value =>
  eachBlock(property, value, (fields, block) =>
    fill(fields, (name, field) => {
      const given = block[name] ?? null;
      if (given !== null) return zeroed(field, given);
      return field.shape === "object" ? null : zero(field);
    }),
  );

function eachBlock(property: Property, value: Value, change: (fields: Schema, block: Properties) => Properties): Value {
  if (property.fields === undefined) return value;
  const fields = fieldsOf(property);
  if (isList(value)) return value.map((block) => (isProperties(block) ? change(fields, block) : block));
  return isProperties(value) ? change(fields, value) : value;
}
