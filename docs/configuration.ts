import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "prettier";
import { configSchema, secretKeys } from "../config";
import { keysOf, type Key } from "../config/keys";
import { repositoryRoot } from "../repository";

interface Row {
  readonly key: string;
  readonly property: Key;
  readonly isRequired: boolean;
  /** The innermost section around the key that can be omitted. */
  readonly optionalSection?: string | undefined;
}

const code = (text: string): string => `\`${text}\``;

function typeOf({ type, enum: values, items }: Key): string {
  if (typeof type === "object") return "text";
  if (values) return values.map((value) => code(String(value))).join(", ");
  if (items?.properties) return "list of sections";
  if (items) return `list of ${typeOf(items)}`;
  return type === "object" ? "map of string to string" : (type ?? "any");
}

function defaultOf({ property, isRequired, optionalSection }: Row): string {
  if (isRequired) return optionalSection === undefined ? "required" : `required in ${code(optionalSection)}`;
  return property.default === undefined ? "none" : code(JSON.stringify(property.default));
}

/** The key of a list, and the keys of its sections. */
function listRows(row: Row, items: Key): Row[] {
  const element = { key: `${row.key}[]`, property: items, isRequired: false };
  return [row, ...rowsOf(element)];
}

/** The keys of a section and of the sections in it; or the key itself if it is no section. */
function rowsOf(row: Row): Row[] {
  const { key, property, isRequired } = row;
  const { additionalProperties: named } = property;
  if (named?.properties !== undefined)
    return rowsOf({ ...row, key: `${key}.<NAME>`, property: named, isRequired: false });
  if (property.items?.properties) return listRows(row, property.items);
  if (property.properties === undefined) return [row];
  const optionalSection = isRequired || property.default !== undefined ? row.optionalSection : key;
  return Object.entries(property.properties).flatMap(([name, child]) =>
    rowsOf({ key: `${key}.${name}`, property: child, isRequired: property.required.includes(name), optionalSection }),
  );
}

const cell = (text: string): string => text.replaceAll("|", "\\|");

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.map(cell).join(" | ")} |`).join("\n");

/** @throws Error that names the key, so that a new key cannot be forgotten in the reference. */
function meaningOf({ key, property }: Row): string {
  if (property.description === undefined) throw new Error(`config.ts: ${key} has no .describe(...)`);
  return property.description;
}

const keyTable = (rows: readonly Row[]): string =>
  table(
    ["Key", "Type", "Default", "Meaning"],
    rows.map((row) => [code(row.key), typeOf(row.property), defaultOf(row), meaningOf(row)]),
  );

function section(row: Row): string {
  const { key, property } = row;
  const hasKeys = property.properties ?? property.additionalProperties?.properties;
  const description = hasKeys ? [property.description ?? ""] : [];
  return [`## ${key}`, ...description, keyTable(rowsOf(row))].join("\n\n");
}

const introduction = `# Configuration

<!-- Made from config.ts by \`npm run docs:configuration\`. Do not edit. -->

These keys are in the stack file \`Pulumi.<stack>.yaml\` below \`config\`, each with the prefix \`memoryloop-infra:\`. The
program reads all of them at once and reports every problem in one message. \`Pulumi.prod.yaml\` is an example.

    pulumi config set --path 'app.memoryMb' 2048
    pulumi config set --path 'variables.LOG_LEVEL' info
    pulumi config set --path 'variables.API_KEY.secret' true
    pulumi config set --secret API_KEY`;

const secretTable = (): string =>
  table(
    ["Key", "Needed", "Meaning"],
    Object.entries(secretKeys).map(([key, { need, meaning }]) => [code(key), need, meaning]),
  );

function render(): string {
  const { properties = {}, required } = keysOf(configSchema);
  const sections = Object.entries(properties).map(([key, property]) =>
    section({ key, property, isRequired: required.includes(key) }),
  );
  const secrets = `## Secrets\n\nThe engine encrypts these values. They are never plain text in the stack file. Each secret of the section \`variables\` is a key, too.\n\n${secretTable()}`;
  return [introduction, ...sections, secrets].join("\n\n");
}

/** The text of docs/configuration.md. */
export const renderConfiguration = (): Promise<string> => format(render(), { parser: "markdown", printWidth: 120 });

async function main(): Promise<void> {
  writeFileSync(join(repositoryRoot, "docs", "configuration.md"), await renderConfiguration());
}

if (require.main === module) void main();
