import { X509Certificate, createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync, copyFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { repositoryRoot } from "../../repository";
import { containerState, docker } from "./docker";
import type { Keys } from "./keys";
import { worldLabel, worldVolume, type Addresses } from "./network";

const startSeconds = 20;
const pollMilliseconds = 200;
const acmeTls = "/etc/pebble/tls";

export type ServiceName = "registry" | "acme" | "b2";

export const serviceContainer = (world: string, service: ServiceName): string => `${world}-${service}`;

export interface ServiceOptions {
  readonly world: string;
  readonly image: string;
  readonly addresses: Addresses;
  /** On 127.0.0.1 of this machine. */
  readonly registryPort: number;
  /** On 127.0.0.1 of this machine. */
  readonly b2Port: number;
  /** File with the master key of the emulated B2 account, as variables. */
  readonly b2Environment: string;
}

const registryArguments = ({ world, registryPort }: ServiceOptions): readonly string[] => [
  ...["--publish", `127.0.0.1:${registryPort}:5000`],
  ...worldVolume(world, "registry", "/var/lib/docker-registry"),
];

const emulatorFolder = join(repositoryRoot, "dist/rehearsal/emulators");

/** The emulator runs from this checkout's build, as root: its volume is root's. */
const emulatorArguments = ({ world, b2Port, b2Environment }: ServiceOptions): readonly string[] => [
  ...["--user", "0:0", "--publish", `127.0.0.1:${b2Port}:8000`, "--env-file", b2Environment],
  ...worldVolume(world, "b2", "/var/lib/b2"),
  ...["--mount", `type=bind,source=${emulatorFolder},target=/emulators,readonly`],
];

/** The words after `docker create` for a service's container. */
export function serviceArguments(service: ServiceName, options: ServiceOptions): readonly string[] {
  const { world, image, addresses } = options;
  const common = [
    ...["--name", serviceContainer(world, service), "--label", worldLabel(world)],
    ...["--network", world, "--ip", addresses[service]],
  ];
  switch (service) {
    case "registry": {
      const server = ["docker-registry", "serve", "/etc/docker/registry/config.yml"];
      return [...common, ...registryArguments(options), image, ...server];
    }
    case "acme":
      return [...common, image, "acme.sh", addresses.vps];
    case "b2":
      return [...common, ...emulatorArguments(options), image, "node", "/emulators/b2/main.js", "/var/lib/b2", "8000"];
  }
}

async function createService(service: ServiceName, options: ServiceOptions, keys: Keys): Promise<void> {
  await docker(["create", ...serviceArguments(service, options)]);
  if (service === "acme") {
    const container = serviceContainer(options.world, service);
    await docker(["cp", keys.acmeCertificate, `${container}:${acmeTls}/acme.pem`]);
    await docker(["cp", keys.acmeKey, `${container}:${acmeTls}/acme.key`]);
  }
}

const connect = (service: ServiceName, world: string, addresses: Addresses): Promise<string> =>
  docker(["network", "connect", "--ip", addresses[service], world, serviceContainer(world, service)]);

/** Ensures that a service runs. It is created if it is missing; only then is `image` called. */
export async function ensureService(service: ServiceName, options: ServiceOptions, keys: Keys): Promise<void> {
  const container = serviceContainer(options.world, service);
  const state = await containerState(container);
  switch (state) {
    case "running":
      return;
    case "cut off":
      await connect(service, options.world, options.addresses);
      return;
    case "missing":
      await createService(service, options, keys);
      break;
    case "stopped":
      break;
    default:
      state satisfies never;
  }
  await docker(["start", container]);
}

/**
 * Makes a service unreachable. It stops the service. Only the ACME authority is disconnected from the network instead,
 * because its accounts, orders and root certificate are only in memory and a stop would delete them.
 */
export async function withdrawService(service: ServiceName, world: string): Promise<void> {
  const container = serviceContainer(world, service);
  await docker(service === "acme" ? ["network", "disconnect", world, container] : ["stop", "--time", "2", container]);
}

/** Makes a withdrawn service reachable again, at the same address and with the same data. */
export async function restoreService(service: ServiceName, world: string, addresses: Addresses): Promise<void> {
  await (service === "acme" ? connect(service, world, addresses) : docker(["start", serviceContainer(world, service)]));
}

async function issuingRoot(world: string): Promise<string> {
  const trust = ["--cacert", `${acmeTls}/acme.pem`];
  const question = ["curl", "--silent", "--fail", ...trust, "https://localhost:15000/roots/0"];
  const deadline = Date.now() + startSeconds * 1000;
  for (;;) {
    try {
      return `${await docker(["exec", serviceContainer(world, "acme"), ...question])}\n`;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await delay(pollMilliseconds);
    }
  }
}

/** The roots of every certificate that the world's authority has issued: it makes a new one at each start. */
export const rootsFile = (folder: string): string => join(folder, "acme-roots.pem");
/** Certificates that the VPS trusts: the same roots, one file each, and the authority's own TLS. */
export const trustedFolder = (folder: string): string => join(folder, "trusted");

/** Keeps the authority's present root beside its earlier ones, which its earlier certificates still need. */
export async function keepRoots(world: string, folder: string, keys: Keys): Promise<void> {
  const trusted = trustedFolder(folder);
  mkdirSync(trusted, { recursive: true });
  copyFileSync(keys.acmeCertificate, join(trusted, "rehearsal-acme.crt"));
  const root = await issuingRoot(world);
  const fingerprint = createHash("sha256").update(new X509Certificate(root).raw).digest("hex").slice(0, 12);
  const file = join(trusted, `rehearsal-root-${fingerprint}.crt`);
  if (!existsSync(file)) writeFileSync(file, root);
  const roots = readdirSync(trusted)
    .filter((name) => name.startsWith("rehearsal-root-"))
    .sort();
  writeFileSync(rootsFile(folder), roots.map((name) => readFileSync(join(trusted, name), "utf8")).join(""));
}
