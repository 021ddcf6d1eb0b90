import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { hostKinds, type HostKind } from "./hosts";

const defaultDomain = "memoryloop.test";
/** Below the range that kernels hand out to outgoing connections. */
const firstPort = 20_000;
const portRange = 10_000;
/** The world's network is one of 10.201.0.0/24 ... 10.201.255.0/24. */
const subnets = 256;

export interface WorldOptions {
  /** The checkout that the world belongs to: an absolute path. */
  readonly checkout: string;
  /** Sets further worlds of one checkout apart, such as a second VPS. Lower-case letters, digits and `-`. @default none */
  readonly suffix?: string;
  /** The site's domain name. Kept from the world's making on. @default "memoryloop.test" */
  readonly domain?: string;
  /** The kind of server. Kept from the world's making on. @default "debian-12" */
  readonly host?: HostKind;
  /** Two more servers, for a cluster. A world keeps them. @default false */
  readonly cluster?: boolean;
}

const port = z.int().min(1).max(65_535);
const settingsSchema = z.strictObject({
  domain: z.string(),
  host: z.enum(hostKinds).default("debian-12"),
  ports: z.strictObject({ ssh: port, http: port, https: port, registry: port, b2: port }),
  /** The https ports of the further servers of a cluster. Empty without one. */
  peers: z.array(port).default([]),
});

/** Settings that are chosen once in a world's life and kept in `world.json`. */
export type WorldSettings = z.infer<typeof settingsSchema>;

const hashOf = (text: string): Buffer => createHash("sha256").update(text).digest();

/** `memoryloop-<hash of the checkout's path>[-<suffix>]`: the name of the world's network, and what its parts' names begin with. */
export function worldName({ checkout, suffix }: WorldOptions): string {
  if (suffix !== undefined && !/^[a-z0-9][a-z0-9-]{0,30}$/.test(suffix)) {
    throw new Error(`the world's suffix "${suffix}" must be lower-case letters, digits and "-", such as "second"`);
  }
  const name = `memoryloop-${hashOf(checkout).toString("hex").slice(0, 8)}`;
  return suffix === undefined ? name : `${name}-${suffix}`;
}

/** `<checkout>/.rehearsal/<world>` */
export const worldFolder = (options: WorldOptions): string => join(options.checkout, ".rehearsal", worldName(options));

/** Not in the world's folder: a socket's path has 107 characters at most, and a checkout's may be longer. */
export const agentSocketPath = (name: string): string => join(tmpdir(), `${name}.agent`);

/** All the subnets a world may have, its own favourite first. */
export function subnetCandidates(name: string): readonly string[] {
  const favourite = hashOf(name).readUInt8(0);
  return Array.from({ length: subnets }, (_, index) => `10.201.${(favourite + index) % subnets}.0/24`);
}

const isFree = (candidate: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => {
      resolve(false);
    });
    server.listen(candidate, "127.0.0.1", () =>
      server.close(() => {
        resolve(true);
      }),
    );
  });

async function freePorts(name: string, count: number): Promise<number[]> {
  const favourite = hashOf(name).readUInt16BE(2) % portRange;
  const found: number[] = [];
  for (let index = 0; found.length < count && index < portRange; index += 1) {
    const candidate = firstPort + ((favourite + index) % portRange);
    if (await isFree(candidate)) found.push(candidate);
  }
  return found;
}

async function chooseSettings(options: WorldOptions): Promise<WorldSettings> {
  const [ssh, http, https, registry, b2, ...peers] = await freePorts(worldName(options), options.cluster ? 7 : 5);
  const { domain = defaultDomain, host } = options;
  return settingsSchema.parse({ domain, host, peers, ports: { ssh, http, https, registry, b2 } });
}

const settingsFile = (options: WorldOptions): string => join(worldFolder(options), "world.json");

/** The world's settings; `undefined` without a world, or with one of an earlier version of this program. */
export function findSettings(options: WorldOptions): WorldSettings | undefined {
  const file = settingsFile(options);
  return existsSync(file) ? settingsSchema.safeParse(JSON.parse(readFileSync(file, "utf8"))).data : undefined;
}

/** The world's settings. They are chosen and kept now when they are missing; a cluster is added when it is asked for. */
export async function ensureSettings(options: WorldOptions): Promise<WorldSettings> {
  const existing = findSettings(options);
  const isComplete = existing !== undefined && (existing.peers.length > 0 || options.cluster !== true);
  if (isComplete) return existing;
  const settings = existing
    ? { ...existing, peers: await freePorts(worldName(options), 2) }
    : await chooseSettings(options);
  mkdirSync(worldFolder(options), { recursive: true, mode: 0o700 });
  writeFileSync(settingsFile(options), `${JSON.stringify(settings, undefined, 2)}\n`);
  return settings;
}
