import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ensureAgent, removeAgent } from "./agent";
import { containerState, docker } from "./docker";
import { engineAnswers, ensureDocker } from "./docker-engine";
import { ensureRclone, sha256Of } from "../offline/rclone/rclone";
import { ensureSampleBase } from "../release/sample-base";
import { imageFor, loginOf } from "./hosts";
import { ensureImage, type ImageKind } from "./images";
import {
  ensureKeys,
  ensureMasterKey,
  ensurePeerKey,
  keysIn,
  masterKeyFile,
  peerKey,
  publicKey,
  removeHostKey,
  type Keys,
} from "./keys";
import { ensureNetwork, hosts, worldLabel, type Addresses } from "./network";
import {
  agentSocketPath,
  ensureSettings,
  findSettings,
  worldFolder,
  worldName,
  type WorldSettings,
  type WorldOptions,
} from "./settings";
import { run } from "./run";
import {
  ensureService,
  keepRoots,
  restoreService,
  rootsFile,
  serviceContainer,
  withdrawService,
  type ServiceName,
} from "./services";
import {
  bootServer,
  cutPower,
  ensurePeer,
  ensureVps,
  peerContainer,
  peerNames,
  rcloneArchive,
  rebootVps,
  removePeer,
  removeVps,
  vpsContainer,
  withoutSysResource,
  type PeerOptions,
  type VpsOptions,
} from "./vps";

export type { ServiceName, WorldOptions };

const sshSeconds = 10;
const sshTries = 20;
const pollMilliseconds = 250;

/** Called with one line for each step. */
export type Report = (line: string) => void;

/** A further server of a cluster. It opens with the key of the world, at port 22 of its address. */
interface Peer extends PeerOptions {
  readonly container: string;
  readonly hostKey: string;
}

/** A disposable VPS and the services around it, on this machine's Docker engine. */
export interface World {
  /** Prefix of the names of its containers, volumes and network. */
  readonly name: string;
  /** Folder of its files on this machine. */
  readonly folder: string;
  /** The site's domain name; the world's ACME authority finds every domain on the VPS. */
  readonly domain: string;
  readonly vps: {
    readonly container: string;
    readonly address: "127.0.0.1";
    readonly sshPort: number;
    readonly httpPort: number;
    readonly httpsPort: number;
    /** `deploy`, with passwordless sudo and in the group docker, opens with the same key. */
    readonly user: "root" | "deploy";
    /** `ssh-ed25519 AAAA...` */
    readonly hostKey: string;
  };
  /** For SSH_AUTH_SOCK; the agent holds the world's key and no other. */
  readonly agentSocket: string;
  /** The servers of a cluster beside the VPS, and the address of the VPS among them. Undefined without a cluster. */
  readonly cluster?: { readonly privateAddress: string; readonly peers: readonly Peer[] } | undefined;
  readonly registry: {
    /** `127.0.0.1:<port>`: the same registry on this machine and on the VPS, so an image has one name on both. */
    readonly address: string;
  };
  readonly acme: {
    /** As the VPS reaches it; its own TLS is trusted there. */
    readonly directoryUrl: string;
    /** PEM bundle of the roots of all the certificates it has issued, for `curl --cacert`; the VPS trusts them too. */
    readonly caFile: string;
  };
  /** The emulated Backblaze B2, at the same address on this machine and on the VPS. */
  readonly b2: {
    readonly endpoint: string;
    /** File with the account's master key, as the variables B2_APPLICATION_KEY_ID and B2_APPLICATION_KEY. */
    readonly masterKeyFile: string;
  };
  /** Archive from which the VPS installs rclone. */
  readonly rclone: { readonly url: string; readonly sha256: string };
}

/** Address and port of each further server. */
const placesOf = ({ peers }: Pick<WorldSettings, "peers">, addresses: Addresses): PeerOptions[] =>
  peers.map((httpsPort, index) => ({
    name: peerNames[index] ?? "",
    address: addresses.peers[index] ?? "",
    httpsPort,
  }));

async function describeWorld(options: WorldOptions, settings: WorldSettings): Promise<World> {
  const { domain, host, ports, peers } = settings;
  const name = worldName(options);
  const folder = worldFolder(options);
  const addresses = peers.length > 0 ? await ensureNetwork(name) : undefined;
  const peerOf = (place: PeerOptions): Peer => ({
    ...place,
    container: peerContainer(name, place.name),
    hostKey: publicKey(peerKey(folder, place.name)),
  });
  return {
    name,
    folder,
    domain,
    vps: {
      container: vpsContainer(name),
      address: "127.0.0.1",
      sshPort: ports.ssh,
      httpPort: ports.http,
      httpsPort: ports.https,
      user: loginOf(host),
      hostKey: publicKey(keysIn(folder).host),
    },
    cluster: addresses && { privateAddress: addresses.vps, peers: placesOf(settings, addresses).map(peerOf) },
    agentSocket: agentSocketPath(name),
    registry: { address: `127.0.0.1:${ports.registry}` },
    acme: { directoryUrl: `https://${hosts.acme}:14000/dir`, caFile: rootsFile(folder) },
    b2: { endpoint: `http://127.0.0.1:${ports.b2}`, masterKeyFile: masterKeyFile(folder) },
    get rclone() {
      return { url: `file://${rcloneArchive}`, sha256: readFileSync(rcloneSum(folder), "utf8") };
    },
  };
}

/** Holds the SHA-256 of the archive that the VPS got. */
const rcloneSum = (folder: string): string => join(folder, "rclone.sha256");

const knownHostsFile = (world: World): string => join(world.folder, "known_hosts");

/** The command line of ssh to the VPS, to which a remote command may be added. It trusts the world's host key only and reads no configuration. */
export function sshCommand(world: World): readonly string[] {
  const options = {
    IdentityAgent: `"${world.agentSocket}"`,
    UserKnownHostsFile: `"${knownHostsFile(world)}"`,
    GlobalKnownHostsFile: "/dev/null",
    StrictHostKeyChecking: "yes",
    BatchMode: "yes",
    ConnectTimeout: `${sshSeconds}`,
  };
  const words = Object.entries(options).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
  const { address, sshPort, user } = world.vps;
  return ["ssh", "-F", "none", ...words, "-p", `${sshPort}`, `${user}@${address}`];
}

async function sshAnswers(world: World): Promise<void> {
  const { address, sshPort, hostKey } = world.vps;
  writeFileSync(knownHostsFile(world), `[${address}]:${sshPort} ${hostKey}\n`);
  for (let tried = 1; ; tried += 1) {
    try {
      await run([...sshCommand(world), "true"], { seconds: sshSeconds });
      return;
    } catch (error) {
      if (tried === sshTries) throw error;
      await delay(pollMilliseconds);
    }
  }
}

const imageOf =
  (kind: ImageKind) =>
  (report: Report): Promise<string> =>
    ensureImage(kind, report);

/** The emulator needs Node.js and nothing else: the sample app's base has it. */
const serviceImages = { registry: imageOf("services"), acme: imageOf("services"), b2: ensureSampleBase } as const;

interface Parts {
  readonly name: string;
  readonly folder: string;
  readonly settings: WorldSettings;
  readonly keys: Keys;
}

/** The image for a missing container. An existing container needs none, so a world also works without the sources of its images. */
async function prepared(
  container: string,
  ensure: (report: Report) => Promise<string>,
  report: Report,
): Promise<string> {
  const state = await containerState(container);
  const image = state === "missing" ? await ensure(report) : "";
  if (state !== "running") report(`starting ${container}`);
  return image;
}

async function ensureParts({ name, folder, settings, keys }: Parts, report: Report): Promise<void> {
  const { ports } = settings;
  const common = { world: name, addresses: await ensureNetwork(name) };
  const b2 = { b2Port: ports.b2, b2Environment: ensureMasterKey(folder) };
  for (const service of ["registry", "acme", "b2"] as const) {
    const image = await prepared(serviceContainer(name, service), serviceImages[service], report);
    await ensureService(service, { ...common, ...b2, image, registryPort: ports.registry }, keys);
  }
  await keepRoots(name, folder, keys);
  const image = await prepared(vpsContainer(name), imageOf(imageFor(settings.host)), report);
  const rclone = image === "" ? "" : await ensureRclone(report);
  if (rclone !== "") writeFileSync(rcloneSum(folder), sha256Of(rclone));
  const vps = { ...common, image, ports, rclone, host: settings.host, withoutSysResource: withoutSysResource() };
  await ensureVps(vps, folder, keys);
  for (const peer of placesOf(settings, vps.addresses)) await ensureServer(vps, peer, folder, keys, report);
}

async function ensureServer(
  options: Omit<VpsOptions, "image" | "rclone">,
  peer: PeerOptions,
  folder: string,
  keys: Keys,
  report: Report,
): Promise<void> {
  const image = await prepared(peerContainer(options.world, peer.name), imageOf(imageFor(options.host)), report);
  const rclone = image === "" ? "" : await ensureRclone(report);
  await ensurePeer({ ...options, image, rclone }, peer, folder, { ...keys, host: peerKey(folder, peer.name) });
}

async function removeLabelled(
  kind: "container" | "volume" | "network",
  name: string,
  all: readonly string[],
): Promise<void> {
  const found = await docker([kind, "ls", "--quiet", ...all, "--filter", `label=${worldLabel(name)}`]);
  if (found === "") return;
  const force = kind === "container" ? ["--force"] : [];
  await docker([kind, "rm", ...force, ...found.split("\n")]);
}

async function removeParts(name: string): Promise<void> {
  await removeLabelled("container", name, ["--all"]);
  await removeLabelled("network", name, []);
  await removeLabelled("volume", name, []);
  await removeAgent(agentSocketPath(name));
}

/**
 * Ensures that all parts of a world run and answer. It creates missing parts, starts stopped parts, and does not change
 * running parts.
 * @throws Error with the failed command's last lines, or with the next command.
 */
export async function ensureWorld(options: WorldOptions, report: Report): Promise<World> {
  await ensureDocker(report);
  const name = worldName(options);
  const folder = worldFolder(options);
  // If somebody deleted the world's folder, the keys and ports of its parts are lost. An older world has not all parts.
  if (findSettings(options) === undefined) {
    await removeParts(name);
    rmSync(folder, { recursive: true, force: true });
  }
  const settings = await ensureSettings(options);
  const keys = await ensureKeys(folder, hosts.acme);
  for (const [index] of settings.peers.entries()) await ensurePeerKey(folder, peerNames[index] ?? "");
  const world = await describeWorld(options, settings);
  await ensureAgent(world.agentSocket, keys.client);
  await ensureParts({ name, folder, settings, keys }, report);
  await sshAnswers(world);
  return world;
}

/** The world, if it exists and its VPS runs. Changes nothing. */
export async function findWorld(options: WorldOptions): Promise<World | undefined> {
  const settings = findSettings(options);
  if (settings === undefined) return undefined;
  const state = await containerState(vpsContainer(worldName(options))).catch(() => "missing");
  return state === "running" ? describeWorld(options, settings) : undefined;
}

/** Removes all that `ensureWorld` made for this world, and nothing else; images and the Docker engine stay. Safe to repeat. */
export async function removeWorld(options: WorldOptions, report: Report): Promise<void> {
  const folder = worldFolder(options);
  // Without a folder it asks a running Docker engine, but does not start one.
  if (existsSync(folder)) await ensureDocker(report);
  else if (!(await engineAnswers())) return;
  await removeParts(worldName(options));
  rmSync(folder, { recursive: true, force: true });
}

/** Shuts the VPS down in order and boots it again; returns when it has booted and ssh answers. */
export async function restartVps(world: World): Promise<void> {
  await rebootVps(world.name, world.folder);
  await sshAnswers(world);
}

/** A power cut: every process of the VPS ends at once. */
export const powerOffVps = (world: World): Promise<void> => cutPower(world.vps.container);

/** Boots a VPS that is off; returns when it has booted and ssh answers. */
export async function startVps(world: World): Promise<void> {
  await bootServer(world.vps.container, world.folder);
  await sshAnswers(world);
}

/** A power cut of a further server of a cluster. */
export const powerOffPeer = ({ container }: Peer): Promise<void> => cutPower(container);

/** Boots a further server that is off; returns when it has booted. */
export const startPeer = ({ folder }: World, { container }: Peer): Promise<void> => bootServer(container, folder);

/** Removes the VPS with all its data. `ensureWorld` creates a new one with another host key, like a provider. */
export async function loseVps(world: World): Promise<void> {
  await removeVps(world.name);
  removeHostKey(keysIn(world.folder).host);
}

/** Removes a further server of a cluster with all its data. `ensureWorld` creates a new one at the same address. */
export async function losePeer(world: World, { name }: Peer): Promise<void> {
  await removePeer(world.name, name);
  removeHostKey(peerKey(world.folder, name));
}

/** Makes a service unreachable, from here and from the VPS. */
export const stopService = (world: World, service: ServiceName): Promise<void> => withdrawService(service, world.name);

/** Makes a stopped service reachable again, with the same data. */
export async function startService(world: World, service: ServiceName): Promise<void> {
  await restoreService(service, world.name, await ensureNetwork(world.name));
}
