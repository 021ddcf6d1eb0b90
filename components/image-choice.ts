import { existsSync, readFileSync, writeFileSync } from "node:fs";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { ownerName } from "../host/file-set/owner";
import { onceKeys } from "../config";
import { clusterServers } from "../config/cluster-servers";
import { isForApp } from "../config/variables";
import { mountedPaths } from "../host/data/layout";
import { HostError } from "../host/host-error";
import { imageProblems, numericUser, type ImageFacts } from "../host/image/image-facts";
import type { ServerReleases } from "../host/preflight/preflight";
import { moveSentence } from "../host/rollout/move-sentence";
import type { RolledBackTag, ServedImage } from "../host/rollout/records";
import { sharedClaims } from "../host/sets/shared";
import { warningOf, type DownServer } from "./cluster-servers";
import { preflight } from "./resources/preflight";
import { reach } from "./resources/reach";
import { readImage } from "./resources/read-image";
import type { StackConfig } from "./stack-config";
import { stackFile } from "./stack-file";
import type { StackOutputs } from "./stack-outputs";
import { userError } from "./user-error";

/** The operator's request, and the tag that the stack knows. */
export interface TagRequest {
  /** The tag that the operator asked for: `-c imageTag=...`. */
  readonly requested?: string | undefined;
  /** The tag that the operator forces, although it was rolled back: `-c force=...`. */
  readonly forced?: string | undefined;
  /** The tag in the stack's last outputs. */
  readonly deployed?: string | undefined;
}

const rolledBackBy = ({ tag, serving, by, at, reason }: RolledBackTag): string =>
  `image tag ${tag} was rolled back by ${by} at ${at} (${reason}); the site runs ${serving}`;

/**
 * The tag to deploy. Without a request it is the tag that serves, as the server's records tell it: an interrupted `up` or a
 * rollback may have left other outputs in the stack. Only a preview that did not connect, and a server without a release,
 * keep the stack's tag.
 * @throws pulumi.RunError at a first deployment without a tag; when the requested tag was rolled back and is not forced; and
 * when the stack does not know of the rollback yet: its state would show no difference, so nothing would be deployed.
 */
export function resolveTag(
  request: TagRequest,
  { serving, rolledBack }: Pick<ServerReleases, "serving" | "rolledBack">,
): string {
  const tag = request.requested ?? serving?.tag ?? request.deployed;
  if (!tag) {
    throw userError(
      "no image tag: nothing is deployed yet\n  next: choose what to deploy: pulumi up -c imageTag=<commit sha of a pushed image>",
    );
  }
  const found = rolledBack.find((one) => one.tag === tag);
  if (found === undefined || request.requested === undefined) return tag;
  const force = `pulumi up -c imageTag=${tag} -c force=${tag}`;
  if (request.forced !== tag) {
    throw userError(
      `${rolledBackBy(found)}\n  next: deploy a fix. A plain \`pulumi up\` keeps ${found.serving}. To deploy ${tag} anyway: ${force}`,
    );
  }
  if (request.deployed === tag) {
    throw userError(
      `${rolledBackBy(found)}; the stack does not know it yet\n  next: run \`pulumi up\`, then: ${force}`,
    );
  }
  return tag;
}

/** The digest that an earlier deployment recorded for the tag. */
export const recordedDigest = (tag: string, images: readonly ServedImage[]): string | undefined =>
  images.find((image) => image.tag === tag && image.digest)?.digest;

/** The remedy for each refusal of a registry, by the words of Docker's plugin. */
const remedies: readonly { readonly sign: RegExp; readonly hint: string }[] = [
  {
    sign: /404 Not Found/,
    hint: "the registry does not have this image: push it, or deploy a tag that it has: pulumi up -c imageTag=<commit sha>",
  },
  {
    sign: /40[13] /,
    hint: "log in to the registry: pulumi config set --path image.username <user>; pulumi config set --secret REGISTRY_TOKEN (on GitHub a token that may read:packages)",
  },
];

const fallback =
  "try again when the registry answers. A rollback needs no registry: pulumi up -c imageTag=$(pulumi stack output previousImageTag)";

/** Why a registry did not tell an image's digest, and the next step. */
export function explainRegistry(name: string, words: string): HostError {
  const cause = (/image version \S+ from registry: ([^]*)/.exec(words)?.[1] ?? words).trim();
  const hint = remedies.find(({ sign }) => sign.test(cause))?.hint ?? fallback;
  return new HostError({ operation: "look up image", target: name, cause, hint });
}

/** Asks the registry for a tag's digest. @throws pulumi.RunError with the registry's words and the next step. */
async function lookUpDigest(repository: string, tag: string, provider: docker.Provider): Promise<string> {
  const name = `${repository}:${tag}`;
  try {
    return (await docker.getRegistryImage({ name }, { provider })).sha256Digest;
  } catch (error) {
    throw userError(explainRegistry(name, error instanceof Error ? error.message : String(error)).message);
  }
}

/** The image's own settings; undefined where the registry does not tell them, which is a warning. */
async function readFacts(
  { connection, image, registryToken }: Pick<StackConfig, "connection" | "image" | "registryToken">,
  digest: string,
): Promise<readonly ImageFacts[] | undefined> {
  const { repository, registry, username } = image;
  try {
    return await readImage({ connection, repository, digest, registry, username, password: registryToken });
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    void pulumi.log.warn(
      `the registry does not tell the image's platform, user and variables, so they are not checked: ${words}`,
    );
    return undefined;
  }
}

/** A digest from the registry, with the image's own settings. */
interface LookedUp {
  readonly digest: string;
  readonly facts: readonly ImageFacts[] | undefined;
}

async function lookUp(config: ImageConfig, tag: string, provider: docker.Provider): Promise<LookedUp> {
  const digest = await lookUpDigest(config.image.repository, tag, provider);
  return { digest, facts: await readFacts(config, digest) };
}

/** Values of the variables in the environment file; undefined for a secret. Empty where the process gets them, too. */
const variablesOfFile = ({ app, variables, secrets }: ImageConfig): Record<string, string | undefined> =>
  app.deliver === "environmentFile"
    ? Object.fromEntries(
        Object.entries(variables)
          .filter(([name, one]) => isForApp(one) && (name in secrets || one.generate || one.default !== undefined))
          .map(([name, one]) => [name, name in secrets ? undefined : one.default]),
      )
    : {};

/** @throws pulumi.RunError that names everything about the image that does not fit the server or the configuration. */
function assertFits(
  config: ImageConfig,
  name: string,
  facts: readonly ImageFacts[],
  architecture: string | undefined,
): void {
  const { app, image } = config;
  const expected = { architecture, platforms: image.platforms, user: app.user, variables: variablesOfFile(config) };
  const problems = imageProblems(facts, expected);
  if (problems.length === 0) return;
  const cause = problems.map((problem) => `\n    - ${problem}`).join("");
  const hint = "fix these and run `pulumi up` again; nothing was changed";
  throw userError(new HostError({ operation: "check image", target: name, cause, hint }).message);
}

/** User id of every app before the stack's outputs had one. */
const formerUser = 1001;

/** The user id that the stack's configuration or its last update says. */
const knownUser = ({ app }: ImageConfig, last: StackOutputs): number | undefined =>
  app.user ?? last.user ?? (last.imageTag === undefined ? undefined : formerUser);

/**
 * The user id under which the app runs.
 * @throws pulumi.RunError when neither the configuration nor the image says it.
 */
async function userOf(config: ImageConfig, last: StackOutputs, { digest, facts }: LookedUp): Promise<number> {
  const found = facts?.[0] && numericUser(facts[0].user);
  const user = config.app.user ?? found ?? knownUser(config, last);
  if (user !== undefined) return user;
  const [image] = (await readFacts(config, digest)) ?? [];
  const number = image && numericUser(image.user);
  if (number !== undefined) return number;
  throw userError(
    `the image's user is not known\n  next: say it: pulumi config set --path 'app.user' <number>; \`docker run --rm --entrypoint id <image> -u\` shows it`,
  );
}

/** @throws pulumi.RunError when the app would run under another user than the owner of its data. */
export function assertOwnsData(app: string, user: number, owner: number | undefined): void {
  if (owner === undefined || owner === user) return;
  const folder = `/opt/${app}/data`;
  throw userError(
    `the data of ${app} belongs to user ${owner}, and the app would run as user ${user}, who cannot write it; nothing was changed\n  next: pulumi config set --path app.user ${owner}   keeps the user; or give the data to the new user, on the server: chown -R --no-dereference --from=${owner} ${user}:${user} ${folder}`,
  );
}

type ServerArgs = Pick<StackConfig, "app" | "connection" | "host" | "cluster" | "network" | "site" | "data" | "accept">;

/** The last update of a stack that deployed something. */
const lastUpdate = ({ imageTag, app, host, identity, backupsBucket }: StackOutputs) =>
  imageTag === undefined ? undefined : { app, host, identity, hasBackups: backupsBucket !== undefined };

const preflightArgs = ({ app, connection, host, network, site, data, accept }: ServerArgs, last: StackOutputs) => ({
  app: app.name,
  owner: ownerName({ project: pulumi.getProject(), stack: pulumi.getStack(), app: app.name }),
  domains: app.domains,
  data: mountedPaths(app.name, data),
  last: lastUpdate(last),
  ...(accept !== undefined && { accept }),
  memoryMb: app.memoryMb,
  ...network,
  ...(last.subnet !== undefined && { lastSubnet: last.subnet }),
  claims: sharedClaims({ app: app.name, connection, tls: site.tls }),
  ...host,
});

/**
 * Checks the other servers of a cluster, and returns those that do not answer. They have no data and no outputs of their own.
 * @throws pulumi.RunError when a server lacks something, or when the update cannot go on without a server.
 */
async function checkPeers(config: ServerArgs): Promise<readonly DownServer[]> {
  const all = clusterServers(config);
  const found = await Promise.all(
    all.slice(1).map(async (server) => ({ server, cause: await reach(server.connection) })),
  );
  const down = found.flatMap(({ server: { name }, cause }) => (cause === "" ? [] : [{ name, cause }]));
  const warning = warningOf(down, all, config.cluster?.skipUnreachable ?? true);
  if (warning !== undefined) void pulumi.log.warn(warning);
  const reached = found.filter(({ cause }) => cause === "").map(({ server }) => server);
  await Promise.all(
    reached.map(({ connection }) => preflight(connection, preflightArgs({ ...config, connection }, { releases: [] }))),
  );
  return down;
}

/** The image to deploy, and the subnet of the app's network. */
export interface Chosen {
  readonly tag: string;
  readonly digest: string;
  readonly subnet: string;
  /** User id under which the app runs. */
  readonly user: number;
  /** Id of the app's data. */
  readonly identity: string;
  /** The servers of a cluster that do not answer. */
  readonly down: readonly DownServer[];
}

type ImageConfig = Pick<StackConfig, "connection" | "app" | "image" | "registryToken" | "variables" | "secrets">;

/** A server that lacks nothing, and the servers of its cluster that do not answer. */
type CheckedServer = Awaited<ReturnType<typeof preflight>> & Pick<Chosen, "down">;

async function checkAll(config: ServerArgs, last: StackOutputs): Promise<CheckedServer> {
  const checked = preflight(config.connection, preflightArgs(config, last));
  const [server, down] = await Promise.all([checked, checkPeers(config)]);
  return { ...server, down };
}

/**
 * Checks the server. Nothing but the connection to Docker is declared before it ends, so a refusal changes nothing.
 * @throws pulumi.RunError when the server lacks something, with every problem and its remedy.
 */
export function checkServer(config: ServerArgs, last: StackOutputs): Promise<CheckedServer> {
  const checked = checkAll(config, last);
  // Whoever awaits it later gets the error.
  checked.catch(() => undefined);
  return checked;
}

/**
 * Chooses the image to deploy and the app's subnet, by the result of `checkServer`.
 * @throws pulumi.RunError when the server lacks something, the registry does not know the tag, or the tag was rolled back.
 */
export async function chooseImage(
  config: ImageConfig & Pick<StackConfig, "imageTag" | "force">,
  last: StackOutputs,
  checked: Promise<CheckedServer>,
  provider: docker.Provider,
): Promise<Chosen> {
  const { image, imageTag: requested, force: forced } = config;
  // The registry answers while the server does.
  const early =
    requested && !recordedDigest(requested, last.releases) ? lookUp(config, requested, provider) : undefined;
  early?.catch(() => undefined);
  const server = await checked;
  const tag = resolveTag({ requested, forced, deployed: last.imageTag }, server);
  const notice = tagNotice(config.app.name, tag, { requested, deployed: last.imageTag, serving: server.serving?.tag });
  if (notice !== undefined) void pulumi.log.info(notice);
  const known = [...(server.serving ? [server.serving] : []), ...server.served, ...last.releases];
  const recorded = recordedDigest(tag, known);
  const found: LookedUp = recorded
    ? { digest: recorded, facts: undefined }
    : await (tag === requested && early ? early : lookUp(config, tag, provider));
  if (found.facts) assertFits(config, `${image.repository}:${tag}`, found.facts, server.architecture);
  const user = await userOf(config, last, found);
  assertOwnsData(config.app.name, user, server.dataUser);
  return { tag, digest: found.digest, subnet: server.subnet, user, identity: server.identity, down: server.down };
}

/** One sentence about the tag, for previews and updates. It is undefined if the tag does not change. */
export function tagNotice(
  app: string,
  tag: string,
  { requested, deployed, serving = deployed }: Omit<TagRequest, "forced"> & { readonly serving?: string | undefined },
): string | undefined {
  if (requested === undefined)
    return tag === deployed
      ? undefined
      : `the server runs ${tag}, the stack's outputs name ${deployed ?? "no tag"}: this update keeps ${tag}, and the outputs follow`;
  return tag === serving || serving === undefined ? undefined : moveSentence(app, serving, tag);
}

/** The text of a stack file without the keys that count for one update, such as the image tag. Every other byte stays. */
export async function withoutOnceKeys(text: string, project: string): Promise<string> {
  if (!onceKeys.some((key) => text.includes(`${project}:${key}`))) return text;
  const { isMap, isScalar, parseDocument } = await import("yaml");
  const config = parseDocument(text).get("config");
  if (!isMap(config)) return text;
  const cuts = config.items.flatMap(({ key, value }) => {
    const isOnce = isScalar(key) && onceKeys.some((name) => key.value === `${project}:${name}`);
    if (!isOnce || !isScalar(value)) return [];
    return [{ from: text.lastIndexOf("\n", key.range?.[0] ?? 0) + 1, to: value.range?.[2] ?? text.length }];
  });
  return cuts.reduceRight((rest, { from, to }) => rest.slice(0, from) + rest.slice(to), text);
}

/**
 * Removes the keys that count for one update from the stack file, where `-c imageTag=...` leaves them, even at a preview. A
 * tag that stayed there would roll back what another checkout deploys, and could be committed.
 */
export async function forgetOnceKeys(): Promise<void> {
  const file = stackFile();
  if (!existsSync(file)) return;
  const text = readFileSync(file, "utf8");
  const cleaned = await withoutOnceKeys(text, pulumi.getProject());
  if (cleaned !== text) writeFileSync(file, cleaned);
}
