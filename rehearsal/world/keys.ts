import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./run";

const seconds = 20;
const certificateDays = "3650";

/** Paths of the world's own keys; `x.pub` lies beside each ssh key `x`. */
export interface Keys {
  /** The ssh key of the operator. */
  readonly client: string;
  /** The host key of the VPS. */
  readonly host: string;
  /** The ACME authority's own TLS: a certificate that is its own root, and its key. */
  readonly acmeCertificate: string;
  readonly acmeKey: string;
}

export function keysIn(folder: string): Keys {
  const keys = join(folder, "keys");
  return {
    client: join(keys, "client"),
    host: join(keys, "host"),
    acmeCertificate: join(keys, "acme.pem"),
    acmeKey: join(keys, "acme.key"),
  };
}

/** The key's type and base64, without its comment: `ssh-ed25519 AAAA...`. */
export const publicKey = (file: string): string =>
  readFileSync(`${file}.pub`, "utf8").split(" ").slice(0, 2).join(" ").trim();

async function makeSshKey(file: string, comment: string): Promise<void> {
  if (existsSync(`${file}.pub`)) return;
  await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", file], { seconds });
}

/** The host key of another server of a cluster. The first call creates it. */
export async function ensurePeerKey(folder: string, name: string): Promise<string> {
  const file = peerKey(folder, name);
  await makeSshKey(file, `rehearsal-${name}`);
  return file;
}

export const peerKey = (folder: string, name: string): string => join(folder, "keys", `host-${name}`);

/** Removes a host key. The next `ensureKeys` or `ensurePeerKey` creates another. */
export function removeHostKey(host: string): void {
  for (const file of [host, `${host}.pub`]) rmSync(file);
}

async function makeCertificate(keys: Keys, name: string): Promise<void> {
  if (existsSync(keys.acmeCertificate)) return;
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", keys.acmeKey];
  const subject = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name},DNS:localhost`];
  const made = ["-days", certificateDays, "-out", keys.acmeCertificate];
  await run(["openssl", "req", "-x509", ...key, ...subject, ...made], { seconds });
}

/** The world's keys. The first call creates them. */
export async function ensureKeys(folder: string, acmeHost: string): Promise<Keys> {
  const keys = keysIn(folder);
  mkdirSync(join(folder, "keys"), { recursive: true, mode: 0o700 });
  await Promise.all([
    makeSshKey(keys.client, "rehearsal-client"),
    makeSshKey(keys.host, "rehearsal-host"),
    makeCertificate(keys, acmeHost),
  ]);
  return keys;
}

/** The master key of the emulated B2 account, as variables in a file. */
export const masterKeyFile = (folder: string): string => join(folder, "b2.env");

/** The file with the master key. The first call creates it. */
export function ensureMasterKey(folder: string): string {
  const file = masterKeyFile(folder);
  const random = (bytes: number): string => randomBytes(bytes).toString("hex");
  const text = `B2_APPLICATION_KEY_ID=${random(6)}\nB2_APPLICATION_KEY=${random(16)}\n`;
  if (!existsSync(file)) writeFileSync(file, text, { mode: 0o600 });
  return file;
}
