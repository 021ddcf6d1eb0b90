import { z } from "zod";

/** A key of the configuration, as JSON Schema describes it. */
export interface Key {
  /** More than one for a value that is a text, a number or a boolean. */
  readonly type?: string | readonly string[] | undefined;
  readonly description?: string | undefined;
  readonly default?: unknown;
  readonly enum?: readonly unknown[] | undefined;
  readonly properties?: Readonly<Record<string, Key>> | undefined;
  /** The keys of a section that must be set. */
  readonly required: readonly string[];
  /** Any further key, such as the name of a variable. */
  readonly additionalProperties?: Key | undefined;
  readonly items?: Key | undefined;
}

const keySchema: z.ZodType<Key> = z.object({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  description: z.string().optional(),
  default: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  get properties() {
    return z.record(z.string(), keySchema).optional();
  },
  required: z.array(z.string()).default([]),
  get additionalProperties() {
    return z.preprocess((value) => (typeof value === "object" ? value : undefined), keySchema.optional());
  },
  get items() {
    return keySchema.optional();
  },
});

/** The keys of a schema. */
export const keysOf = (schema: z.ZodType): Key =>
  keySchema.parse(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }));

type Path = readonly PropertyKey[];

/** The key at a path; undefined for a path that no key has. */
export function keyAt(key: Key | undefined, [step, ...rest]: Path): Key | undefined {
  if (step === undefined || key === undefined) return key;
  const child = typeof step === "number" ? key.items : (key.properties?.[String(step)] ?? key.additionalProperties);
  return keyAt(child, rest);
}

/** A path as `pulumi config set --path` takes it. */
export const pathText = ([first = "", ...rest]: Path): string =>
  [
    String(first),
    ...rest.map((step) => {
      if (typeof step === "number") return `[${step}]`;
      return /^[\w-]+$/.test(String(step)) ? `.${String(step)}` : `["${String(step)}"]`;
    }),
  ].join("");

/** The value at a path in parsed configuration. */
export const valueAt = (value: unknown, [step, ...rest]: Path): unknown =>
  step === undefined || typeof value !== "object" || value === null
    ? step === undefined
      ? value
      : undefined
    : valueAt((value as Record<PropertyKey, unknown>)[step], rest);
