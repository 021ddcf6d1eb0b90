import { z } from "zod";
import { isObject } from "./is-object";
import { problem } from "./problem";

/** A YAML scalar as text. `config/scalars.ts` makes numbers text before, so that no digit is lost. */
const text = z
  .union([z.string(), z.number(), z.boolean()], { error: "a text, a number, true or false" })
  .transform(String);

const declarationSchema = z.strictObject({
  scope: z
    .enum(["runtime", "build", "both"])
    .default("runtime")
    .describe("Who gets it. `runtime`: the app. `build`: only the build of the image on GitHub. `both`: both of them."),
  secret: z
    .boolean()
    .default(false)
    .describe("Its value must never be plain text. The build gets it as a build secret, not as a build argument."),
  required: z.boolean().default(true).describe("Whether a missing value is an error."),
  default: text
    .optional()
    .describe("Its value, unless `pulumi config set --secret <NAME>` sets another. A secret has no default."),
  generate: z
    .boolean()
    .default(false)
    .describe("Without a value, the program generates one of 43 letters and digits, once, and keeps it."),
});

/** How one variable is declared. */
export type Variable = z.output<typeof declarationSchema>;

/** `NAME: text` is short for `NAME: { default: text }`. */
const withDefault = (value: unknown): unknown => (isObject(value) ? value : { default: value });

export const variablesSchema = z
  .record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "a variable's name has only letters, digits and underscores"),
    z.preprocess(withDefault, declarationSchema),
  )
  .default({})
  .describe(
    "The app's environment variables. `NAME: text` is short for `NAME: { default: text }`. `pulumi config set --secret <NAME>` sets a value that is no plain text.",
  );

/** Declarations by the names of the variables. */
export type Variables = z.output<typeof variablesSchema>;

/** Whether the app gets the variable when it runs. */
export const isForApp = ({ scope }: Variable): boolean => scope !== "build";

/** Whether the build of the image gets the variable. */
export const isForBuild = ({ scope }: Variable): boolean => scope !== "runtime";

/** Where the stack stores values, beside the declarations. */
interface StoredValues {
  /** Whether `pulumi config set <NAME>` set a value. */
  isSet(name: string): boolean;
  isSecret(name: string): boolean;
}

const setSecret = (name: string): string => `pulumi config set --secret ${name} (it asks for the value)`;
const setDefault = (name: string): string => `pulumi config set --path 'variables.${name}' <value>`;

function missingValue(name: string, variable: Variable): string[] {
  if (!variable.required || variable.generate || variable.default !== undefined || !isForApp(variable)) return [];
  return [problem(name, "missing", variable.secret ? setSecret(name) : `${setDefault(name)}, or: ${setSecret(name)}`)];
}

function storedValue(name: string, { secret, scope }: Variable, values: StoredValues): string[] {
  if (scope === "build") {
    const reason = "only the build of the image gets it, so the stack does not store it";
    const remedy = `ops pipeline init, which gives it to GitHub; then: pulumi config rm ${name}`;
    return [problem(name, reason, remedy)];
  }
  if (values.isSecret(name)) return [];
  return secret
    ? [problem(name, "is stored in plain text in the stack file; it must be a secret", setSecret(name))]
    : [problem(name, "is no key of its own", `${setDefault(name)}; pulumi config rm ${name}`)];
}

function contradictions(name: string, variable: Variable, values: StoredValues): string[] {
  const key = `variables.${name}`;
  const remove = (part: string): string => `pulumi config rm --path '${key}.${part}'`;
  const isPlainSecret = variable.secret && variable.default !== undefined && !values.isSecret("variables");
  return [
    ...(isPlainSecret
      ? [
          problem(
            `${key}.default`,
            "is a secret in plain text in the stack file",
            `${setSecret(name)}; ${remove("default")}`,
          ),
        ]
      : []),
    ...(variable.generate && variable.default !== undefined
      ? [problem(`${key}.generate`, "is set together with `default`", remove("generate"))]
      : []),
    ...(variable.generate && variable.scope === "build"
      ? [problem(`${key}.generate`, "the build of the image gets no generated value", remove("generate"))]
      : []),
    ...(isForBuild(variable) && /[\r\n]|\$\{\{/.test(variable.default ?? "")
      ? [
          problem(
            `${key}.default`,
            "a workflow cannot carry a line end or `${{`",
            `${remove("default")}; ops pipeline init`,
          ),
        ]
      : []),
  ];
}

/** Names that a variable must not have, because the stack's configuration has another key of that name. */
const reservedProblems = (name: string, reserved: readonly string[]): string[] =>
  reserved.includes(name)
    ? [
        problem(
          `variables.${name}`,
          "is the name of a key of this configuration",
          `pulumi config rm --path 'variables.${name}'`,
        ),
      ]
    : [];

/** Everything that is wrong with the declarations and the values that the stack stores for them. */
export const variableProblems = (
  variables: Variables,
  values: StoredValues,
  reserved: readonly string[] = [],
): string[] =>
  Object.entries(variables).flatMap(([name, variable]) => [
    ...reservedProblems(name, reserved),
    ...(values.isSet(name) ? storedValue(name, variable, values) : missingValue(name, variable)),
    ...contradictions(name, variable, values),
  ]);
