import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { repositoryRoot } from "../../repository";
import { stackFileOf } from "../stack";
import { dummyStackFile, type DummyStackFile } from "./stack-config";

/** Variables that would lead the engine to the real state, or tell a program a secret. */
const realNames =
  /^(PULUMI_(ACCESS_TOKEN|BACKEND_URL|CONFIG_PASSPHRASE|CONFIG_PASSPHRASE_FILE|OPTION_.*)|AWS_.*|B2_.*|GITHUB_TOKEN|SSH_AUTH_SOCK|DEPLOY_SSH_KEY)$/;

/** The environment of an engine that knows only the scrubbed state. */
export const offlineEnvironment = (
  environment: NodeJS.ProcessEnv,
  folder: string,
  stackFile: string,
): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(environment).filter(([name]) => !realNames.test(name))),
  PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
  // It protects nothing: the state holds dummies.
  PULUMI_CONFIG_PASSPHRASE: randomUUID(),
  PULUMI_OPTION_CONFIG_FILE: stackFile,
});

type Engine = (words: readonly string[], cwd: string, input?: string) => void;

const engineWith =
  (env: NodeJS.ProcessEnv): Engine =>
  (words, cwd, input = "") => {
    execFileSync("pulumi", [...words, "--non-interactive"], { cwd, env, input, stdio: ["pipe", "ignore", "inherit"] });
  };

function setDummies(engine: Engine, stack: string, { secrets }: DummyStackFile): void {
  if (secrets.length === 0) return;
  const values = secrets.flatMap(({ path, dummy }) => ["--secret", `${path}=${dummy}`]);
  engine(["config", "set-all", "--path", ...values, "--stack", stack], repositoryRoot);
}

const stackFileSchema = z.object({ encryptionsalt: z.string() });
const stateSchema = z.looseObject({ deployment: z.looseObject({}) });

/**
 * A state with the secrets provider of a stack file. The engine needs one to encrypt the secrets of a state that it
 * imports; without one `pulumi stack import` panics (engine 3.250).
 */
export function withSecretsProvider(state: string, stackFile: string): string {
  const { encryptionsalt: salt } = stackFileSchema.parse(parse(stackFile));
  const { deployment, ...rest } = stateSchema.parse(JSON.parse(state));
  return JSON.stringify({
    ...rest,
    deployment: { ...deployment, secrets_providers: { type: "passphrase", state: { salt } } },
  });
}

/**
 * A stack on this machine that holds the scrubbed state, with a stack file that holds dummies. Returns the environment in
 * which the engine works on it.
 */
export function offlineStack(stack: string, scrubbedState: string, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const folder = mkdtempSync(join(tmpdir(), "preview-"));
  const short = stack.split("/").at(-1) ?? stack;
  const stackFile = join(folder, `Pulumi.${short}.yaml`);
  const dummies = dummyStackFile(readFileSync(stackFileOf(stack), "utf8"));
  mkdirSync(join(folder, "state"));
  copyFileSync(join(repositoryRoot, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
  writeFileSync(stackFile, dummies.text);
  const offline = offlineEnvironment(environment, folder, stackFile);
  const engine = engineWith(offline);
  // It writes the salt beside the Pulumi.yaml that it finds.
  engine(["stack", "init", stack], folder);
  setDummies(engine, stack, dummies);
  const state = withSecretsProvider(readFileSync(scrubbedState, "utf8"), readFileSync(stackFile, "utf8"));
  engine(["stack", "import", "--stack", stack], repositoryRoot, state);
  return offline;
}
