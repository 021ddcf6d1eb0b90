import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument, type Document } from "yaml";
import { repositoryRoot } from "../repository";
import { findGithub, githubRepository } from "./github";
import { runPulumi, stackFile, type Pulumi } from "./pulumi";
import { firstSample, newSecret, secondSample, type Sample } from "./samples";
import type { World } from "./world/world";

/** Owner and name of the first sample app's image. */
export const { repository } = firstSample;

type Sections = Record<string, Record<string, unknown>>;

/** The values of a world, by the keys of the program's configuration. */
export function worldConfig(world: World, sample: Sample = firstSample): Sections {
  const { address, sshPort, user, hostKey } = world.vps;
  return withoutData({
    host: { host: address, port: sshPort, user, hostKey },
    image: {
      repository: `${world.registry.address}/${sample.repository}`,
      registry: `http://${world.registry.address}`,
    },
    certificate: { server: world.acme.directoryUrl },
    app: { domain: sample.domain(world) },
    ...(sample === firstSample && { variables: { NEXTAUTH_URL: `https://${world.domain}` } }),
    backups: {
      bucket: sample.bucket,
      alert: { deadManUrl: `${world.b2.endpoint}/emulator/ping` },
      endpoint: world.b2.endpoint,
      rclone: world.rclone,
    },
    ...(sample === firstSample && pipelineConfig(world)),
    ...(sample === firstSample && clusterConfig(world)),
  });
}

/** Several servers keep no data on one of them: the sample app has its database in memory then. */
function clusterConfig({ cluster, domain }: World): Sections {
  if (cluster === undefined) return {};
  const nodes = cluster.peers.map(({ name, address, hostKey }) => ({
    ...{ name, host: address, port: 22, hostKey, privateAddress: address },
  }));
  return {
    app: { domain, writable: { "/app/.next/cache": "256m", "/app/data": "64m" } },
    cluster: { privateAddress: cluster.privateAddress, nodes },
  };
}

/** The sections that a cluster does not have. */
const withoutData = (config: Sections): Sections =>
  config["cluster"] === undefined
    ? config
    : Object.fromEntries(Object.entries(config).filter(([key]) => key !== "backups"));

/** A world without a GitHub has no pipeline. */
function pipelineConfig(world: World): Record<string, Record<string, unknown>> {
  const github = findGithub(world);
  if (github === undefined) return {};
  const { owner, name } = githubRepository;
  // The deploy job uses this checkout, so the hash has no effect.
  const infra = { repository: `${owner}/memoryloop-infra`, ref: "0".repeat(40) };
  return { pipeline: { owner, repository: name, infra, baseUrl: github.baseUrl, writeDelayMs: 0 } };
}

/** The parts of a stack file that the engine writes: the salt of its encryption, and secrets. */
function keepEngineParts(document: Document, existing: Document): void {
  const salt = existing.get("encryptionsalt");
  if (salt !== undefined) document.set("encryptionsalt", salt);
  const names = [...firstSample.secrets, ...secondSample.secrets];
  for (const key of names.map((name) => `memoryloop-infra:${name}`)) {
    const secret = existing.getIn(["config", key]);
    if (secret !== undefined) document.setIn(["config", key], secret);
  }
}

/** The template with the world's values over it; what the engine has written into the stack file since is kept. */
export function renderStackFile(
  template: string,
  existing: string | undefined,
  config: ReturnType<typeof worldConfig>,
): string {
  const document: Document = parseDocument(template);
  if (existing !== undefined) keepEngineParts(document, parseDocument(existing));
  for (const [key, values] of Object.entries(config)) {
    for (const [name, value] of Object.entries(values)) {
      document.setIn(["config", `memoryloop-infra:${key}`, name], value);
    }
  }
  if (config["cluster"] !== undefined) document.setIn(["config", "memoryloop-infra:data"], []);
  return document.toString();
}

function writeStackFile(world: World, sample: Sample): void {
  const configFile = stackFile(world, sample);
  const template = readFileSync(join(repositoryRoot, "rehearsal", `Pulumi.${sample.stack}.yaml`), "utf8");
  const existing = existsSync(configFile) ? readFileSync(configFile, "utf8") : undefined;
  const text = renderStackFile(template, existing, worldConfig(world, sample));
  if (text !== existing) writeFileSync(configFile, text);
}

/** `stack init` knows no other stack file: it writes beside the Pulumi.yaml it finds, so it is run beside a copy. */
async function initialize(world: World, pulumi: Pulumi): Promise<void> {
  mkdirSync(pulumi.settings.stateFolder, { recursive: true });
  copyFileSync(join(repositoryRoot, "Pulumi.yaml"), join(world.folder, "Pulumi.yaml"));
  await runPulumi(pulumi, ["stack", "init"], { cwd: world.folder });
  // A process list must not contain a secret, not even a worthless one, so it goes through standard input.
  for (const key of pulumi.sample.secrets) {
    await runPulumi(pulumi, ["config", "set", "--secret", key], { stdin: newSecret() });
  }
}

/** Ensures that the world's stack exists, with its file, its state and its secrets. */
export async function ensureStack(world: World, pulumi: Pulumi): Promise<void> {
  const { passphraseFile, stateFolder } = pulumi.settings;
  const { sample } = pulumi;
  if (!existsSync(passphraseFile))
    writeFileSync(passphraseFile, randomBytes(24).toString("base64url"), { mode: 0o600 });
  writeStackFile(world, sample);
  if (!existsSync(join(stateFolder, ".pulumi", "stacks", "memoryloop-infra", `${sample.stack}.json`)))
    await initialize(world, pulumi);
}
