import { z } from "zod";

const publicKey = /(?:ssh-ed25519|ecdsa-sha2-nistp\d+|ssh-rsa) [A-Za-z0-9+/=]+/g;

/**
 * The key alone, from any text that shows it: a line of ssh-keyscan or known_hosts, or a public key file with its comment.
 * Of several keys it is the ed25519 one, else the first.
 */
export function hostKeyIn(text: string): string {
  const keys: readonly string[] = text.match(publicKey) ?? [];
  return keys.find((key) => key.startsWith("ssh-ed25519 ")) ?? keys[0] ?? text.trim();
}

const hostKeySchema = z
  .string()
  .overwrite(hostKeyIn)
  .regex(/^(ssh-ed25519|ecdsa-sha2-nistp\d+|ssh-rsa) [A-Za-z0-9+/=]+$/, {
    message: 'must be a public host key such as "ssh-ed25519 AAAAC3Nz..." (ssh-keyscan -t ed25519 HOST)',
  });

const identitySchema = z
  .string()
  .overwrite((text) => text.trim().split(/\s+/).slice(0, 2).join(" "))
  .regex(
    /^(ssh-ed25519|ecdsa-sha2-nistp\d+|ssh-rsa) [A-Za-z0-9+/=]+$/,
    'the text of a public key file, such as "ssh-ed25519 AAAA..." (ssh-add -L); no security key (sk-...)',
  )
  .describe(
    "Public key of the ssh agent's key to offer, and no other. Needed when the agent has more keys than the server's MaxAuthTries.",
  );

const hostName = z
  .string()
  .regex(/^[A-Za-z0-9:][A-Za-z0-9.:-]*$/, "a name or an address, without user, port or scheme");

const jumpSchema = z
  .strictObject({
    host: hostName.describe("Name or address of the jump host."),
    port: z.number().int().min(1).max(65535).default(22).describe("TCP port of its ssh server."),
    user: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, "a user name, such as root")
      .default("root")
      .describe("Login on it. It needs no more than the right to forward TCP."),
    hostKey: hostKeySchema.describe("Its public host key, in any form that `host.hostKey` takes."),
    identity: identitySchema.optional().describe("Public key to offer to it. Default: `host.identity`."),
  })
  .describe("An ssh host through which the server is reached (ProxyJump). Omit it for a direct connection.");

/** How the program reaches the server. Only the ssh agent (`SSH_AUTH_SOCK`) authenticates, so no key is ever an input. */
export const connectionSchema = z.object({
  host: hostName.describe("Name or address of the server."),
  port: z.number().int().min(1).max(65535).describe("TCP port of the ssh server."),
  user: z.string().min(1).describe("`root`, or a user with passwordless sudo who is in the group `docker`."),
  hostKey: hostKeySchema.describe(
    "Public host key as in known_hosts: `ssh-ed25519 AAAA...`, also as `ssh-keyscan` prints it. The program refuses any other key.",
  ),
  identity: identitySchema.optional(),
  jump: jumpSchema.optional(),
});

export type Connection = z.infer<typeof connectionSchema>;

/** A jump host, with the key to offer to it. */
export type Jump = z.infer<typeof jumpSchema>;

/** The jump host of a connection. Without a key of its own it gets the server's. */
export const jumpOf = ({ jump, identity }: Connection): Jump | undefined =>
  jump && { ...jump, ...((jump.identity ?? identity) !== undefined && { identity: jump.identity ?? identity }) };
