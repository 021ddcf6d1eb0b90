import { unknown, hasUnknown, isList, isProperties, withSecrets, type Properties, type Value } from "../value";
import { sameContent } from "./content";
import { fieldsOf, isCollection, unset, zero, type Property, type Schema } from "./schema";

/** What the state will be after the inputs are applied, as far as that can be known before. */
export const planned = (schema: Schema, state: Properties | undefined, inputs: Properties): Properties =>
  fill(schema, (name, property) => {
    const given = inputs[name];
    if (given !== undefined && given !== null) return normal(property, given);
    const current = state?.[name] ?? null;
    if (property.sticky === true && state !== undefined) return current;
    if (property.computed === true) return state === undefined ? unknown : current;
    const absent = property.default ?? unset(property, false);
    return state !== undefined && sameContent(property, absent, current) ? current : absent;
  });

/**
 * The state right after `create`: the live one, but a collection that the program did not give stays as it was planned
 * (null, not empty), and so do the unset parts of blocks. Recorded; a later read says it otherwise.
 */
export const afterCreate = (schema: Schema, plan: Properties, live: Properties): Properties =>
  fill(schema, (name, property) => {
    const wish = plan[name] ?? null;
    const found = live[name];
    if (found === undefined) return hasUnknown(wish) ? unset(property, false) : wish;
    return isCollection(property) && sameContent(property, wish, found) ? wish : found;
  });

/** The state after `read`: the live one over what only the state knows, with the unset parts of blocks at zero. */
export const afterRead = (schema: Schema, state: Properties, live: Properties): Properties =>
  fill(schema, (name, property) => {
    const value = live[name] === undefined ? state[name] : live[name];
    return zeroed(property, value ?? unset(property, false));
  });

/** Marks what must not be seen, null included: the real bridge does so too. */
export const sealed = (schema: Schema, state: Properties): Properties =>
  withSecrets(
    state,
    Object.keys(schema).filter((name) => schema[name]?.secret === true),
  );

const fill = (schema: Schema, value: (name: string, property: Property) => Value): Properties =>
  Object.fromEntries(Object.entries(schema).map(([name, property]) => [name, value(name, property)]));

/** Every block with all of its fields. */
const normal = (property: Property, value: Value): Value =>
  eachBlock(property, value, (fields, block) =>
    fill(fields, (name, field) => {
      const given = block[name];
      if (given !== undefined && given !== null) return normal(field, given);
      return field.default ?? unset(field, true);
    }),
  );

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
