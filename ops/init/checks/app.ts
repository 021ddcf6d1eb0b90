import { credentialIn } from "../../../host/credentials";
import { dataKinds, dataSchema, type DataDirectory } from "../../../host/data/inputs";
import { bad, good, isNone, type Form } from "../verdict";

/** How the guide writes the health check. */
export interface HealthAnswer {
  readonly path: string;
  readonly style: "status" | "http";
}

/** `/path`, with the word `http` where any answer with the status 200 is healthy. */
export function checkHealth(answer: string): Form<HealthAnswer> {
  const [path = "", word, ...rest] = answer.trim().split(/\s+/);
  const form = "give a path such as /api/health, and the word http if any answer with the status 200 is healthy";
  if (path.includes("://")) return bad(`${path} is a URL`, `leave out the site's name; ${form}`);
  if (!path.startsWith("/")) return bad(`"${answer.trim()}" is no path that begins with /`, form);
  if (/[?#]/.test(path)) return bad(`${path} has a query, which nginx does not match`, form);
  if (rest.length > 0 || (word !== undefined && word !== "http"))
    return bad(`"${answer.trim()}" has other words`, form);
  return good({ path, style: word === "http" ? "http" : "status" });
}

export const healthText = ({ path, style }: HealthAnswer): string => (style === "http" ? `${path} http` : path);

const dataForm = `give each as <path>:<kind>, such as /app/data:files; the kinds are ${dataKinds.join(", ")}; or none`;

function directoryOf(word: string): DataDirectory {
  const [path = "", kind = "files", subdirectory] = word.split(":");
  return { path, kind, ...(subdirectory !== undefined && { subdirectory }) };
}

/** `<path>[:<kind>[:<subdirectory>]]` for each directory, or `none`. */
export function checkData(answer: string): Form<readonly DataDirectory[]> {
  if (isNone(answer)) return good([], "the app keeps nothing: a release loses the files that it wrote");
  const words = answer.split(/[\s,]+/).filter(Boolean);
  const unknown = words.map(directoryOf).find(({ kind }) => !dataKinds.includes(kind));
  if (unknown !== undefined) return bad(`${unknown.path}: no kind of data is called ${unknown.kind}`, dataForm);
  const parsed = dataSchema.safeParse(words.map(directoryOf));
  if (parsed.success) return good(parsed.data);
  const issue = parsed.error.issues[0];
  return bad(`${words[Number(issue?.path[0] ?? 0)] ?? answer}: ${issue?.message ?? "not a directory"}`, dataForm);
}

export const dataText = (data: readonly DataDirectory[]): string =>
  data.length === 0
    ? "none"
    : data
        .map(({ path, kind, subdirectory }) => [path, kind, ...(subdirectory ? [subdirectory] : [])].join(":"))
        .join(" ");

/** A variable of the app, as the stack file declares it. */
export type Declared = string | { readonly secret: true; readonly generate?: true };

/** Variables by their names. */
export type DeclaredVariables = Readonly<Record<string, Declared>>;

const variablesForm =
  "give NAME=value for plain text, NAME for a secret that is asked next, NAME! for a generated one; or none";
/** A word; quotes keep spaces together. */
const words = /(?:[^\s"']|"[^"]*"|'[^']*')+/g;

function declarationOf(word: string): readonly [string, Declared] {
  const [, name = "", value] = /^([^=]*)=(.*)$/s.exec(word) ?? [];
  if (value !== undefined) return [name, value.replace(/^(["'])(.*)\1$/s, "$2")];
  return word.endsWith("!") ? [word.slice(0, -1), { secret: true, generate: true }] : [word, { secret: true }];
}

function checkVariable([name, declared]: readonly [string, Declared]): Form<never> | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    return bad(`"${name}" cannot be a variable's name: letters, digits and underscores`, variablesForm);
  const credential = typeof declared === "string" ? credentialIn(declared) : undefined;
  if (credential === undefined) return undefined;
  return bad(
    `the value of ${name} looks like ${credential}, and the stack file would show it`,
    `give ${name} without a value; the guide asks for it, hidden`,
  );
}

/** The variables of the app: `NAME=value`, `NAME` for a secret, `NAME!` for a generated secret. */
export function checkVariables(answer: string): Form<DeclaredVariables> {
  if (isNone(answer)) return good({});
  const declared = (answer.match(words) ?? []).map(declarationOf);
  const names = declared.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return bad(`${twice} has two values`, "give it once");
  return declared.map(checkVariable).find((verdict) => verdict !== undefined) ?? good(Object.fromEntries(declared));
}

const quoted = (value: string): string => (/[\s"']|^$/.test(value) ? `"${value}"` : value);

const variableText = ([name, declared]: readonly [string, Declared]): string =>
  typeof declared === "string" ? `${name}=${quoted(declared)}` : declared.generate ? `${name}!` : name;

export const variablesText = (variables: DeclaredVariables): string =>
  Object.entries(variables).map(variableText).join(" ") || "none";

/** The secrets of which the guide asks the value. */
export const secretNames = (variables: DeclaredVariables): string[] =>
  Object.entries(variables).flatMap(([name, declared]) =>
    typeof declared === "string" || declared.generate ? [] : [name],
  );

/** The value of a secret. */
export function checkSecret(name: string, answer: string): Form<string> {
  if (answer === "") return bad(`${name} has no value`, `give the value, or end the guide and leave ${name} out`);
  if (/[\r\n]/.test(answer)) return bad(`${name} has a line end`, "give one line, such as the base64 form");
  return good(answer);
}
