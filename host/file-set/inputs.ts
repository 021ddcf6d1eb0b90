import { z } from "zod";
import { connectionSchema } from "../connection";

const mode = z.string().regex(/^0[0-7]{3}$|^[1-7][0-7]{3}$/, 'four octal digits, such as "0644"');
const owner = z.string().regex(/^[a-z0-9_][a-z0-9_-]*:[a-z0-9_][a-z0-9_-]*$/, 'user and group, such as "root:root"');
/** No byte that would break a line of the scripts' input. */
const pathText = z.string().regex(/^[^\0\t\n\r]+$/, "no tab or line break");
// "%" stands for "/" where the host keeps what it found at a path.
const absolutePath = pathText.regex(
  /^(\/(?!\.{1,2}(\/|$))[^/%]+)+$/,
  "an absolute path without '.', '..', '%' or a slash at the end",
);

export const entrySchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("file"),
    content: z.string(),
    mode: mode.default("0644"),
    owner: owner.default("root:root"),
    /** `json`: the content is a JSON object, and other keys of the server's file stay. */
    merge: z.literal("json").optional(),
  }),
  z.object({
    kind: z.literal("directory"),
    mode: mode.default("0755"),
    owner: owner.default("root:root"),
    /** `at-creation`: mode and owner are set when the directory is made, and are the app's business from then on. */
    ownership: z.enum(["enforced", "at-creation"]).default("enforced"),
  }),
  z.object({ kind: z.literal("link"), target: pathText }),
  z.object({ kind: z.literal("absent") }),
]);

const commandSchema = z.array(z.string().min(1)).min(1);

export const fileSetInputsSchema = z.object({
  connection: connectionSchema,
  /** Name of the set on its host: what it has taken is remembered there under this name. */
  set: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, "letters, digits, dots, dashes and underscores"),
  /** The app that the set belongs to: `PROJECT/STACK/APP`. Two owners never hold one set, whatever its name. */
  owner: z.string().regex(/^[\w.-]+\/[\w.-]+\/[a-z][a-z0-9-]*$/, "PROJECT/STACK/APP"),
  /**
   * Whether the sets of other owners may hold the same paths and units: `no`; `equal`: with equal content; `any`: this
   * set replaces their content.
   */
  sharing: z.enum(["no", "equal", "any"]).default("no"),
  entries: z.record(absolutePath, entrySchema),
  units: z
    .record(
      z.string().regex(/^[A-Za-z0-9@:_.\\-]+\.[a-z]+$/, 'a unit with its suffix, such as "nginx.service"'),
      z.object({
        /** Starts at boot. */
        enabled: z.boolean(),
        /** Runs now. */
        active: z.boolean(),
      }),
    )
    .default({}),
  validate: z.array(commandSchema).default([]),
  activate: z.array(commandSchema).default([]),
  inForce: z.array(commandSchema).default([]),
});

export type Entry = z.output<typeof entrySchema>;
export type Sharing = z.output<typeof fileSetInputsSchema>["sharing"];
export type FileSetInputs = z.output<typeof fileSetInputsSchema>;
export type UnitState = FileSetInputs["units"][string];

/** A set as it is on the host: entries and units as found, `inForce` the commands that succeed, all else as asked for. */
export type FileSetState = FileSetInputs;
