import type { Entry, FileSetInputs, Sharing } from "../file-set/inputs";

/** A file set of a server as plain values: everything but its connection and its name. */
export interface FileSetSpec {
  readonly entries: Record<string, Entry>;
  /** Whether all apps of a server share the set, and must agree on its content. */
  readonly sharing?: Sharing;
  readonly units?: FileSetInputs["units"];
  readonly validate?: string[][];
  readonly activate?: string[][];
  readonly inForce?: string[][];
}

/** How strictly the apps of a server must agree on shared files: `host.adopt: [shared]` lets this app replace them. */
export const sharingOf = (adopt: readonly string[]): Sharing => (adopt.includes("shared") ? "any" : "equal");

/** The state of a unit that starts at boot and runs now. */
export const running = { enabled: true, active: true };

/** Makes systemd read its unit files again. */
export const reloadSystemd = ["systemctl", "daemon-reload"];

/** Folder of the server with the programs that check file sets and put them in force. */
export const scriptFolder = "/usr/local/lib/vps";

/** Makes systemd check the unit files of a set before anything changes. */
export const unitSyntax = (entries: Readonly<Record<string, unknown>>): string[] => [
  `${scriptFolder}/systemd-validate`,
  ...Object.keys(entries).flatMap((path) => /^\/etc\/systemd\/system\/([^/]+)$/.exec(path)?.[1] ?? []),
];
