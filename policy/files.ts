import { readdirSync } from "node:fs";
import { join } from "node:path";
import { scriptFolder } from "../host/sets/file-set-spec";
import { repositoryRoot } from "../repository";
import { entriesOf, filesOfFormat, placedEntries } from "./file-entries";
import * as kinds from "./kinds";
import { isFromRootfs } from "./rootfs-templates";
import { byCondition, condition, fact, factsOf, resourceRule, showJson, type Fact } from "./rule";
import { placeOf, type Format, type Owner } from "./server-paths";
import type { StackSettings } from "./stack-settings";

const ofFileSet = <Value>(facts: (set: kinds.FileSet, stack: StackSettings | undefined) => Iterable<Fact<Value>>) => [
  factsOf(kinds.fileSet, (set, _, stack) => facts(set, stack)),
];

export const filePath = resourceRule({
  name: "file-path",
  why: "The program manages only its own paths on the server. A login key, a sudo rule, a cron job or a library elsewhere gives others root, and no rule would check it",
  source: "docs/data-model.md section 3",
  fix: "write the file at a path of policy/server-paths.ts; for a new path, add it there with its format, mode and owner",
  facts: ofFileSet((set, stack) =>
    entriesOf(set).map(([path, entry]) =>
      fact(path, () => ({
        isOwn: placeOf(path, entry, stack) !== undefined,
        shown:
          entry.kind === "link"
            ? `a link to ${entry.target}`
            : { file: "a file", directory: "a directory", absent: "removed" }[entry.kind],
      })),
    ),
  ),
  holds: ({ isOwn }) => isOwn,
  show: ({ shown }) => `${shown} outside the paths of the program`,
});

// The defaults of the plugin.
const modeOf = (entry: { mode?: string | undefined }, kind: "file" | "directory"): string =>
  entry.mode ?? (kind === "file" ? "0644" : "0755");
const ownerOf = (entry: { owner?: string | undefined }): string => entry.owner ?? "root:root";

const rootOwners = ["root:root", "0:0"];

function isOwner(owner: string, placeOwner: Owner, stack: StackSettings | undefined): boolean {
  if (placeOwner === "root") return rootOwners.includes(owner);
  if (placeOwner === "web") return owner === "root:www-data";
  return stack?.app.user === undefined
    ? /^([1-9]\d*):\1$/.test(owner)
    : owner === `${stack.app.user}:${stack.app.user}`;
}

export const fileRights = resourceRule({
  name: "file-rights",
  why: "A file has the owner and the mode of its place: configuration, units and scripts belong to root, only the owner reads credentials, and nothing is writable for others. The owner of a unit or a script controls the server",
  source: "CIS Debian Linux Benchmark 7.1; docs/data-model.md section 3",
  fix: "set the entry's mode and owner to those of policy/server-paths.ts: root:root, <app.user>:<app.user> for the app's data and its environment file, or root:www-data for the users of the site",
  facts: ofFileSet((set, stack) =>
    placedEntries(set, stack).flatMap(({ path, entry, place }) =>
      (entry.kind === "file" || entry.kind === "directory") && (place.kind === "file" || place.kind === "directory")
        ? [
            condition(
              `mode of ${path}`,
              () => modeOf(entry, place.kind),
              (mode) => place.modes.includes(mode),
            ),
            condition(
              `owner of ${path}`,
              () => ownerOf(entry),
              (owner) => isOwner(owner, place.owner, stack),
            ),
          ]
        : [],
    ),
  ),
  ...byCondition,
});

export const fileTemplate = resourceRule({
  name: "file-template",
  why: "A script on the server is a file of rootfs/, where lint and tests check it. A script that only a component holds runs as root without a check",
  source: "docs/decisions/0018-file-set-is-a-transaction.md",
  fix: "put the file below rootfs/<set>/ at its path on the server, and let rootfs() of host/rootfs.ts read it",
  facts: ofFileSet((set, stack) =>
    filesOfFormat(set, "template", stack).map(([path, file]) =>
      fact(path, () => isFromRootfs(path, file.content, stack)),
    ),
  ),
  holds: (isSame) => isSame,
  show: () => "different from its file in rootfs/",
});

/** The program that checks the files of a format before they replace the old ones. */
const validators: Readonly<Partial<Record<Format, string>>> = {
  docker: `${scriptFolder}/docker-validate`,
  nftables: `${scriptFolder}/nftables-validate`,
  nginx: "nginx -t",
  sshd: `${scriptFolder}/sshd-prove-login`,
};

export const fileValidated = resourceRule({
  name: "file-validated",
  why: "The server's own parser checks new settings of Docker, the firewall, nginx and sshd before they replace the old ones. A mistake would otherwise stop the site or lock everybody out",
  source: "docs/decisions/0018-file-set-is-a-transaction.md",
  fix: "add the validator to `validate` of the file set",
  facts: ofFileSet((set, stack) =>
    Object.entries(validators).flatMap(([format, validator]) =>
      filesOfFormat(set, format as Format, stack).length > 0
        ? [fact(`validate`, () => ({ validator, commands: (set.validate ?? []).map((words) => words.join(" ")) }))]
        : [],
    ),
  ),
  holds: ({ validator, commands }) =>
    commands.some((command) => command === validator || command.startsWith(`${validator} `)),
  show: ({ validator, commands }) => `${showJson(commands)} without ${validator}`,
});

const scriptNames = (): string[] => readdirSync(join(repositoryRoot, "rootfs", "scripts", scriptFolder));

/** Commands of file sets, beside the scripts of rootfs/scripts/. */
const plainCommands = [
  "nginx -t",
  "visudo --check --quiet",
  "apt-config dump",
  "systemctl daemon-reload",
  "systemctl restart systemd-journald.service",
  "systemctl reload-or-restart ssh.service",
  "/lib/systemd/systemd-sysctl --prefix=net.ipv4.tcp_tw_reuse",
];

let scripts: readonly string[] | undefined;

/** A script gets its arguments without a shell, so they are not restricted. */
function isKnownCommand(words: readonly string[]): boolean {
  scripts ??= scriptNames().map((name) => `${scriptFolder}/${name}`);
  return plainCommands.includes(words.join(" ")) || scripts.includes(words[0] ?? "");
}

export const fileCommand = resourceRule({
  name: "file-command",
  why: "A file set runs only the scripts of rootfs/scripts/ and a few fixed commands. Any other command runs as root, and no review has seen it",
  source: "docs/decisions/0018-file-set-is-a-transaction.md",
  fix: "write a script in rootfs/scripts/usr/local/lib/vps/ and call it with its arguments",
  facts: ofFileSet((set) =>
    (["validate", "activate", "inForce"] as const).flatMap((list) =>
      (set[list] ?? []).map((words, index) => fact(`${list}[${index}]`, () => [...words])),
    ),
  ),
  holds: isKnownCommand,
});

/** Units of the system that the program keeps running. */
const systemUnits = [
  "apt-daily.timer",
  "apt-daily-upgrade.timer",
  "certbot.timer",
  "docker.service",
  "logrotate.timer",
  "nginx.service",
  "ssh.service",
];

const isOwnUnit = (name: string, stack: StackSettings | undefined): boolean =>
  new RegExp(`^(vps|${stack?.app.name ?? "[a-z][a-z0-9-]{0,30}"})-[A-Za-z0-9-]+\\.(service|socket|timer|path)$`).test(
    name,
  );

export const fileUnitState = resourceRule({
  name: "file-unit-state",
  why: "A file set only starts units: its own, and those that the site needs. A unit that it stops or disables, or a foreign one that it starts, changes what the owner runs on the server",
  source: "docs/data-model.md section 3",
  fix: "set enabled and active to true, for a unit of the app (<app>-...), of the server (vps-...) or of the list in policy/files.ts",
  facts: ofFileSet(({ units = {} }) =>
    Object.keys(units).map((name) => fact(`unit ${name}`, () => ({ name, state: { ...units[name] } }))),
  ),
  holds: ({ name, state }, { stack }) =>
    (systemUnits.includes(name) || isOwnUnit(name, stack)) && state.enabled === true && state.active === true,
  show: ({ state }) => showJson(state),
});
