import type { Connection } from "../connection";
import { rootfs } from "../rootfs";
import { running, scriptFolder, type FileSetSpec } from "./file-set-spec";

interface HostKey {
  readonly file: string;
  readonly algorithms: readonly string[];
}

const ed25519: HostKey = { file: "ssh_host_ed25519_key", algorithms: ["ssh-ed25519"] };
const rsaAlgorithms = ["rsa-sha2-512", "rsa-sha2-256"];
const rsa4096: HostKey = { file: "ssh_host_rsa4096_key", algorithms: rsaAlgorithms };

/** The host keys that sshd offers: strong ones, and the pinned one whatever its type, because no other is accepted. */
export function hostKeys({ hostKey }: Connection): readonly HostKey[] {
  const [type = ""] = hostKey.split(" ");
  if (type === "ssh-rsa") return [ed25519, { file: "ssh_host_rsa_key", algorithms: rsaAlgorithms }];
  if (type.startsWith("ecdsa-")) return [ed25519, rsa4096, { file: "ssh_host_ecdsa_key", algorithms: [type] }];
  return [ed25519, rsa4096];
}

/** sshd accepts keys only, with strong algorithms. A login with the new settings is proved before they are installed. */
export function sshdSet(connection: Connection): FileSetSpec {
  const keys = hostKeys(connection);
  return {
    sharing: "equal",
    entries: rootfs("sshd", {
      hostKeys: keys.map(({ file }) => `HostKey /etc/ssh/${file}\n`).join(""),
      hostKeyAlgorithms: keys.flatMap(({ algorithms }) => algorithms).join(","),
    }),
    units: { "ssh.service": running },
    validate: [[`${scriptFolder}/sshd-prove-login`, connection.user, connection.hostKey]],
    activate: [["systemctl", "reload-or-restart", "ssh.service"]],
    inForce: [[`${scriptFolder}/sshd-in-force`]],
  };
}
