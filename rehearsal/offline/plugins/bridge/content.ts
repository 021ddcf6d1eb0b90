import { canonicalText, hasUnknown, isList, isProperties, unknown, type Properties, type Value } from "../value";
import { fieldsOf, zero, type Property } from "./schema";

/** Equality as the provider sees it: absent, null and zero are equal, and a set has no order. */
export const sameContent = (property: Property, left: Value, right: Value): boolean =>
  !hasUnknown(left) && !hasUnknown(right) && content(property, left) === content(property, right);

/** A text that is equal for equal content of a property. */
export const content = (property: Property, value: Value | undefined): string =>
  canonicalText(standard(property, value ?? zero(property)));

function standard(property: Property, value: Value): Value {
  if (isList(value)) {
    const elements = value.map((item) => (isProperties(item) ? standardBlock(property, item) : item));
    return hasOrder(property) ? elements : [...elements].sort((a, b) => (canonicalText(a) < canonicalText(b) ? -1 : 1));
  }
  return isProperties(value) && property.shape === "object" ? standardBlock(property, value) : value;
}

const standardBlock = (property: Property, block: Properties): Properties =>
  Object.fromEntries(
    Object.entries(fieldsOf(property)).map(([name, field]) => [name, standard(field, block[name] ?? zero(field))]),
  );

const hasOrder = ({ shape }: Property): boolean => shape !== "text-set" && shape !== "block-set";

/** True for a set of the provider's schema. A set of one block is an object in Pulumi. */
export const isSet = (property: Property): boolean => !hasOrder(property) || property.fromSet === true;

/**
 * The value with every set in the order of cty, Terraform's value library: texts by their bytes, blocks by the bytes
 * of their fields (`appendSetHashBytes` in its set_internals.go).
 */
export function inSetOrder(property: Property, value: Value): Value {
  if (isProperties(value)) return property.fields === undefined ? value : orderedBlock(property, value);
  if (!isList(value)) return value;
  const elements = value.map((item) => (isProperties(item) ? orderedBlock(property, item) : item));
  return hasOrder(property) ? elements : elements.sort((a, b) => Buffer.compare(orderKey(a), orderKey(b)));
}

const orderedBlock = (property: Property, block: Properties): Properties =>
  Object.fromEntries(
    Object.entries(block).map(([name, value]) => {
      const field = fieldsOf(property)[name];
      return [name, field === undefined || value === undefined ? value : inSetOrder(field, value)];
    }),
  );

/** A text sorts by its own bytes. Every other element sorts by its hash bytes. */
const orderKey = (element: Value): Buffer => Buffer.from(typeof element === "string" ? element : hashBytes(element));

function hashBytes(value: Value | undefined): string {
  if (value === unknown) return "?";
  if (value === null || value === undefined) return "~";
  if (typeof value === "boolean") return value ? "T" : "F";
  if (isList(value)) return `[${value.map((item) => `${hashBytes(item)};`).join("")}]`;
  if (isProperties(value))
    return `<${sortedNames(value)
      .map((name) => `${hashBytes(value[name])};`)
      .join("")}>`;
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}

const sortedNames = (block: Properties): string[] => Object.keys(block).sort();
