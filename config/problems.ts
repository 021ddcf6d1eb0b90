import type { z } from "zod";
import { quoteIfNeeded } from "../host/ssh/quote";
import { keyAt, pathText, valueAt, type Key } from "./keys";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** A correct value for a key, which may follow from the wrong one. */
type Example = string | ((wrong: string) => string);

/** `1024` in quotes is a text; the number that it means is the remedy. */
const numberIn = (wrong: unknown): string | undefined =>
  typeof wrong === "string" && /^\s*\d+(\.\d+)?\s*$/.test(wrong) ? wrong.trim() : undefined;

function repositoryIn(wrong: string): string {
  const found = wrong
    .replace(/^[a-z]+:\/\//i, "")
    .replace(/(?<=\/[^:]*):[^/]*$/, "")
    .toLowerCase();
  return /^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)+$/.test(found) ? found : "ghcr.io/owner/app";
}

const publicKeyFile = '"$(cat ~/.ssh/id_ed25519.pub)"';

/** Values for keys that have no default, by their paths; `*` is any name or number. */
const examples: Readonly<Record<string, Example>> = {
  "app.name": "notes",
  "app.domain": "notes.example.com",
  "app.domains.*": "notes.example.com",
  "app.user": "1001",
  "app.cpus": "1.5",
  "app.uploadLimit": "100m",
  "app.command.*": "serve",
  "app.writable.*": "64m",
  "host.host": (wrong) => /^(?:[a-z]+:\/\/)?(?:[^@/]+@)?([\w.:-]+)\/?$/.exec(wrong)?.[1] ?? "203.0.113.7",
  "host.hostKey": '"$(ssh-keyscan -t ed25519 <address>)"',
  "host.identity": publicKeyFile,
  "host.jump.host": "203.0.113.8",
  "host.jump.hostKey": '"$(ssh-keyscan -t ed25519 <address>)"',
  "host.jump.identity": publicKeyFile,
  "host.allow.*": "51820/udp",
  "host.deployKeys.*": '"$(cat deploy-key.pub)"',
  "cluster.privateAddress": "10.0.0.1",
  "cluster.nodes.*.name": "second",
  "cluster.nodes.*.host": "203.0.113.8",
  "cluster.nodes.*.port": "22",
  "cluster.nodes.*.hostKey": '"$(ssh-keyscan -t ed25519 <address>)"',
  "cluster.nodes.*.privateAddress": "10.0.0.2",
  "image.repository": repositoryIn,
  "image.username": "owner",
  "image.registry": "http://127.0.0.1:5000",
  "image.platforms.*": "linux/amd64",
  imageTag: "4f2c1e9 (or: pulumi up -c imageTag=4f2c1e9)",
  force: "4f2c1e9 (or: pulumi up -c imageTag=4f2c1e9 -c force=4f2c1e9)",
  accept: "host (or: pulumi up -c accept=host)",
  "certificate.email": "you@example.com",
  "site.trustedProxies.*": "cloudflare",
  "site.access.addresses.*": "203.0.113.0/24",
  "site.keepAssets.*": "/app/.next/static",
  "site.access.users.*": '"$(openssl passwd -6)"',
  "site.connectSources.*": "https://errors.example.com",
  "network.subnet": "10.213.0.0/16",
  "health.critical.*": "database",
  "data.*.path": "/data",
  "data.*.kind": "files",
  "data.*.name": "data",
  "data.*.subdirectory": "database",
  "health.version": "body",
  "health.command.*": "/bin/probe",
  "backups.bucket": "notes-backups",
  "backups.alert.deadManUrl": "https://ping.example.com/notes",
  "alerts.slack": "https://hooks.slack.com/services/...",
  "alerts.discord": "https://discord.com/api/webhooks/...",
  "alerts.ntfy.url": "https://ntfy.sh/my-topic",
  "alerts.email.server": "smtps://smtp.example.com:465",
  "alerts.email.from": "server@example.com",
  "alerts.email.to.*": "you@example.com",
  "alerts.ntfy.token": "tk_...",
  "alerts.email.user": "server@example.com",
  "alerts.email.password": "the-password",
  "alerts.webhook": "https://hooks.example.com/notes",
  "backups.endpoint": "https://api.backblazeb2.com",
  "backups.rclone.url": "https://example.com/rclone.zip",
  "backups.rclone.sha256": '"$(sha256sum rclone.zip | cut -d" " -f1)"',
  "pipeline.owner": "you",
  "pipeline.repository": "notes",
  "pipeline.infra.repository": "you/infra",
  "pipeline.infra.ref": '"$(git rev-parse HEAD)"',
  "pipeline.stateUrl": "s3://bucket",
  "pipeline.checkNames.*": "test",
  "pipeline.codeOwners.*": "@you",
  "pipeline.reviewers.*": "1234567",
  "pipeline.baseUrl": "https://github.example.com",
  "variables.*": "<text>",
  "variables.*.default": "<text>",
};

const isShellText = (value: string): boolean => /^"\$\(|^<|\(or: /.test(value);

function exampleFor(path: Path, key: Key | undefined, wrong: unknown): string {
  const pattern = path.map((step) => (typeof step === "number" ? "*" : String(step))).join(".");
  const last = [...path.slice(0, -1), "*"].join(".");
  const variable = path[0] === "variables" ? `variables.*.${String(path[2] ?? "default")}` : "";
  const example = examples[pattern] ?? examples[last] ?? examples[variable];
  if (typeof example === "function") return example(typeof wrong === "string" ? wrong : "");
  const known = numberIn(wrong) ?? example ?? key?.default ?? key?.enum?.[0] ?? "<value>";
  return typeof known === "string" ? known : JSON.stringify(known);
}

const secretsOfAlerts: readonly unknown[] = ["slack", "discord", "url", "token", "password", "webhook"];

/** The hash of a password is stored as a secret, and everything that lets others send messages. */
const isStoredSecret = (path: Path): boolean =>
  (path[0] === "site" && path[1] === "access") || (path[0] === "alerts" && secretsOfAlerts.includes(path.at(-1)));

const setCommand = (path: Path, value: string): string =>
  `pulumi config set ${isStoredSecret(path) ? "--secret " : ""}${path.length > 1 ? `--path '${pathText(path)}'` : pathText(path)} ${isShellText(value) ? value : quoteIfNeeded(value)}`;

/** The name of an entry where the operator chooses the names. */
const entryNames: Readonly<Record<string, string>> = {
  "app.writable": "/app/cache",
  "site.access.users": "reader",
  "site.keepAssets": "/_next/static/",
  variables: "NAME",
};

/**
 * The paths that commands set for a key: of a section the keys that must be set, or its first one; of a list its first
 * element; of a table one entry.
 */
function settablePaths(root: Key, path: Path): Path[] {
  const key = keyAt(root, path);
  const isVariable = path[0] === "variables" && path.length === 2;
  if (key?.items) return settablePaths(root, [...path, 0]);
  if (key?.properties === undefined && key?.additionalProperties)
    return settablePaths(root, [...path, entryNames[pathText(path)] ?? "name"]);
  if (key?.properties === undefined || isVariable) return [path];
  const [first = ""] = Object.keys(key.properties);
  return (key.required.length > 0 ? key.required : [first]).flatMap((name) => settablePaths(root, [...path, name]));
}

/** The commands that set a key. A value where a section, a list or a table belongs is removed first. */
function setCommands(root: Key, path: Path, wrong: unknown): string {
  const paths = settablePaths(root, path);
  const isInTheWay = wrong !== undefined && paths.some((one) => one.length > path.length);
  const remove = isInTheWay ? [`pulumi config rm --path '${pathText(path)}'`] : [];
  return [...remove, ...paths.map((one) => setCommand(one, exampleFor(one, keyAt(root, one), wrong)))].join("; ");
}

const problem = (path: Path, reason: string, remedy: string): string =>
  `${pathText(path)}: ${reason}\n    try: ${remedy}`;

function unknownKeys(root: Key, path: Path, keys: readonly string[]): string[] {
  const known = Object.keys(keyAt(root, path)?.properties ?? {});
  return keys.map((name) => {
    const there = [...path, name];
    const reason = `unknown; ${pathText(path)} has ${known.join(", ")}`;
    return problem(there, reason, `pulumi config rm --path '${pathText(there)}'`);
  });
}

/** An address with a login in front of it needs two keys. */
function loginRemedy(path: Path, wrong: unknown): string {
  const [, login] = /^([\w-]+)@/.exec(String(wrong)) ?? [];
  return pathText(path) === "host.host" && login ? `; pulumi config set --path 'host.user' ${login}` : "";
}

/** A malformed value in words: the key, the reason, and the command that sets a good value for this key. */
export function issueProblems(root: Key, raw: unknown, issue: Issue): string[] {
  const { path } = issue;
  if (issue.code === "unrecognized_keys") return unknownKeys(root, path, issue.keys);
  if (issue.code === "invalid_key") {
    const reason = issue.issues.map(({ message }) => message).join("; ");
    return [problem(path, reason, `pulumi config rm --path '${pathText(path)}'`)];
  }
  const wrong = valueAt(raw, path);
  const reason =
    wrong === undefined && issue.code !== "invalid_union" ? "missing" : issue.message.replace(/^Invalid input: /, "");
  return [problem(path, reason, setCommands(root, path, wrong) + loginRemedy(path, wrong))];
}
