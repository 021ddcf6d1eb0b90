import { canonicalText, hasUnknown, isList, isProperties, type Properties, type Value } from "../value";
import { fieldsOf, zero, type Property } from "./schema";

/** Equality as the upstream provider sees it: absent, null and zero are one, and a set has no order. */
export const sameContent = (property: Property, left: Value, right: Value): boolean =>
  !hasUnknown(left) && !hasUnknown(right) && content(property, left) === content(property, right);

/** One text for one content of a property. */
export const content = (property: Property, value: Value | undefined): string =>
  canonicalText(standard(property, value ?? zero(property)));

function standard(property: Property, value: Value): Value {
  if (isList(value)) {
    const elements = value.map((item) => (isProperties(item) ? standardBlock(property, item) : item));
    return isSet(property) ? [...elements].sort((a, b) => (canonicalText(a) < canonicalText(b) ? -1 : 1)) : elements;
  }
  return isProperties(value) && property.shape === "object" ? standardBlock(property, value) : value;
}

const standardBlock = (property: Property, block: Properties): Properties =>
  Object.fromEntries(
    Object.entries(fieldsOf(property)).map(([name, field]) => [name, standard(field, block[name] ?? zero(field))]),
  );

/** True for collections whose order means nothing. */
export const isSet = ({ shape }: Property): boolean => shape === "text-set" || shape === "block-set";
