import { mkdirSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import { sha256 } from "../sha256";

const pathInHome = (publicKey: string): string =>
  `.cache/memoryloop-infra/identities/${sha256(publicKey).slice(0, 16)}.pub`;

/** The file as ssh's option names it: the same on every machine. `%d` is the home directory of the user. */
export const identityOption = (publicKey: string): string => `%d/${pathInHome(publicKey)}`;

/** Writes the public key where ssh's option names it: ssh takes the private key from the agent. */
function writeIdentityFile(publicKey: string): void {
  const file = join(userInfo().homedir, pathInHome(publicKey));
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${publicKey}\n`);
}

/** Writes the files of all keys that a connection names. */
export function writeIdentityFiles(connection: Identities): void {
  for (const key of [connection.identity, connection.jump?.identity]) if (key !== undefined) writeIdentityFile(key);
}

interface Identities {
  readonly identity?: string | undefined;
  readonly jump?: { readonly identity?: string | undefined } | undefined;
}

/**
 * The socket of an agent that has one key. Relative, because program and plugins run in one directory: so the state has no
 * path of a machine.
 */
export const agentPath = (publicKey: string): string =>
  `node_modules/.cache/agents/${sha256(publicKey).slice(0, 16)}.sock`;
