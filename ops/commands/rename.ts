import { readFileSync, writeFileSync } from "node:fs";
import type { Command } from "commander";
import { parseDocument } from "yaml";
import { z } from "zod";
import { renderProblem } from "../../host/inventory/rules";
import { examineRename, finishRename, prepareRename, type Names } from "../../host/rename/rename";
import type { PreflightArgs } from "../../host/preflight/preflight";
import { onHost, type Context, type GlobalOptions } from "../context";
import { openStack, policyPack, runEngine } from "../engine";
import { parseExpectations, projectName, readExpectations, sectionsOf, stackFileOf } from "../stack";

/** The names that an app gets. */
export interface NewNames {
  readonly name: string;
  /** The first name of the site. The present names stay behind it. */
  readonly domain?: string | undefined;
}

/** The stack file with the new names. Every other key, value and comment stays. */
export function renamedText(
  text: string,
  project: string,
  { name, domain }: NewNames,
  domains: readonly string[],
): string {
  const document = parseDocument(text);
  const app = ["config", `${project}:app`];
  document.setIn([...app, "name"], name);
  if (domain !== undefined) {
    document.deleteIn([...app, "domain"]);
    document.setIn([...app, "domains"], document.createNode([...new Set([domain, ...domains])]));
  }
  return document.toString({ lineWidth: 0 });
}

/** Keys of `variables` whose default names a domain of the site: the program does not change what the app reads. */
export function variablesWith(domain: string, variables: unknown): string[] {
  const entries = typeof variables === "object" && variables !== null ? Object.entries(variables) : [];
  return entries.filter(([, one]) => JSON.stringify(one).includes(domain)).map(([key]) => key);
}

/** The result of a rename. */
interface Renamed extends Names {
  readonly domains: readonly string[];
}

const renderRenamed = ({ former, name, domains }: Renamed): string =>
  [
    former === name ? `${name} keeps its name` : `${former} is ${name} now, with its data, backups and certificate`,
    `the site is ${domains.join(", ")}`,
  ].join("\n");

/** The stack file as it will be, and the comparison of its stack with the server. */
interface Plan {
  readonly file: string;
  readonly text: string;
  readonly expected: PreflightArgs;
}

/** @throws StackFileError when the new names are not valid. */
function planOf({ stack: name, configFile }: GlobalOptions, wanted: NewNames): Plan {
  const file = stackFileOf(name, configFile);
  const { domains } = readExpectations(name, configFile);
  const text = renamedText(readFileSync(file, "utf8"), projectName(), wanted, domains);
  return { file, text, expected: parseExpectations({ text, file, name }) };
}

/** Warns of variables that go on naming the former domain. */
function warnOfVariables({ text, expected }: Plan, former: string): void {
  if (expected.domains[0] === former) return;
  for (const key of variablesWith(former, sectionsOf(text, projectName())["variables"]))
    process.stderr.write(
      `warning: the variable ${key} names ${former}: change it when the app should name the new domain\n`,
    );
}

/** The app's name at the stack's last update; undefined before the first. The stack file can have the new name already. */
async function deployedName({ stack: name, configFile }: GlobalOptions): Promise<string | undefined> {
  const outputs = await (await openStack({ stack: name, configFile })).outputs();
  return z.string().optional().parse(outputs["app"]?.value);
}

/** @throws Error with every reason why the server cannot do it. Nothing was changed then. */
async function examined({ shell }: Context, { expected }: Plan, deployed: string): Promise<Names> {
  const { names, problems } = await examineRename(expected, deployed, shell);
  if (problems.length === 0) return names;
  const list = problems.map((problem) => `\n    - ${renderProblem(problem)}`).join("");
  throw new Error(`rename ${names.former}: ${list}\n  next: fix these and run the command again; nothing was changed`);
}

/** Runs `pulumi up`, which keeps the tag that serves. @throws Error when it fails. */
async function update({ stack: name, configFile }: GlobalOptions): Promise<void> {
  const stack = await openStack({ stack: name, configFile });
  const { code } = await runEngine("up", (options) => stack.up({ ...options, policyPacks: [policyPack] }));
  if (code === 0) return;
  throw new Error(
    `pulumi up failed with exit code ${code}; the cause is above, and the present release serves\n  next: fix the cause and run the same \`ops rename\` again: it continues where it ended`,
  );
}

/** The stack file is written once the server is prepared: from then on, a plain `pulumi up` continues as well. */
async function rename(context: Context, options: GlobalOptions, wanted: NewNames): Promise<void> {
  const { stack, shell, print } = context;
  const plan = planOf(options, wanted);
  const names = await examined(context, plan, (await deployedName(options)) ?? stack.app.name);
  const isAppRenamed = names.former !== names.name;
  if (!isAppRenamed && plan.expected.domains[0] === stack.app.domain)
    throw new Error(
      `the app is ${wanted.name} and its site is ${stack.app.domain} already: there is nothing to rename`,
    );
  warnOfVariables(plan, stack.app.domain);
  if (isAppRenamed) await shell.run(prepareRename(names));
  writeFileSync(plan.file, plan.text);
  await update(options);
  if (isAppRenamed) await shell.run(finishRename(names));
  print({ ...names, domains: plan.expected.domains }, renderRenamed);
}

/** `ops rename`. */
export const addRename = (program: Command): Command =>
  program
    .command("rename")
    .description(
      "give the app another name, its site another first domain, or both; no request is lost, and it can be run again",
    )
    .argument("<name>", "the app's name from now on; its present name to change the domain alone")
    .option("--domain <name>", "the first name of the site; the present names lead to it")
    .action((name: string, { domain }: { domain?: string }) =>
      onHost(program, (context) => rename(context, program.opts<GlobalOptions>(), { name, domain })),
    );
