import { Option, type Command } from "commander";
import type { GlobalOptions } from "../context";
import type { Answers } from "../init/existing";

/** The questions that a flag answers, by their keys. Hidden answers come by environment variables. */
const flags = {
  server: "[user@]address[:port] of the server",
  "host-key": "the server's host key or its fingerprint, SHA256:...",
  domain: "public name of the site",
  name: "name of the app on the server; without it the first part of the domain",
  image: "image with the tag to deploy first",
  "registry-user": "login of a private registry; its token: REGISTRY_TOKEN",
  health: "path of the health endpoint; with the word http, any answer with the status 200 is healthy",
  data: "directories to keep: <path>:<kind>, or none",
  variables:
    "variables of the app: NAME=value, NAME for a secret (its value: the variable NAME), NAME! for a generated one",
  email: "address for messages of the certificate authority",
  bucket: "new bucket of Backblaze B2 for the backups, or none; its key: B2_APPLICATION_KEY_ID and B2_APPLICATION_KEY",
  alerts: "addresses of a dead-man's switch and of a webhook",
  state: "place of the state: cloud, file, or an address; its passphrase: PULUMI_CONFIG_PASSPHRASE",
  github: "the app's repository on GitHub, or none; its token: GITHUB_TOKEN",
  infra: "repository on GitHub with this program",
  deploy: "yes or no: whether the first deployment follows",
} as const;

type Flag = keyof typeof flags;

const isFlag = (key: string): key is Flag => key in flags;

/** `hostKey`, as the library names an option, is the key `host-key`. */
const keyOf = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The answers among the options of the command. */
const answersOf = (options: Readonly<Record<string, unknown>>): Answers =>
  Object.fromEntries(
    Object.entries(options).flatMap(([name, value]) =>
      isFlag(keyOf(name)) && typeof value === "string" ? [[keyOf(name), value]] : [],
    ),
  );

interface OwnOptions extends Readonly<Record<string, unknown>> {
  readonly yes?: boolean;
  readonly keep?: boolean;
  readonly answers?: string;
}

/** The default of `--stack` is that of the other commands, whose file is the tracked example. */
const defaultStack = "live";

async function run(program: Command, options: OwnOptions): Promise<void> {
  // Loaded here, because no other command needs it.
  const [{ init, renderInit }, { terminalAsker, unattendedAsker }] = await Promise.all([
    import("../init/init"),
    import("../init/terminal"),
  ]);
  const { stack: chosen, configFile, json } = program.opts<GlobalOptions>();
  const isChosen = program.getOptionValueSource("stack") !== "default" || process.env["PULUMI_STACK"] !== undefined;
  const stack = isChosen ? chosen : defaultStack;
  const isAttended = process.stdin.isTTY && process.stdout.isTTY && options.yes !== true && json !== true;
  const asker = isAttended ? terminalAsker(await import("@clack/prompts")) : unattendedAsker(options.keep === true);
  const given = { flags: answersOf(options), answersFile: options.answers };
  const result = await init({ stack, configFile, ...given, environment: process.env }, asker);
  process.stdout.write(`${json ? JSON.stringify(result, undefined, 2) : renderInit(result)}\n`);
}

/** `ops init`. */
export function addInit(program: Command): void {
  const command = program
    .command("init")
    .description(
      `set up a stack (default: ${defaultStack}): ask and check each answer, write its stack file, preview it, deploy it`,
    )
    .option("--yes", "ask nothing: flags, --answers and the existing stack file have the answers")
    .option("--keep", "with --yes, keep answers that are doubtful, such as a domain that does not resolve yet")
    .option("--answers <file>", "YAML file with answers by the names of these flags");
  for (const [flag, description] of Object.entries(flags))
    command.addOption(new Option(`--${flag} <answer>`, description));
  command.action((options: OwnOptions) => run(program, options));
}
