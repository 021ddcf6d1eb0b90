import { dataPaths, isWhole } from "../host/data/layout";
import { appPattern } from "./app-name";
import type { Entry } from "./kinds";
import type { StackSettings } from "./stack-settings";

/**
 * How the content of a file is checked. `template`: it equals a file of rootfs/, or one that the deploy keys' program brings.
 * `login`: each line of authorized_keys restricts its key to that program. `settings`: it holds no secret or only root reads it.
 */
export type Format =
  "docker" | "login" | "settings" | "environment" | "nftables" | "nginx" | "sshd" | "template" | "unit";

/** `web`: root and the group of nginx, which reads it. */
export type Owner = "root" | "app" | "web";

interface FilePlace {
  readonly kind: "file";
  readonly path: string;
  readonly format: Format;
  readonly modes: readonly string[];
  readonly owner: Owner;
}

interface DirectoryPlace {
  readonly kind: "directory";
  readonly path: string;
  readonly modes: readonly string[];
  readonly owner: Owner;
}

interface LinkPlace {
  readonly kind: "link";
  readonly path: string;
  readonly target: string;
}

interface AbsentPlace {
  readonly kind: "absent";
  readonly path: string;
}

/** One or more paths of the server that the program may manage, and how. */
export type Place = FilePlace | DirectoryPlace | LinkPlace | AbsentPlace;

const file = (path: string, format: Format, modes: readonly string[] = ["0644"], owner: Owner = "root"): FilePlace => ({
  kind: "file",
  path,
  format,
  modes,
  owner,
});

const directory = (path: string, modes: readonly string[] = ["0755"], owner: Owner = "root"): DirectoryPlace => ({
  kind: "directory",
  path,
  modes,
  owner,
});

const script = (path: string): FilePlace => file(path, "template", ["0644", "0755"]);

/**
 * Every path that the program may manage. `<app>` is the app's name, `<domain>` its domain, `*` a name without a slash,
 * `**` one or more names.
 */
const places: readonly Place[] = [
  directory("/opt/<app>"),
  // Others may pass through it, and list nothing.
  directory("/opt/<app>/scratch", ["0711"]),
  directory("/opt/<app>/**", ["0700", "0750", "0755"]),
  file("/opt/<app>/config/releases/*.env", "environment", ["0400"], "app"),
  file("/opt/<app>/config/*.env", "environment", ["0400", "0600"]),
  { kind: "link", path: "/opt/<app>/certs", target: "/etc/letsencrypt/live/<domain>" },
  directory("/var/lib/<app>", ["0700", "0755"]),
  directory("/var/lib/<app>/**", ["0700", "0755"]),
  directory("/var/lib/<app>/deploy/.ssh"),
  file("/var/lib/<app>/deploy/.ssh/authorized_keys", "login"),
  file("/opt/<app>/config/deploy/settings.json", "settings"),
  file("/opt/<app>/config/deploy/registry-credentials.json", "settings", ["0600"]),
  file("/opt/<app>/config/alerts.json", "settings", ["0600"]),
  file("/etc/sudoers.d/<app>-deploy", "template", ["0440"]),
  directory("/usr/local/lib/<app>/deploy"),
  directory("/usr/local/lib/<app>/deploy/**"),
  script("/usr/local/lib/<app>/deploy/**"),
  directory("/usr/local/lib/<app>"),
  script("/usr/local/lib/<app>/*"),
  directory("/usr/local/lib/<app>-backup"),
  script("/usr/local/lib/<app>-backup/*"),
  directory("/usr/local/lib/<app>-backup/kinds"),
  script("/usr/local/lib/<app>-backup/kinds/*"),
  directory("/usr/local/lib/vps"),
  script("/usr/local/lib/vps/*"),
  file("/etc/systemd/system/<app>-*", "unit"),
  file("/etc/systemd/system/vps-*", "unit"),
  directory("/etc/systemd/system/*.d"),
  file("/etc/systemd/system/*.d/vps.conf", "unit"),
  directory("/etc/docker"),
  file("/etc/docker/daemon.json", "docker"),
  directory("/etc/nftables.d"),
  file("/etc/nftables.d/vps.nft", "nftables"),
  directory("/etc/nftables.d/vps"),
  file("/etc/nftables.d/vps/<app>.nft", "nftables"),
  file("/etc/nginx/nginx.conf", "nginx"),
  file("/etc/logrotate.d/nginx", "template"),
  file("/etc/nginx/snippets/*.conf", "nginx"),
  file("/etc/nginx/<app>.users", "environment", ["0640"], "web"),
  file("/etc/nginx/sites-available/<app>.conf", "nginx"),
  { kind: "link", path: "/etc/nginx/sites-enabled/<app>.conf", target: "../sites-available/<app>.conf" },
  { kind: "absent", path: "/etc/nginx/sites-enabled/default" },
  directory("/var/www/acme"),
  directory("/etc/letsencrypt/renewal-hooks"),
  directory("/etc/letsencrypt/renewal-hooks/deploy"),
  script("/etc/letsencrypt/renewal-hooks/deploy/reload-nginx"),
  file("/etc/ssh/sshd_config.d/00-vps.conf", "sshd"),
  // It has a Match block, which the rules for sshd's settings refuse: its text is that of rootfs/.
  file("/etc/ssh/sshd_config.d/<app>-deploy.conf", "template"),
  file("/etc/sysctl.d/50-vps.conf", "template"),
  file("/etc/apt/apt.conf.d/52vps", "template"),
  directory("/etc/systemd/journald.conf.d"),
  file("/etc/systemd/journald.conf.d/vps.conf", "template"),
];

const escaped = (text: string): string => text.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&");

const dataModes = ["0700", "0750"];

/** If the app owns `data`, no entry is below it: the app can replace any path there with a link (docs/decisions/0031). */
function dataPlaces(stack: StackSettings | undefined): readonly Place[] {
  if (stack === undefined || isWhole(stack.data)) return [directory("/opt/<app>/data", dataModes, "app")];
  return [
    directory("/opt/<app>/data"),
    ...dataPaths("<app>", stack.data).map((path) => directory(path, dataModes, "app")),
  ];
}

/** A name of a file that hides nothing: no dot at its start. */
const name = "[A-Za-z0-9_@][A-Za-z0-9_@.-]*";

/** Paths that another pattern would match. */
const excluded = "(?!/opt/[^/]+/data/)";
const isData = (text: string): boolean => text.startsWith("/opt/<app>/data");

function compile(text: string, stack: StackSettings | undefined): RegExp {
  const pattern = escaped(text)
    .replaceAll("**", "\0")
    .replaceAll("*", name)
    .replaceAll("\0", `${name}(?:/${name})*`)
    .replaceAll("<app>", appPattern(stack))
    .replaceAll("<domain>", stack ? escaped(stack.app.domain) : "[a-z0-9.-]+");
  return new RegExp(`^${isData(text) ? "" : excluded}${pattern}$`);
}

type Compiled = readonly { readonly place: Place; readonly path: RegExp; readonly target: RegExp }[];

let lastCompiled: { readonly stack: StackSettings | undefined; readonly places: Compiled } | undefined;

/** The patterns of all places. They change only with the settings, which are set once in the life of a pack. */
function compiledPlaces(stack: StackSettings | undefined): Compiled {
  if (lastCompiled?.stack !== stack || lastCompiled === undefined) {
    const compiled = [...dataPlaces(stack), ...places].map((place) => ({
      place,
      path: compile(place.path, stack),
      target: compile(place.kind === "link" ? place.target : "", stack),
    }));
    lastCompiled = { stack, places: compiled };
  }
  return lastCompiled.places;
}

/** The place of an entry. Undefined when the program may not manage the path, or not in this way. */
export const placeOf = (path: string, entry: Entry, stack: StackSettings | undefined): Place | undefined =>
  compiledPlaces(stack).find(
    (compiled) =>
      compiled.place.kind === entry.kind &&
      compiled.path.test(path) &&
      (entry.kind !== "link" || compiled.target.test(entry.target)),
  )?.place;
