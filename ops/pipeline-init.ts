import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { Command } from "commander";
import { z } from "zod";
import { isForBuild, type Variables } from "../config/variables";
import { restrictEnvironment } from "../github/environment-rules";
import { hasProtections } from "../github/protections";
import { Github, GithubRefusal } from "../github/rest";

/** A secret that is no input of a resource, so that no state contains it. This command gives it to GitHub. */
interface PipelineSecret {
  readonly name: string;
  readonly what: string;
  readonly rotate: string;
  /** The environments whose jobs get it. */
  readonly environments: readonly ("build" | "production" | "retention")[];
}

const both = ["production", "retention"] as const;

/** The command asks in this order. An empty answer leaves a secret unchanged. */
export const pipelineSecrets: readonly PipelineSecret[] = [
  {
    name: "DEPLOY_SSH_KEY",
    what: "private key that opens the VPS to the deploy job",
    rotate: "ssh-keygen -t ed25519, add the public half to authorized_keys on the VPS, set this, remove the old half",
    environments: ["production"],
  },
  {
    name: "PULUMI_ACCESS_TOKEN",
    what: "Pulumi Cloud, where the state is kept there",
    rotate: "make a new token in Pulumi Cloud, set this, revoke the old one",
    environments: both,
  },
  {
    name: "PULUMI_CONFIG_PASSPHRASE",
    what: "opens the stack's secrets, where the state is in a bucket of one's own",
    rotate: "pulumi stack change-secrets-provider passphrase, commit the stack file, set this",
    environments: both,
  },
  {
    name: "STATE_KEY_ID",
    what: "id of the key to the bucket with the state",
    rotate: "with STATE_KEY",
    environments: both,
  },
  {
    name: "STATE_KEY",
    what: "key to the bucket with the state",
    rotate: "make a new key for that bucket only, set both, delete the old one",
    environments: both,
  },
  {
    name: "B2_APPLICATION_KEY_ID",
    what: "id of the B2 master key, which makes the backups' bucket and its key",
    rotate: "with B2_APPLICATION_KEY",
    environments: ["production"],
  },
  {
    name: "B2_APPLICATION_KEY",
    what: "B2 master key; the VPS never gets it",
    rotate: "make a new master key in B2 (the old one ends at once), set both",
    environments: ["production"],
  },
  {
    name: "INFRA_TOKEN",
    what: "GitHub token that reads the infrastructure's repository, where that is private",
    rotate: "make a new fine-grained token with contents: read, set this, revoke the old one",
    environments: both,
  },
];

/** The values that the build of the image gets from GitHub: the stack file has only the declarations. */
export const buildSecrets = (variables: Variables): PipelineSecret[] =>
  Object.entries(variables)
    .filter(([, variable]) => isForBuild(variable) && variable.default === undefined)
    .map(([name, { secret, scope }]) => ({
      name,
      what: `the app's variable ${name}, a build ${secret ? "secret" : "argument, which stays in the image"}`,
      rotate: `${scope === "both" ? "set this and the stack's secret of the same name" : "make a new value, set this"}, then deploy`,
      environments: ["build"],
    }));

const keySchema = z.object({ key_id: z.string(), key: z.string() });

/** Where a repository keeps secrets. GitHub Free has no environments for a private repository. */
type SecretPlace = "environments" | "repository";

const secretPaths = (repository: string, { environments }: PipelineSecret, place: SecretPlace): string[] =>
  place === "repository"
    ? [`/repos/${repository}/actions/secrets`]
    : environments.map((environment) => `/repos/${repository}/environments/${environment}/secrets`);

/** Seals the value and puts it into each environment of the secret, or into the repository. Safe to repeat. */
export async function setSecret(
  github: Github,
  repository: string,
  secret: PipelineSecret,
  value: string,
  place: SecretPlace = "environments",
): Promise<void> {
  // Loaded here, because no other command needs it: it takes a tenth of the time until a command starts.
  const { sealed } = await import("../github/sealed");
  for (const path of secretPaths(repository, secret, place)) {
    const { key, key_id } = keySchema.parse(await github.call("GET", `${path}/public-key`));
    await github.call("PUT", `${path}/${secret.name}`, { key_id, encrypted_value: await sealed(value, key) });
  }
}

/** Reads one line without showing it; a key of several lines comes by its variable: DEPLOY_SSH_KEY="$(cat key)". */
async function ask({ name, what, rotate }: PipelineSecret): Promise<string> {
  if (!process.stdin.isTTY) return "";
  process.stderr.write(`\n${name}: ${what}\n  to rotate: ${rotate}\n  value (empty: leave as it is): `);
  const silent = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return (await terminal.question("")).trim();
  } finally {
    terminal.close();
    process.stderr.write("\n");
  }
}

interface InitOptions {
  readonly repository?: string;
  readonly infra?: string;
  readonly branch: string;
  readonly reviewer: readonly number[];
}

/** Environments of this program's own repository. Their jobs run only code of the default branch. */
const infraEnvironments = ["preview", "drift"] as const;

async function placeOf(github: Github, repository: string): Promise<SecretPlace> {
  if (await hasProtections(github, repository)) return "environments";
  process.stderr.write(
    `warning: ${repository} is private, and its GitHub plan has no environments: the repository itself gets the secrets, and everyone who can write to it can read them\n  next: upgrade the plan or make the repository public, then run this again\n`,
  );
  return "repository";
}

/** One thing that the command did, or left as it was. */
type Done =
  | {
      readonly kind: "secret";
      readonly name: string;
      /** The environments or the repository that got the secret; empty when it is unchanged. */
      readonly receiver: string;
      readonly what: string;
      readonly rotate: string;
    }
  | { readonly kind: "environment"; readonly name: string; readonly repository: string; readonly branch: string };

type Tell = (done: Done) => void;

function renderDone(done: Done): string {
  switch (done.kind) {
    case "secret":
      return done.receiver === ""
        ? `${done.name}: unchanged (${done.what}; to rotate: ${done.rotate})`
        : `${done.name}: set for ${done.receiver} (to rotate: ${done.rotate})`;
    case "environment":
      return `environment ${done.name} of ${done.repository}: only ${done.branch} gets its secrets`;
  }
}

async function giveSecrets(
  github: Github,
  repository: string,
  secrets: readonly PipelineSecret[],
  tell: Tell,
): Promise<void> {
  const place = await placeOf(github, repository);
  for (const secret of secrets) {
    const value = process.env[secret.name] ?? (await ask(secret));
    const { name, what, rotate } = secret;
    if (value !== "") await setSecret(github, repository, secret, value, place);
    const receiver = place === "repository" ? repository : secret.environments.join(" and ");
    tell({ kind: "secret", name, what, rotate, receiver: value === "" ? "" : receiver });
  }
}

/** A plan without rules for environments is a warning: a deployment from this machine needs none. */
async function restrict(
  github: Github,
  infra: string,
  environment: string,
  rules: { readonly branch: string; readonly reviewers: readonly number[] },
  tell: Tell,
): Promise<void> {
  try {
    await restrictEnvironment(github, infra, environment, rules);
    tell({ kind: "environment", name: environment, repository: infra, branch: rules.branch });
  } catch (error) {
    if (!(error instanceof GithubRefusal) || error.status !== 422) throw error;
    process.stderr.write(
      `warning: environment ${environment} of ${infra} has no rules, so its jobs do not run: ${error.message}\n`,
    );
  }
}

async function initialize(
  { repository, infra, branch, reviewer: reviewers }: InitOptions,
  variables: () => Variables,
  tell: Tell,
): Promise<void> {
  const github = new Github({ apiUrl: process.env["GITHUB_API_URL"], token: process.env["GITHUB_TOKEN"] });
  for (const environment of infra === undefined ? [] : infraEnvironments) {
    await restrict(github, infra ?? "", environment, { branch, reviewers }, tell);
  }
  if (repository !== undefined) {
    await giveSecrets(github, repository, [...pipelineSecrets, ...buildSecrets(variables())], tell);
  }
}

/** Runs the command. As JSON it prints one list at the end, else a line for each thing as it is done. */
async function run(options: InitOptions, variables: () => Variables, json: boolean): Promise<void> {
  const all: Done[] = [];
  await initialize(options, variables, (done) => {
    all.push(done);
    if (!json) process.stdout.write(`${renderDone(done)}\n`);
  });
  if (json) process.stdout.write(`${JSON.stringify(all, undefined, 2)}\n`);
}

const collect = (value: string, before: readonly number[]): number[] => [...before, Number(value)];

/** `ops pipeline init`. `variables` reads the declarations of the stack. The app's environments must exist: `npm run github -- up` makes them. */
export function pipelineCommand(variables: () => Variables): Command {
  const pipeline = new Command("pipeline").description("the repositories on GitHub");
  pipeline
    .command("init")
    .description("give GitHub the secrets that must be in no state, and restrict the environments of this program")
    .option("--repository <owner/name>", "the app's repository, which gets the secrets")
    .option(
      "--infra <owner/name>",
      "this program's repository, whose environments `preview` and `drift` are restricted",
    )
    .option("--branch <name>", "the only branch that may use those environments", "main")
    .option("--reviewer <number>", "a GitHub user that must approve each job of them; repeat it for more", collect, [])
    .action((options: InitOptions, command: Command) =>
      run(options, variables, command.optsWithGlobals<{ json?: boolean }>().json === true),
    );
  return pipeline;
}
