import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { containerState, docker } from "./docker";
import type { Keys } from "./keys";
import { hostScript, type HostKind } from "./hosts";
import { hosts, volumeName, worldLabel, worldVolume, type Addresses } from "./network";
import type { WorldSettings } from "./settings";
import { trustedFolder } from "./services";

const bootSeconds = 120;
const shutdownSeconds = 60;
const sysResourceBit = 24n;

export const vpsContainer = (world: string): string => `${world}-vps`;

/** Names of the servers beside the VPS, in a world with a cluster. */
export const peerNames = ["second", "third"] as const;

export const peerContainer = (world: string, name: string): string => `${world}-vps-${name}`;

/** Whether CAP_SYS_RESOURCE is outside the bounding set, by the text of `/proc/self/status`. */
export function lacksSysResource(status: string): boolean {
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return bounding !== undefined && ((BigInt(`0x${bounding}`) >> sysResourceBit) & 1n) === 0n;
}

/** Of this machine; where it cannot say (macOS), the engine runs in a virtual machine that has every capability. */
export function withoutSysResource(): boolean {
  try {
    return lacksSysResource(readFileSync("/proc/self/status", "utf8"));
  } catch {
    return false;
  }
}

export interface VpsOptions {
  readonly world: string;
  readonly image: string;
  readonly addresses: Addresses;
  readonly ports: WorldSettings["ports"];
  readonly host: HostKind;
  readonly withoutSysResource: boolean;
  /** The archive with rclone, on this machine. */
  readonly rclone: string;
}

/** Path of rclone's archive on the VPS. In production the server downloads it. */
export const rcloneArchive = "/opt/rehearsal-rclone.zip";

/** Options of a container for systemd and a Docker of its own, without `--privileged`. */
export const isolation: readonly string[] = [
  // The signal that makes systemd shut down.
  ["--stop-signal", "SIGRTMIN+3"],
  ["--cap-add", "ALL"],
  ["--security-opt", "seccomp=unconfined"],
  ["--security-opt", "apparmor=unconfined"],
  ["--security-opt", "systempaths=unconfined"],
  ["--device-cgroup-rule", "a *:* rwm"],
  ["--cgroupns", "host"],
  ["--volume", "/sys/fs/cgroup:/sys/fs/cgroup:rw"],
  // Docker's default for a tmpfs is noexec, which no server has there.
  ["--tmpfs", "/run:exec,mode=755"],
  ["--tmpfs", "/tmp:exec,mode=1777"],
].flat();

const publish = (host: number, inside: number): readonly string[] => ["--publish", `127.0.0.1:${host}:${inside}`];

/** The words after `docker create` for the VPS: systemd and a Docker of its own, without `--privileged`. */
export function vpsArguments(options: VpsOptions): readonly string[] {
  const { world, addresses, ports } = options;
  return [
    ...["--name", vpsContainer(world), "--hostname", "vps", "--label", worldLabel(world)],
    ...["--network", world, "--ip", addresses.vps],
    ...publish(ports.ssh, 22),
    ...publish(ports.http, 80),
    ...publish(ports.https, 443),
    ...serverArguments(options, "docker"),
  ];
}

/** A further server of a cluster. */
export interface PeerOptions {
  readonly name: string;
  /** On the network of the world, where the engine reaches it. */
  readonly address: string;
  /** Port of its site, on 127.0.0.1 of this machine. */
  readonly httpsPort: number;
}

/** As `vpsArguments`, for a further server of a cluster. */
const peerArguments = (options: VpsOptions, { name, address, httpsPort }: PeerOptions): readonly string[] => [
  ...["--name", peerContainer(options.world, name), "--hostname", name, "--label", worldLabel(options.world)],
  ...["--network", options.world, "--ip", address],
  ...publish(httpsPort, 443),
  ...serverArguments(options, `docker-${name}`),
];

function serverArguments({ world, image, addresses, withoutSysResource }: VpsOptions, volume: string): string[] {
  const knows = (host: string, address: string): readonly string[] => ["--add-host", `${host}:${address}`];
  return [
    ...knows(hosts.registry, addresses.registry),
    ...knows(hosts.acme, addresses.acme),
    ...knows(hosts.b2, addresses.b2),
    ...isolation,
    ...(withoutSysResource ? ["--cap-drop", "SYS_RESOURCE"] : []),
    ...worldVolume(world, volume, "/var/lib/docker"),
    image,
  ];
}

/** Files that the world writes before the first boot: [file of the world's folder, path on the VPS]. */
function filesOf(folder: string, keys: Keys, options: VpsOptions): readonly (readonly [string, string])[] {
  const { ports, rclone } = options;
  const forward = (upstream: string, port: number): readonly [string, string] => {
    const file = join(folder, `forward-${port}.env`);
    writeFileSync(file, `UPSTREAM=${upstream}\n`);
    return [file, `/etc/rehearsal/forward/${port}`];
  };
  return [
    [`${keys.client}.pub`, "/root/.ssh/authorized_keys"],
    [`${keys.client}.pub`, "/home/deploy/.ssh/authorized_keys"],
    [keys.host, "/etc/ssh/ssh_host_ed25519_key"],
    [`${keys.host}.pub`, "/etc/ssh/ssh_host_ed25519_key.pub"],
    forward(`${hosts.registry}:5000`, ports.registry),
    forward(`${hosts.b2}:8000`, ports.b2),
    [rclone, rcloneArchive],
  ];
}

async function create(
  container: string,
  words: readonly string[],
  files: readonly (readonly [string, string])[],
): Promise<void> {
  await docker(["create", ...words]);
  for (const [from, to] of files) await docker(["cp", from, `${container}:${to}`]);
}

/** Booted, Docker answers, and the world's authorities are trusted. @throws Error after two minutes. */
async function settle(container: string, folder: string): Promise<void> {
  await docker(["cp", `${trustedFolder(folder)}/.`, `${container}:/usr/local/share/ca-certificates/`]);
  await docker(["exec", container, "timeout", `${bootSeconds}`, "/usr/local/lib/rehearsal/settle.sh"], bootSeconds + 5);
}

/** Makes a server of this kind from the usual one. */
async function makeKind(container: string, host: HostKind): Promise<void> {
  const script = hostScript(host);
  if (script === undefined) return;
  await docker(["cp", script, `${container}:/usr/local/lib/rehearsal/make-host.sh`]);
  await docker(["exec", container, "bash", "/usr/local/lib/rehearsal/make-host.sh"], bootSeconds);
}

/** Ensures that the VPS runs and has booted. It is created if it is missing; only then is `image` called. */
export async function ensureVps(options: VpsOptions, folder: string, keys: Keys): Promise<void> {
  const container = vpsContainer(options.world);
  const state = await containerState(container);
  if (state === "missing") await create(container, vpsArguments(options), filesOf(folder, keys, options));
  if (state !== "running") await docker(["start", container]);
  await settle(container, folder);
  if (state === "missing") await makeKind(container, options.host);
}

/** Ensures that a further server of a cluster runs and has booted. It is created if it is missing. */
export async function ensurePeer(options: VpsOptions, peer: PeerOptions, folder: string, keys: Keys): Promise<void> {
  const container = peerContainer(options.world, peer.name);
  const state = await containerState(container);
  if (state === "missing") await create(container, peerArguments(options, peer), filesOf(folder, keys, options));
  if (state !== "running") await docker(["start", container]);
  await settle(container, folder);
}

/** Shuts the VPS down in order and boots it again; returns when it has settled. */
export async function rebootVps(world: string, folder: string): Promise<void> {
  await docker(["restart", "--time", `${shutdownSeconds}`, vpsContainer(world)], shutdownSeconds + 30);
  await settle(vpsContainer(world), folder);
}

/** Ends every process of a server at once, as a power cut does. */
export async function cutPower(container: string): Promise<void> {
  await docker(["kill", "--signal", "KILL", container]);
}

/** Boots a server that is off; returns when it has settled. */
export async function bootServer(container: string, folder: string): Promise<void> {
  await docker(["start", container]);
  await settle(container, folder);
}

/** Removes the VPS with its disk. */
export async function removeVps(world: string): Promise<void> {
  await docker(["rm", "--force", vpsContainer(world)]);
  await docker(["volume", "rm", volumeName(world, "docker")]);
}

/** Removes a further server of a cluster with its disk. */
export async function removePeer(world: string, name: string): Promise<void> {
  await docker(["rm", "--force", peerContainer(world, name)]);
  await docker(["volume", "rm", volumeName(world, `docker-${name}`)]);
}
