import { z } from "zod";
import type { Shell } from "../shell";

const count = z.coerce.number().int().min(0);
const yes = z.enum(["yes", "no"]).transform((word) => word === "yes");
const words = z.string().transform((text) => text.split(" ").filter(Boolean));

/** Fields of each kind of line, in their order. */
const lineFields = {
  os: ["id", "version", "architecture", "kernel", "init"],
  memory: ["totalMb"],
  clock: ["seconds"],
  ipv6: ["inKernel"],
  disk: ["mount", "sizeMb", "freeMb"],
  login: ["user", "uid", "shell", "groups"],
  docker: ["package", "version", "daemonJson"],
  container: ["name", "image", "app", "state", "ports"],
  network: ["name", "app", "subnets"],
  nginx: ["version"],
  "nginx-broken": ["message"],
  "nginx-name": ["file", "names"],
  "nginx-default": ["file", "listen"],
  "nginx-file": ["file", "state"],
  lineage: ["name", "authenticator", "live", "hooks"],
  ufw: ["allowed"],
  firewalld: ["allowed"],
  "nft-drop": ["table"],
  listener: ["protocol", "address", "port", "process"],
  route: ["subnet", "device"],
  address: ["address"],
  owned: ["path", "owner"],
  shared: ["held", "owner", "sha256"],
  app: ["name"],
  renamed: ["app", "to"],
  identity: ["app", "id"],
  data: ["path", "uid", "content"],
  active: ["release"],
  record: ["file", "content"],
} as const;

type Kind = keyof typeof lineFields;

/** Everything about a server that decides whether the program may work on it. One look, before anything changes. */
const inventorySchema = z.object({
  os: z.object({ id: z.string(), version: z.string(), architecture: z.string(), kernel: z.string(), init: z.string() }),
  memory: z.object({ totalMb: count }),
  /** The server's time, in seconds since 1970. */
  clock: z.object({ seconds: count }),
  ipv6: z.object({ inKernel: yes }),
  disk: z.array(z.object({ mount: z.string(), sizeMb: count, freeMb: count })),
  login: z.object({ user: z.string(), uid: count, shell: z.string(), groups: words }),
  /** `package` is the Debian package of dockerd, `snap`, `other`, or `none`. `daemonJson` is the file's text. */
  docker: z.object({
    package: z.string(),
    version: z.string(),
    daemonJson: z.string().transform((base64) => Buffer.from(base64, "base64").toString("utf8")),
  }),
  container: z.array(
    z.object({ name: z.string(), image: z.string(), app: z.string(), state: z.string(), ports: z.string() }),
  ),
  network: z.array(z.object({ name: z.string(), app: z.string(), subnets: words })),
  /** Empty when nginx is not installed. */
  nginx: z.object({ version: z.string() }),
  /** nginx's own words when it refuses its configuration. */
  "nginx-broken": z.array(z.object({ message: z.string() })),
  "nginx-name": z.array(z.object({ file: z.string(), names: words })),
  "nginx-default": z.array(z.object({ file: z.string(), listen: z.string() })),
  /** `pristine`: as its Debian package installed it. */
  "nginx-file": z.array(z.object({ file: z.string(), state: z.enum(["pristine", "changed"]) })),
  /** certbot's lineages. Without `authenticator` only remains of one are there. */
  lineage: z.array(z.object({ name: z.string(), authenticator: z.string(), live: yes, hooks: count })),
  /** Ports and services that an active ufw or firewalld lets in; empty when it is not active. */
  ufw: z.array(z.object({ allowed: words })),
  firewalld: z.array(z.object({ allowed: words })),
  /** Tables of nftables, not ours and not Docker's, that drop what they do not accept. */
  "nft-drop": z.array(z.object({ table: z.string() })),
  listener: z.array(z.object({ protocol: z.string(), address: z.string(), port: count, process: z.string() })),
  route: z.array(z.object({ subnet: z.string(), device: z.string() })),
  /** The server's own addresses that the internet can reach: not those of loopback, of Docker and of links. */
  address: z.array(z.object({ address: z.string() })),
  /** Paths that file sets of this program hold. A set of an earlier version names no owner. */
  owned: z.array(z.object({ path: z.string(), owner: z.string() })),
  /** The content that each owner wants for the paths and units that the apps of the server share. */
  shared: z.array(z.object({ held: z.string(), owner: z.string(), sha256: z.string() })),
  /** Apps that this program deployed. */
  app: z.array(z.object({ name: z.string() })),
  /** Apps whose rename has begun and not ended, and their new names. */
  renamed: z.array(z.object({ app: z.string(), to: z.string() })),
  /** The id of each app's data. An app that an earlier version of this program deployed has none. */
  identity: z.array(z.object({ app: z.string(), id: z.string() })),
  /** The directory of the stack's app's data, and those in it. */
  data: z.array(z.object({ path: z.string(), uid: count, content: z.enum(["full", "empty"]) })),
  /** Release of the stack's app that serves, or that serves again after a revert. Empty without one. */
  active: z.object({ release: z.string() }),
  /** The deployment records of the stack's app: the file's name and its text. */
  record: z.array(z.object({ file: z.string(), content: z.string() })),
});

export type Inventory = z.output<typeof inventorySchema>;

const isList = (kind: Kind): boolean => inventorySchema.shape[kind] instanceof z.ZodArray;

const isKind = (word: string): word is Kind => word in lineFields;

const recordOf = (kind: Kind, fields: readonly string[]): Record<string, string> =>
  Object.fromEntries(lineFields[kind].map((name, index) => [name, fields[index] ?? ""]));

/** The lines of the script; undefined when it did not run to its end. */
function linesBetweenMarks(text: string): readonly string[] | undefined {
  const all = text.split("\n");
  const begin = all.indexOf("begin");
  const end = all.lastIndexOf("end");
  return begin === -1 || end < begin ? undefined : all.slice(begin + 1, end);
}

/** An inventory, and the text that the login shell printed before it. */
export interface Reading {
  readonly inventory: Inventory;
  readonly noise: string;
}

/**
 * Parses the output of `inventory/inventory.sh`; undefined when its last line is missing, so that a login shell which
 * does not run scripts is never taken for an empty server.
 * @throws ZodError when a field has another form.
 */
export function parseInventory(text: string): Inventory | undefined {
  const lines = linesBetweenMarks(text);
  if (lines === undefined) return undefined;
  const values: Record<string, unknown> = {};
  for (const kind of Object.keys(lineFields) as Kind[]) if (isList(kind)) values[kind] = [];
  for (const [kind = "", ...fields] of lines.map((line) => line.split("\t"))) {
    if (!isKind(kind)) continue;
    const value = recordOf(kind, fields);
    if (isList(kind)) (values[kind] as unknown[]).push(value);
    else values[kind] = value;
  }
  return inventorySchema.parse(values);
}

/** Reads the inventory of a server, with the releases of one app, in one round trip. */
export async function readInventory(
  app: string,
  target: string,
  hint: string,
  shell: Shell,
): Promise<Reading | undefined> {
  const text = await shell.run({
    operation: "take the inventory of",
    target,
    script: "inventory/inventory.sh",
    args: [app],
    timeoutSeconds: 20,
    hint,
  });
  const inventory = parseInventory(text);
  return inventory && { inventory, noise: shell.loginNoise ?? "" };
}
