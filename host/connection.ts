import { z } from "zod";

const keyPattern = /(?<=^|\s)(ssh-ed25519|ecdsa-sha2-nistp\d+|ssh-rsa) [A-Za-z0-9+/=]+/;

/** The key alone, where it has the name of the server before it, as `ssh-keyscan` prints it, or a comment after it. */
function keyIn(text: string): string {
  const lines = text.split("\n").filter((line) => !line.startsWith("#"));
  const found = lines.flatMap((line) => keyPattern.exec(line)?.[0] ?? []);
  return found.find((key) => key.startsWith("ssh-ed25519")) ?? found[0] ?? text;
}

/** How the program reaches the server. Only the ssh agent (`SSH_AUTH_SOCK`) authenticates, so no key is ever an input. */
export const connectionSchema = z.object({
  host: z.string().min(1).describe("Name or address of the server."),
  port: z.number().int().min(1).max(65535).describe("TCP port of the ssh server."),
  user: z.string().min(1).describe("`root`, or a user with passwordless sudo who is in the group `docker`."),
  hostKey: z
    .string()
    .overwrite(keyIn)
    .regex(/^(ssh-ed25519|ecdsa-sha2-nistp\d+|ssh-rsa) [A-Za-z0-9+/=]+$/, {
      message: 'must be a public host key such as "ssh-ed25519 AAAAC3Nz..." (ssh-keyscan -t ed25519 HOST)',
    })
    .describe("Public host key as in known_hosts: `ssh-ed25519 AAAA...`. The program refuses any other key."),
});

export type Connection = z.infer<typeof connectionSchema>;
