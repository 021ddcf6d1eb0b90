import { appPattern } from "./app-name";
import { filesOfFormat } from "./file-entries";
import * as kinds from "./kinds";
import { fact, factsOf, resourceRule, type Selector } from "./rule";
import type { StackSettings } from "./stack-settings";
import { parseUnit, type Assignment } from "./unit-text";

/** The assignments of a set's units that a rule checks. */
const assignments = (isChecked: (key: string) => boolean): Selector<Assignment>[] => [
  factsOf(kinds.fileSet, function* (set, _, stack) {
    for (const [path, file] of filesOfFormat(set, "unit", stack)) {
      const found = fact(path, () => parseUnit(file.content)).value();
      for (const assignment of found.filter(({ key }) => isChecked(key))) {
        yield fact(`${path} line ${assignment.line}`, () => assignment);
      }
    }
  }),
];

const showAssignment = ({ key, value }: Assignment): string => `"${key}=${value}"`;

/** The programs that an Exec line may start: a script of ours, the socket proxy, or the firewall's own file. */
function isKnownProgram(value: string, stack: StackSettings | undefined): boolean {
  const app = appPattern(stack);
  const [program = "", ...args] = value.replace(/^[@\-:+!|]+/, "").split(/\s+/);
  if (new RegExp(`^/usr/local/lib/(vps|${app}|${app}-backup)/[\\w.-]+$`).test(program)) return true;
  if (/^(\/usr)?\/lib\/systemd\/systemd-socket-proxyd$/.test(program)) return true;
  const nft = ["--file /etc/nftables.d/vps.nft", "delete table inet vps"];
  return /^(\/usr)?\/sbin\/nft$/.test(program) && nft.includes(args.join(" "));
}

export const unitCommand = resourceRule({
  name: "unit-command",
  why: "A unit starts only scripts of the program, which lint and tests check. A shell line in a unit runs as root, and no review has seen what it runs",
  source: "docs/data-model.md section 3",
  fix: "put the commands in a script of rootfs/ below /usr/local/lib/<app>/ or /usr/local/lib/vps/, and start the script",
  facts: assignments((key) => key.startsWith("Exec")),
  holds: ({ value }, { stack }) => value === "" || isKnownProgram(value, stack),
  show: showAssignment,
});

const credentialName = /(KEY|TOKEN|SECRET|PASSW|CREDENTIAL|PRIVATE|DSN|WEBHOOK)/i;

const namesIn = (value: string): string[] =>
  [...value.matchAll(/(?:^|[\s"'])([A-Za-z_]\w*)=/g)].map(([, name = ""]) => name);

function holdsEnvironment({ key, value }: Assignment, stack: StackSettings | undefined): boolean {
  if (key === "Environment") return !namesIn(value).some((name) => credentialName.test(name));
  const app = appPattern(stack);
  if (key === "EnvironmentFile") return new RegExp(`^-?/(opt/${app}/config|var/lib/${app})/[\\w./%@-]+$`).test(value);
  return value === "";
}

const isEnvironment = (key: string): boolean =>
  /^(Environment|EnvironmentFile|PassEnvironment|SetCredential|SetCredentialEncrypted|ImportCredential|StandardInputText|StandardInputData)$/.test(
    key,
  );

export const unitEnvironment = resourceRule({
  name: "unit-environment",
  why: "A unit holds no credential. Every user of the server can read a unit and its environment",
  source: "systemd.exec(5), Environment=",
  fix: "write the value into /opt/<app>/config/<name>.env with mode 0600 and name that file with EnvironmentFile=",
  facts: assignments(isEnvironment),
  holds: (assignment, { stack }) => holdsEnvironment(assignment, stack),
  show: ({ key, value }) => `"${key}=${namesIn(value).join(" ")}" (values not shown)`,
});

/** Settings that open a way into a unit, or into other units. */
const opening =
  /^(Listen\w+|SocketMode|Alias|AmbientCapabilities|PAMName|RootImage|Unit|Service|OnFailure|OnSuccess|Upholds)$/;

function holdsOpening({ key, value }: Assignment, stack: StackSettings | undefined): boolean {
  const app = appPattern(stack);
  if (key === "ListenStream") return new RegExp(`^/(var/lib|run)/${app}/[\\w./%@-]+$`).test(value);
  if (key === "SocketMode") return /^0?[0-7]{2}0$/.test(value);
  if (["Unit", "Service", "OnFailure", "OnSuccess", "Upholds"].includes(key))
    return value.split(/\s+/).every((unit) => new RegExp(`^(vps|${app})-[\\w@%.-]+$`).test(unit));
  return false;
}

export const unitOpening = resourceRule({
  name: "unit-opening",
  why: "A unit listens only on a socket file of its app, and names only units of its app. A network socket, a socket for every user or an alias of another service lets others in",
  source: "systemd.socket(5); systemd.unit(5)",
  fix: "listen on a file below /var/lib/<app>/ or /run/<app>/ with SocketMode 0660 or less, and name units that start with <app>-",
  facts: assignments((key) => opening.test(key)),
  holds: (assignment, { stack }) => holdsOpening(assignment, stack),
  show: showAssignment,
});
