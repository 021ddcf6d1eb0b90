import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { projectName, sectionsOf, stackFileOf } from "../stack";
import { edges, isTracked, readCheckout } from "./edges";
import { answersIn, knownOf, storedSecrets, type Answers } from "./existing";
import { nothingFound, type Found } from "./found";
import { askAll, InitError, type Asker, type Prepared } from "./guide";
import { deployCommand, prepareCommands, previewCommand, runEngine, type EngineCommand, type Target } from "./launch";
import { questionsFor, repositoryIn } from "./questions";
import { assertComplete, settingsOf } from "./settings";
import { stackText } from "./stack-text";

/** How the guide is started. */
export interface InitOptions {
  readonly stack: string;
  readonly configFile?: string | undefined;
  /** Answers of flags. */
  readonly flags: Answers;
  /** File with answers by the keys of the questions. */
  readonly answersFile?: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
}

/** The result of the guide. */
export interface InitResult {
  readonly stack: string;
  readonly stackFile: string;
  readonly domain: string;
  readonly tag: string;
  readonly deployed: boolean;
}

const answersSchema = z.record(z.string(), z.union([z.string(), z.number()]).transform(String));

/** The answers of a YAML file. @throws InitError when it is no map of texts. */
function readAnswers(file: string): Answers {
  if (!existsSync(file)) throw new InitError(`there is no ${file}\n  next: give the path of a YAML file with answers`);
  const parsed = answersSchema.safeParse(parse(readFileSync(file, "utf8")) ?? {});
  if (parsed.success) return parsed.data;
  throw new InitError(
    `${file}: ${z.prettifyError(parsed.error)}\n  next: write one line for each answer, such as domain: shop.mysite.org`,
  );
}

/** @throws InitError for a stack file that git tracks: the answers do not belong into commits of this program. */
async function assertUntracked(file: string): Promise<void> {
  if (await isTracked(file))
    throw new InitError(
      `${file} is tracked by git, so the guide does not change it\n  next: choose another stack, such as --stack live`,
    );
}

const sectionsIn = (text: string | undefined, project: string): Record<string, unknown> =>
  text === undefined ? {} : sectionsOf(text, project);

/** Secrets that the engine stores. The webhook is one: everyone who knows it can send messages. */
function secretsOf({ secrets, alerts }: Found): Readonly<Record<string, string>> {
  const webhook = alerts?.webhook;
  return webhook === undefined ? secrets : { ...secrets, "alerts.webhook": webhook };
}

const targetOf = ({ stack, configFile, environment }: InitOptions, { state, environment: found }: Found): Target => ({
  stack,
  environment: {
    ...environment,
    ...(configFile !== undefined && { PULUMI_OPTION_CONFIG_FILE: configFile }),
    ...(state !== undefined && { PULUMI_BACKEND_URL: state }),
    ...found,
  },
});

async function confirmed(asker: Asker, prepared: Prepared, message: string): Promise<boolean> {
  const question = { key: "deploy", message, kind: "confirm", judge: () => Promise.reject(new Error()) } as const;
  return /^y(es)?$/i.test(prepared.given["deploy"] ?? (await asker.ask(question, message, "yes")));
}

/**
 * Asks the questions, writes the stack file, previews it and, if the operator agrees, makes the first deployment. It can be
 * run again: the answers of an existing stack file are the defaults.
 * @throws InitError when it cannot go on. Before the stack file is written, nothing was changed.
 */
export async function init(options: InitOptions, asker: Asker): Promise<InitResult> {
  const { stack, environment } = options;
  const [file, project] = [stackFileOf(stack, options.configFile), projectName()];
  await assertUntracked(file);
  const existing = existsSync(file) ? readFileSync(file, "utf8") : undefined;
  const sections = sectionsIn(existing, project);
  const { remote, commit } = await readCheckout();
  const given = { ...(options.answersFile === undefined ? {} : readAnswers(options.answersFile)), ...options.flags };
  const prepared = { given, defaults: answersIn(sections), environment };
  const [known, stored] = [knownOf(sections), storedSecrets(sections)];
  const isNameGiven = given["name"] !== undefined;
  const questions = questionsFor({ project, stack, known, stored, environment, remote, isNameGiven, edges });
  const answers = await askAll(questions, nothingFound, prepared, asker);
  const found = { infra: known.pipeline?.infra.repository ?? repositoryIn(remote), ...answers };
  const text = stackText(existing, project, settingsOf(found, sections, commit));
  assertComplete(sectionsOf(text, project), found.secrets, stack);
  writeFileSync(file, text);
  asker.note(`written: ${file}`);
  return launch(found, options, { file, prepared, asker });
}

async function launch(
  found: Found,
  options: InitOptions,
  { file, prepared, asker }: { file: string; prepared: Prepared; asker: Asker },
): Promise<InitResult> {
  const target = targetOf(options, found);
  const run = (command: EngineCommand): Promise<void> => runEngine(command, target);
  const { domain = "" } = found;
  const tag = found.image?.tag ?? "";
  for (const command of prepareCommands(secretsOf(found))) await run(command);
  await run(previewCommand(tag));
  const deployed = await confirmed(asker, prepared, `Deploy ${tag} to ${domain} now?`);
  if (deployed) await run(deployCommand(tag));
  return { stack: options.stack, stackFile: file, domain, tag, deployed };
}

/** The result and the next commands. */
export const renderInit = ({ stack, domain, tag, deployed }: InitResult): string =>
  [
    deployed ? `https://${domain} serves ${tag}` : `deploy it: npm run up -- --stack ${stack} -c imageTag=${tag}`,
    `look at it: npm run ops -- status --stack ${stack}`,
    `next deployments: npm run up -- --stack ${stack} -c imageTag=<tag>`,
  ].join("\n");
