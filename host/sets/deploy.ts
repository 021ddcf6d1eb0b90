import { readRepositoryFile } from "../../repository";
import { authorizedKeys, deployHome } from "../deploy/login";
import { settingsFile, settingsFolder, type DeploySettings } from "../deploy/settings";
import type { Entry } from "../file-set/inputs";
import { rootDirectory, rootFile, rootfs } from "../rootfs";
import { scriptFolder, type FileSetSpec } from "./file-set-spec";

/** The scripts of `host/` that the program behind a deploy key runs on the server. */
export const stepScripts = [
  "confirm",
  "drain",
  "keep",
  "logs",
  "observe",
  "probe",
  "prove",
  "prune",
  "record",
  "retire",
  "revert",
  "start",
  "switch",
]
  .map((name) => `rollout/${name}.sh`)
  .concat("ssh/session.sh");

/** The program behind a deploy key, one file with all it imports. `npm run build` writes it. */
export const serverProgram = (): string => readRepositoryFile("dist", "server", "deploy.cjs");

const programEntries = (folder: string): Record<string, Entry> => ({
  [folder]: rootDirectory,
  [`${folder}/program`]: rootDirectory,
  [`${folder}/program/main.cjs`]: rootFile(serverProgram()),
  ...Object.fromEntries(["", "/rollout", "/ssh"].map((part) => [`${folder}/host${part}`, rootDirectory])),
  ...Object.fromEntries(
    stepScripts.map((script) => [`${folder}/host/${script}`, rootFile(readRepositoryFile("host", script))]),
  ),
});

/**
 * The way in for deploy keys: who may come (authorized_keys), the one program that the user may run as root (sudoers), that
 * program with its scripts, and its settings. sshd logs what it refuses to this user.
 */
export function deploySet(settings: DeploySettings, keys: readonly string[]): FileSetSpec {
  const { app, connection } = settings;
  const sudoers = `/etc/sudoers.d/${app}-deploy`;
  const files = rootfs("deploy", { app });
  const home = deployHome(app);
  return {
    entries: {
      ...files,
      [sudoers]: { ...files[sudoers], kind: "file", content: files[sudoers]?.content ?? "", mode: "0440" } as Entry,
      ...programEntries(`/usr/local/lib/${app}/deploy`),
      [settingsFolder(app)]: { ...rootDirectory, mode: "0700" },
      [settingsFile(settingsFolder(app))]: { ...rootFile(`${JSON.stringify(settings, undefined, 2)}\n`) },
      [home]: rootDirectory,
      [`${home}/.ssh`]: rootDirectory,
      [`${home}/.ssh/authorized_keys`]: rootFile(authorizedKeys(app, keys)),
    },
    validate: [
      ["visudo", "--check", "--quiet"],
      [`${scriptFolder}/sshd-prove-login`, connection.user, connection.hostKey],
    ],
    activate: [["systemctl", "reload-or-restart", "ssh.service"]],
  };
}
