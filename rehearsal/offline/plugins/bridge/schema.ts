import type { Value } from "../value";

/** The kind of a property's value. `object` is a block that may occur at most once; Pulumi shows it as a map. */
type Shape = "text" | "number" | "flag" | "text-map" | "text-list" | "text-set" | "block-list" | "block-set" | "object";

/** One property of a bridged resource, as the upstream provider's schema declares it. */
export interface Property {
  readonly shape: Shape;
  /** The properties of each block. */
  readonly fields?: Schema;
  /** An `object` that is a set of one block in the provider's schema, not a list. */
  readonly fromSet?: true;
  /** The stand-in does not model it: an input is refused, and the state has its unset value. */
  readonly unmodelled?: true;
  readonly required?: true;
  /** The provider may set it when the program does not. */
  readonly computed?: true;
  /** The program cannot set it. */
  readonly readOnly?: true;
  readonly default?: Value;
  /** A change replaces the resource. */
  readonly replaces?: true;
  /** Marked as a secret in every answer. */
  readonly secret?: true;
  /** To remove it from the program is no change. */
  readonly sticky?: true;
  /** Without a value it is the resource's name and seven random digits, kept until the resource is replaced. */
  readonly autoname?: true;
}

export type Schema = Readonly<Record<string, Property>>;

/** The value of a property that nobody set; the blocks of a set have no null texts and collections. */
export function unset(property: Property, inSet: boolean): Value {
  switch (property.shape) {
    case "block-list":
    case "block-set":
      return [];
    case "text-list":
    case "text-set":
      return inSet ? [] : null;
    case "text":
      return inSet ? "" : null;
    case "number":
    case "flag":
    case "text-map":
    case "object":
      return null;
    default:
      return property.shape satisfies never;
  }
}

/** The zero value: an absent property equals it. */
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

/** True for a property that can hold several values. */
export const isCollection = ({ shape }: Property): boolean =>
  shape !== "text" && shape !== "number" && shape !== "flag";

/** The fields of a property that holds blocks. */
export const fieldsOf = (property: Property): Schema => property.fields ?? {};
