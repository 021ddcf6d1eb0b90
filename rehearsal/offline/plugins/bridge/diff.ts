import type { ChangeKind, Difference } from "../plugin";
import { unknown, isList, isProperties, type Properties, type Value } from "../value";
import { content, isSet, sameContent } from "./content";
import { fieldsOf, zero, type Property, type Schema } from "./schema";
import { planned } from "./state";

type Detailed = Record<string, ChangeKind>;

/** Differences between the state and the inputs, in the bridge's form. */
export function difference(
  schema: Schema,
  state: Properties,
  inputs: Properties,
  deleteBeforeReplace: boolean,
  recomputed: readonly string[] = [],
): Difference {
  const plan = planned(schema, state, inputs);
  const detailed: Detailed = Object.fromEntries(recomputed.map((name) => [name, "update" as const]));
  for (const [name, property] of Object.entries(schema)) {
    if (property.readOnly === true) continue;
    const change = changes(property, name, state[name] ?? null, plan[name] ?? null, inputs[name] ?? null);
    Object.assign(detailed, property.replaces === true ? replacing(change) : change);
  }
  const replaces = tops(detailed, (kind) => kind.endsWith("-replace"));
  const stables = Object.keys(schema).filter((name) => schema[name]?.replaces === true && !replaces.includes(name));
  return {
    changed: Object.keys(detailed).length > 0,
    diffs: tops(detailed, () => true),
    replaces,
    stables: stables.sort(),
    detailed,
    deleteBeforeReplace: deleteBeforeReplace && replaces.length > 0,
  };
}

function tops(detailed: Detailed, wanted: (kind: ChangeKind) => boolean): string[] {
  const paths = Object.keys(detailed).filter((path) => wanted(detailed[path] ?? "update"));
  return [...new Set(paths.map((path) => path.replace(/[.[].*$/, "")))].sort();
}

const asReplace = {
  add: "add-replace",
  "add-replace": "add-replace",
  delete: "delete-replace",
  "delete-replace": "delete-replace",
  update: "update-replace",
  "update-replace": "update-replace",
} as const satisfies Record<ChangeKind, ChangeKind>;

const replacing = (change: Detailed): Detailed =>
  Object.fromEntries(Object.entries(change).map(([path, kind]) => [path, asReplace[kind]]));

function changes(property: Property, path: string, old: Value, plan: Value, given: Value): Detailed {
  if (sameContent(property, old, plan)) return {};
  if (old === null || plan === null || plan === unknown) return { [path]: whole(old, plan) };
  if (isList(old) && isList(plan)) {
    if (isSet(property)) return setChanges(property, path, old, plan, isList(given) ? given : []);
    return listChanges(property, path, old, plan, isList(given) ? given : []);
  }
  if (isProperties(old) && isProperties(plan)) return mapChanges(property, path, old, plan, given);
  return { [path]: "update" };
}

function whole(old: Value | undefined, plan: Value | undefined): ChangeKind {
  if (old === null || old === undefined) return "add";
  return plan === null || plan === undefined ? "delete" : "update";
}

function mapChanges(property: Property, path: string, old: Properties, plan: Properties, given: Value): Detailed {
  const names = [...new Set([...Object.keys(old), ...Object.keys(plan)])].sort();
  const inputs = isProperties(given) ? given : {};
  return Object.assign(
    {},
    ...names.map((name) =>
      changes(
        fieldsOf(property)[name] ?? { shape: "text" },
        join(path, name),
        old[name] ?? null,
        plan[name] ?? null,
        inputs[name] ?? null,
      ),
    ),
  ) as Detailed;
}

/** A property path in the engine's spelling: a dot before a plain name, brackets and quotes around any other. */
const join = (path: string, name: string): string =>
  /^[A-Za-z_$][\w$]*$/.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`;

type Elements = readonly Value[];

function listChanges(property: Property, path: string, old: Elements, plan: Elements, given: Elements): Detailed {
  const longer = old.length > plan.length ? old : plan;
  return Object.assign(
    {},
    ...longer.map((_, index) => elementChanges(property, `${path}[${index}]`, old[index], plan[index], given[index])),
  ) as Detailed;
}

function elementChanges(property: Property, path: string, old?: Value, plan?: Value, given?: Value): Detailed {
  if (old === undefined || plan === undefined) return { [path]: whole(old, plan) };
  const element: Property = property.fields === undefined ? { shape: "text" } : { ...property, shape: "object" };
  return changes(element, path, old, plan, given ?? null);
}

/**
 * A set's elements are named by their place in the inputs. Where a planned element cannot be told from the inputs alone
 * (a text field was not given, and the plan says ""), the bridge names the whole set.
 */
function setChanges(property: Property, path: string, old: Elements, plan: Elements, given: Elements): Detailed {
  const text = (element: Value): string => content({ ...property, shape: setElement(property) }, element);
  const before = old.map(text);
  const after = plan.map(text);
  const removed = before.flatMap((element, index) => (after.includes(element) ? [] : [index]));
  const added = after.flatMap((element, index) => (before.includes(element) ? [] : [index]));
  if (added.some((index) => !tellable(property, given[index]))) return { [path]: "update" };
  const touched = [...new Set([...removed, ...added])].sort((a, b) => a - b);
  return Object.assign(
    {},
    ...touched.map((index) =>
      elementChanges(
        property,
        `${path}[${index}]`,
        removed.includes(index) ? old[index] : undefined,
        added.includes(index) ? plan[index] : undefined,
        given[index],
      ),
    ),
  ) as Detailed;
}

const setElement = (property: Property): "object" | "text" => (property.fields === undefined ? "text" : "object");

function tellable(property: Property, given: Value | undefined): boolean {
  if (!isProperties(given)) return given !== undefined;
  const fields = Object.entries(fieldsOf(property));
  return fields.every(([name, field]) => field.shape !== "text" || (given[name] ?? zero(field)) !== "");
}
