import type { Value } from "../value";

/** What a property holds. `object` is a block that may occur once and shows as a map. */
type Shape = "text" | "number" | "flag" | "text-map" | "text-list" | "text-set" | "block-list" | "block-set" | "object";

/** One property of a bridged resource, as the upstream provider's schema declares it. */
export interface Property {
  readonly shape: Shape;
  /** The properties of a block's elements. */
  readonly fields?: Schema;
  readonly required?: true;
  /** The provider may set it where the program does not. */
  readonly computed?: true;
  /** The program cannot set it. */
  readonly readOnly?: true;
  readonly default?: Value;
  /** A change asks for a new resource. */
  readonly replaces?: true;
  /** Marked as a secret wherever it goes out. */
  readonly secret?: true;
  /** Not giving it any more is no change. */
  readonly sticky?: true;
}

export type Schema = Readonly<Record<string, Property>>;

/** The value a property has when nobody gave it one. */
export function unset(property: Property, nested: boolean): Value {
  switch (property.shape) {
    case "block-list":
    case "block-set":
      return [];
    case "text-list":
    case "text-set":
      return nested ? [] : null;
    case "text":
      return nested ? "" : null;
    case "number":
    case "flag":
    case "text-map":
    case "object":
      return null;
    default:
      return property.shape satisfies never;
  }
}

/** The value that counts as nothing: an absent property equals it. */
export function zero(property: Property): Value {
  switch (property.shape) {
    case "text":
      return "";
    case "number":
      return 0;
    case "flag":
      return false;
    case "text-map":
    case "object":
      return {};
    case "text-list":
    case "text-set":
    case "block-list":
    case "block-set":
      return [];
    default:
      return property.shape satisfies never;
  }
}

/** True for properties that hold several values. */
export const isCollection = ({ shape }: Property): boolean =>
  shape !== "text" && shape !== "number" && shape !== "flag";

/** The elements' schema of a property that holds blocks. */
export const fieldsOf = (property: Property): Schema => property.fields ?? {};
