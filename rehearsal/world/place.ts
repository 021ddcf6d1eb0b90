import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";

const DEFAULT_DOMAIN = "memoryloop.test";
/** Below the range that kernels hand out to outgoing connections. */
const FIRST_PORT = 20_000;
const PORT_RANGE = 10_000;
/** The world's network is one of 10.201.0.0/24 ... 10.201.255.0/24. */
const SUBNETS = 256;

export interface WorldOptions {
  /** The checkout that the world belongs to: an absolute path. */
  readonly checkout: string;
  /** Sets further worlds of one checkout apart, such as a second VPS. Lower-case letters, digits and `-`. @default none */
  readonly suffix?: string;
  /** The site's domain name. Kept from the world's making on. @default "memoryloop.test" */
  readonly domain?: string;
}

const port = z.int().min(1).max(65_535);
const placeSchema = z.strictObject({
  domain: z.string(),
  ports: z.strictObject({ ssh: port, http: port, https: port, registry: port, b2: port }),
});

/** What is chosen once in a world's life; kept in `world.json`. */
export type Place = z.infer<typeof placeSchema>;

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
  return Array.from({ length: SUBNETS }, (_, index) => `10.201.${(favourite + index) % SUBNETS}.0/24`);
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

async function freePorts(name: string, count: number): Promise<readonly number[]> {
  const favourite = hashOf(name).readUInt16BE(2) % PORT_RANGE;
  const found: number[] = [];
  for (let index = 0; found.length < count && index < PORT_RANGE; index += 1) {
    const candidate = FIRST_PORT + ((favourite + index) % PORT_RANGE);
    if (await isFree(candidate)) found.push(candidate);
  }
  return found;
}

async function choosePlace(options: WorldOptions): Promise<Place> {
  const [ssh, http, https, registry, b2] = await freePorts(worldName(options), 5);
  return placeSchema.parse({ domain: options.domain ?? DEFAULT_DOMAIN, ports: { ssh, http, https, registry, b2 } });
}

const placeFile = (options: WorldOptions): string => join(worldFolder(options), "world.json");

/** What was chosen for the world, or `undefined` where none was made, or one by an earlier checkout that knew less parts. */
export function findPlace(options: WorldOptions): Place | undefined {
  const file = placeFile(options);
  return existsSync(file) ? placeSchema.safeParse(JSON.parse(readFileSync(file, "utf8"))).data : undefined;
}

/** What was chosen for the world; chosen and kept now, where nothing was. */
export async function ensurePlace(options: WorldOptions): Promise<Place> {
  const existing = findPlace(options);
  if (existing !== undefined) return existing;
  const place = await choosePlace(options);
  mkdirSync(worldFolder(options), { recursive: true, mode: 0o700 });
  writeFileSync(placeFile(options), `${JSON.stringify(place, undefined, 2)}\n`);
  return place;
}
