import { readRepositoryFile } from "../../repository";
import { rcloneReleases, type RcloneRelease } from "../backup/rclone";
import type { Connection } from "../connection";
import { commandLine } from "../ssh/quote";
import { anyShellLine } from "../ssh/remote-command";

type Login = Pick<Connection, "user">;

/** Prints the id of the machine. */
export const readMachineId = "cat /etc/machine-id";

const asRoot = ({ user }: Login, script: string, args: readonly string[] = []): string =>
  anyShellLine(user, [], args.length === 0 ? script : `set -- ${commandLine(args)}\n${script}`);

export const installPackagesScript = (): string => readRepositoryFile("host", "bootstrap", "install-packages.sh");

/** Runs host/bootstrap/install-packages.sh on the server. */
export const installPackages = (login: Login): string => asRoot(login, installPackagesScript());

export const installRcloneScript = (): string => readRepositoryFile("host", "bootstrap", "install-rclone.sh");

/** Arguments of host/bootstrap/install-rclone.sh: the archive for each processor, as URL#SHA256. */
export const rcloneArchives = (release: RcloneRelease | undefined): string[] =>
  [release ?? rcloneReleases.amd64, release ?? rcloneReleases.arm64].map(({ url, sha256 }) => `${url}#${sha256}`);

/** Runs host/bootstrap/install-rclone.sh on the server. Without a release: the pinned one of rclone. */
export const installRclone = (login: Login, release: RcloneRelease | undefined): string =>
  asRoot(login, installRcloneScript(), rcloneArchives(release));
