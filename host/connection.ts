import { z } from "zod";

/** How a host is reached. Authentication is by ssh agent (`SSH_AUTH_SOCK`) only, so no key is ever an input. */
export const connectionSchema = z.object({
  /** Name or address of the host. */
  host: z.string().min(1),
  /** TCP port of its sshd. */
  port: z.number().int().min(1).max(65535),
  /** `root`, or a user with passwordless sudo who is in the docker group. */
  user: z.string().min(1),
  /** The host's public key as in known_hosts: "ssh-ed25519 AAAA...". Any other key is refused. */
  hostKey: z.string().regex(/^(ssh-ed25519|ecdsa-sha2-nistp\d+|ssh-rsa) [A-Za-z0-9+/=]+$/, {
    message: 'must be a public host key such as "ssh-ed25519 AAAAC3Nz..." (ssh-keyscan -t ed25519 HOST)',
  }),
});

export type Connection = z.infer<typeof connectionSchema>;
