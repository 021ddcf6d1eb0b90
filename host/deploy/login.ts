import { readRepositoryFile } from "../../repository";
import type { Connection } from "../connection";
import { commandLine } from "../ssh/quote";

/** The user of the server that deploy keys log in as. It can run one program as root, and nothing else. */
export const deployUser = (app: string): string => `${app}-deploy`;

export const deployHome = (app: string): string => `/var/lib/${app}/deploy`;

/** The longest name that Debian accepts for a user. */
const longestUser = 32;

/** Whether the app's name leaves room for the name of its deploy user. */
export const hasRoomForUser = (app: string): boolean => deployUser(app).length <= longestUser;

/** A public key in OpenSSH's format: type, key, and a comment that names it in records and logs. */
export const publicKeyPattern =
  /^(ssh-ed25519|ecdsa-sha2-nistp\d+|ssh-rsa|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com) [A-Za-z0-9+/=]+ [\w.@-]{1,64}$/;

function authorizedLine(app: string, key: string): string {
  const name = key.split(" ")[2] ?? "";
  const program = `/usr/local/lib/${app}/deploy/run`;
  return `restrict,command="sudo -n ${program} ${name} \\"$SSH_ORIGINAL_COMMAND\\"" ${key}\n`;
}

/**
 * The text of authorized_keys for the deploy user. `restrict` switches off terminals and every forwarding. Whatever the client
 * asks for, sshd starts the one program, which gets the client's words as one word.
 */
export const authorizedKeys = (app: string, keys: readonly string[]): string =>
  keys.map((key) => authorizedLine(app, key)).join("");

/** Installs Node.js, sudo and the deploy user where they are missing. */
export function installDeployUser({ user }: Pick<Connection, "user">, app: string): string {
  const script = "deploy/install.sh";
  const words = ["bash", "-c", readRepositoryFile("host", script), script, deployUser(app), deployHome(app)];
  return commandLine([...(user === "root" ? [] : ["sudo", "-n"]), ...words]);
}
