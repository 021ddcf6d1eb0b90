import { isCredentialFile } from "../host/credentials";
import { filesOf, ownedOf } from "./file-entries";
import * as kinds from "./kinds";
import { fact, factsOf, resourceRule, type Fact } from "./rule";

const ofFileSet = <Value>(facts: (set: kinds.FileSet) => Iterable<Fact<Value>>) => [factsOf(kinds.fileSet, facts)];

const credentialFiles = (set: kinds.FileSet) => filesOf(set).filter(([path]) => isCredentialFile(path));

// What our plugin takes where nothing is said.
const modeOf = (entry: { mode?: string | undefined }): string => entry.mode ?? "0644";
const ownerOf = (entry: { owner?: string | undefined }): string => entry.owner ?? "root:root";

const bits = (mode: string): number => parseInt(mode, 8);

export const fileCredentialMode = resourceRule({
  name: "file-credential-mode",
  why: "Environment and credential files are read by their owner only",
  source: "reliability.md 1.6",
  remedy: 'set the entry\'s mode to "0600", or "0400" for a file that only the app reads',
  facts: ofFileSet((set) => credentialFiles(set).map(([path, file]) => fact(`mode of ${path}`, () => modeOf(file)))),
  holds: (mode) => (bits(mode) & 0o077) === 0,
});

export const fileCredentialOwner = resourceRule({
  name: "file-credential-owner",
  why: "Environment and credential files belong to root or to the container's user: any other owner can read and replace them",
  source: "design.md 4.1",
  remedy:
    "set the entry's owner to root:root or to <app.uid>:<app.uid>; another uid goes into the pack's configuration",
  settings: { uid: 1001 },
  facts: ofFileSet((set) => credentialFiles(set).map(([path, file]) => fact(`owner of ${path}`, () => ownerOf(file)))),
  holds: (owner, { uid }) => ["root:root", "0:0", `${uid}:${uid}`].includes(owner),
});

export const fileWorldWritable = resourceRule({
  name: "file-world-writable",
  why: "Nothing on the host is writable for everyone: what any process can change, any break-in can",
  source: "CIS Debian Linux 7.1.11",
  remedy: "take the last digit's 2 out of the entry's mode",
  facts: ofFileSet((set) => ownedOf(set).map(([path, entry]) => fact(`mode of ${path}`, () => modeOf(entry)))),
  // With the sticky bit a directory is as /tmp: nobody touches what is another's.
  holds: (mode) => (bits(mode) & 0o1002) !== 0o002,
});

export const fileSetuid = resourceRule({
  name: "file-setuid",
  why: "No file of ours runs with its owner's rights: a setuid program is a way to root",
  source: "CIS Debian Linux 7.1.13",
  remedy: "start the entry's mode with 0",
  facts: ofFileSet((set) => filesOf(set).map(([path, file]) => fact(`mode of ${path}`, () => modeOf(file)))),
  holds: (mode) => (bits(mode) & 0o6000) === 0,
});

export const fileSystemOwner = resourceRule({
  name: "file-system-owner",
  why: "What configures or runs on the host is root's: whoever owns a unit, a script or nginx's files owns the host",
  source: "CIS Debian Linux 6.1; data-model.md 3",
  remedy:
    "set the entry's owner to root:root; only folders of the apps (the pack's configuration, appRoots) have other owners",
  settings: { appRoots: ["/opt/", "/var/lib/"] },
  facts: ofFileSet((set) =>
    ownedOf(set).map(([path, entry]) => fact(`owner of ${path}`, () => ({ path, owner: ownerOf(entry) }))),
  ),
  holds: ({ path, owner }, { appRoots }) =>
    ["root:root", "0:0"].includes(owner) || appRoots.some((root) => path.startsWith(root)),
  show: ({ owner }) => owner,
});

export const fileFirewall = resourceRule({
  name: "file-firewall",
  why: "The firewall's rules are a table of our own: to flush the whole ruleset takes Docker's rules away, and with them the app's network",
  source: "design.md 5.2",
  remedy: "replace `flush ruleset` by `destroy table inet <name>`",
  facts: ofFileSet((set) =>
    filesOf(set).map(([path, file]) => fact(path, () => /^\s*flush\s+ruleset\b.*$/m.exec(file.content)?.[0])),
  ),
  holds: (statement) => statement === undefined,
});

export const fileSshd = resourceRule({
  name: "file-sshd",
  why: "The host takes keys only: passwords are guessed, by robots, all day",
  source: "CIS Debian Linux 5.1; reliability.md 1.7",
  remedy: "set PasswordAuthentication, KbdInteractiveAuthentication and PermitEmptyPasswords to no",
  facts: ofFileSet((set) =>
    filesOf(set)
      .filter(([path]) => path.startsWith("/etc/ssh/"))
      .map(([path, file]) =>
        fact(
          path,
          () =>
            /^\s*(?:Password|KbdInteractive|ChallengeResponse)Authentication\s+yes\b|^\s*PermitEmptyPasswords\s+yes\b/im.exec(
              file.content,
            )?.[0],
        ),
      ),
  ),
  holds: (statement) => statement === undefined,
});
