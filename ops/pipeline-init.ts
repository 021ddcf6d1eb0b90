import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { Command } from "commander";
import { z } from "zod";
import { Github } from "../github/rest";
import { sealed } from "../github/sealed";

/** A secret that must be no input of a resource, so that it is in no state: it goes to GitHub once, from here. */
interface PipelineSecret {
  readonly name: string;
  readonly what: string;
  readonly rotate: string;
  /** Environments whose jobs get it. */
  readonly environments: readonly ("build" | "production" | "retention")[];
}

const both = ["production", "retention"] as const;

/** Asked for in this order; an empty answer leaves a secret as it is. */
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
    name: "NEXT_PUBLIC_SENTRY_DSN",
    what: "Sentry's address for errors in the browser; the app's pages contain it",
    rotate: "set this and the stack's secret of the same name, then deploy",
    environments: ["build"],
  },
  {
    name: "SENTRY_AUTH_TOKEN",
    what: "uploads source maps to Sentry; only the app's build gets it",
    rotate: "make a new token in Sentry, set this, revoke the old one",
    environments: ["build"],
  },
  {
    name: "INFRA_TOKEN",
    what: "GitHub token that reads the infrastructure's repository, where that is private",
    rotate: "make a new fine-grained token with contents: read, set this, revoke the old one",
    environments: both,
  },
];

const keySchema = z.object({ key_id: z.string(), key: z.string() });

/** Seals the value and puts it into each environment of the secret. Safe to repeat. */
export async function setSecret(
  github: Github,
  repository: string,
  secret: PipelineSecret,
  value: string,
): Promise<void> {
  for (const environment of secret.environments) {
    const path = `/repos/${repository}/environments/${environment}/secrets`;
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

async function initialize({ repository }: { repository: string }): Promise<void> {
  const github = new Github({ apiUrl: process.env["GITHUB_API_URL"], token: process.env["GITHUB_TOKEN"] });
  for (const secret of pipelineSecrets) {
    const value = process.env[secret.name] ?? (await ask(secret));
    if (value === "") {
      process.stdout.write(`${secret.name}: left as it is (${secret.what}; to rotate: ${secret.rotate})\n`);
      continue;
    }
    await setSecret(github, repository, secret, value);
    process.stdout.write(
      `${secret.name}: set for ${secret.environments.join(" and ")} (to rotate: ${secret.rotate})\n`,
    );
  }
}

/** `ops pipeline init`: from the variables of the same names, else by asking. The environments must exist: `pulumi up` makes them. */
export function pipelineCommand(): Command {
  const pipeline = new Command("pipeline").description("the app's repository on GitHub");
  pipeline
    .command("init")
    .description("give GitHub what must never be in the state: keys, passphrase, tokens; run it again to rotate")
    .requiredOption("--repository <owner/name>", "the app's", process.env["GITHUB_REPOSITORY"])
    .action(initialize);
  return pipeline;
}
