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

/** How the program reaches the server. Only the ssh agent (`SSH_AUTH_SOCK`) authenticates, so no key is ever an input. */
export const connectionSchema = z.object({
  host: z
    .string()
    .regex(/^[A-Za-z0-9:][A-Za-z0-9.:-]*$/, "a name or an address, without user, port or scheme")
    .describe("Name or address of the server."),
  port: z.number().int().min(1).max(65535).describe("TCP port of the ssh server."),
  user: z.string().min(1).describe("`root`, or a user with passwordless sudo who is in the group `docker`."),
  hostKey: z
    .string()
    .overwrite(hostKeyIn)
    .regex(/^(ssh-ed25519|ecdsa-sha2-nistp\d+|ssh-rsa) [A-Za-z0-9+/=]+$/, {
      message: 'must be a public host key such as "ssh-ed25519 AAAAC3Nz..." (ssh-keyscan -t ed25519 HOST)',
    })
    .describe(
      "Public host key as in known_hosts: `ssh-ed25519 AAAA...`, also as `ssh-keyscan` prints it. The program refuses any other key.",
    ),
});

export type Connection = z.infer<typeof connectionSchema>;
