import { z } from "zod";
import { checksFields, checksProblems } from "./config/checks";
import { clusterProblems, clusterSchema } from "./config/cluster";
import { commandList, conversion, gateConversion, webhookConversion } from "./config/former";
import { healthProblems, healthSchema } from "./config/health";
import { isObject } from "./config/is-object";
import { keysOf } from "./config/keys";
import { placeholderProblems } from "./config/placeholders";
import { issueProblems } from "./config/problems";
import { needsWrittenTexts, parseWithNumbersAsText, withWrittenTexts, type WrittenTexts } from "./config/scalars";
import { variableProblems, variablesSchema } from "./config/variables";
import { alertsSchema } from "./host/alerts/settings";
import { connectionSchema } from "./host/connection";
import { dataSchema } from "./host/data/inputs";
import { hasRoomForUser, publicKeyPattern } from "./host/deploy/login";
import { domainName } from "./host/domain-name";
import { acceptable, adoptable } from "./host/inventory/rules/problem";
import { isNetwork } from "./host/network-address";
import { plainUrl } from "./host/plain-url";
import { exposedFolders, keepAssetsSchema, keptMegabytes, privatePaths } from "./host/rollout/assets";

// The descriptions and defaults here are the source of docs/configuration.md. After a change: npm run docs:configuration

const missingDomain = "missing; the site needs a name";
const twoDomains = "app.domain is set too; keep app.domains alone: pulumi config rm --path app.domain";

/** Keys of `app`. In the result, `domains` has all names of the site and `domain` the canonical one. */
const appSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,30}$/, "lower case letters, digits and dashes, at most 31")
      .describe(
        "Name of the app in paths, units, sockets and the Docker network. Several apps can share one server, each with its own name. Lower case letters, digits and dashes, at most 31.",
      ),
    domains: z
      .array(domainName)
      .min(1)
      .max(100)
      .optional()
      .describe(
        "Public names of the site, such as `[example.com, www.example.com]`. The first is canonical: `site.otherDomains` says how the others answer. The certificate is for all of them.",
      ),
    domain: domainName
      .optional()
      .describe("Public name of a site that has only one; the same as `domains` with one name."),
    port: z
      .number()
      .int()
      .min(1)
      .max(65535)
      .default(3000)
      .describe("Port on which the app listens inside its container."),
    user: z
      .number()
      .int()
      .min(1)
      .optional()
      .describe(
        "User id under which the app runs. This user owns the data and reads the environment file. Omit it to take the image's `USER`.",
      ),
    memoryMb: z
      .number()
      .int()
      .min(64)
      .default(1024)
      .describe("Memory limit of the container in MiB. The container gets no swap beyond it."),
    cpus: z
      .number()
      .min(0.1)
      .max(512)
      .optional()
      .describe("Processors that the container may use, such as `1.5`. Omit it for no limit."),
    pids: z
      .number()
      .int()
      .min(16)
      .max(4096)
      .default(512)
      .describe("Maximum number of processes and threads in the container."),
    writable: z
      .record(
        z.string().regex(/^(\/[A-Za-z0-9._-]+)+$/, "an absolute path in the container"),
        z.string().regex(/^[1-9]\d*[kmg]$/, "a size: a number and k, m or g, such as 64m"),
      )
      .default({})
      .describe(
        "Paths in the container that the app may write to, with their sizes, such as `/app/cache: 64m`. They are in memory and are lost with the container. `/tmp` has 256m without an entry. Everything else outside the data is read-only.",
      ),
    command: z
      .array(z.string())
      .min(1)
      .optional()
      .describe("Command that the container runs, word by word. Omit it for the image's own."),
    deliver: z
      .enum(["environmentFile", "process", "both"])
      .default("environmentFile")
      .describe(
        "How the app gets its variables. `environmentFile`: a file, as dotenv and Next.js read it. `process`: the environment of its process, which `docker inspect` shows to root. `both`: in both ways.",
      ),
    environmentFile: z
      .string()
      .regex(/^(\/[A-Za-z0-9._-]+)+$/, "an absolute path in the container")
      .default("/app/.env.production")
      .describe("Path of the environment file in the container."),
    uploadLimit: z
      .string()
      .regex(/^\d+[kmg]$/, "a number and k, m or g, such as 100m")
      .default("100m")
      .describe("Largest request body that the site accepts, in nginx's notation."),
  })
  .transform(({ domain, domains, ...app }, context) => {
    if ((domain === undefined) === (domains === undefined)) {
      context.addIssue({
        code: "custom",
        path: ["domains", 0],
        message: domain === undefined ? missingDomain : twoDomains,
      });
      return z.NEVER;
    }
    const all = [...new Set(domains ?? [domain ?? ""])];
    return { ...app, domain: all[0] ?? "", domains: all };
  })
  .describe("The app and its container.");

const hostSchema = connectionSchema
  .extend({
    port: connectionSchema.shape.port.default(22).describe("TCP port of the ssh server."),
    user: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, "a user name, such as root")
      .default("root")
      .describe(
        "Login: `root`, or a user with passwordless sudo. The first update puts the user into the group `docker`. Any login shell.",
      ),
    adopt: z
      .array(z.enum(adoptable))
      .default([])
      .describe(
        "Things on the server that the program may replace: `docker` (values in daemon.json), `nginx` (its sites), `firewall` (other ports are closed, and an active ufw or firewalld gets rules for 80 and 443), `shared` (files that other apps of this program use too).",
      ),
    allow: z
      .array(z.string().regex(/^\d{1,5}\/(tcp|udp)$/, 'a port and its protocol, such as "51820/udp"'))
      .default([])
      .describe("Ports of other services that the firewall leaves open, such as `51820/udp`."),
    deployKeys: z
      .array(z.string().regex(publicKeyPattern, 'a public key with a name, such as "ssh-ed25519 AAAA... ci@github"'))
      .default([])
      .describe(
        "Public ssh keys that can deploy a tag of `image.repository`, roll back, and read the state, and nothing else: for `ops deploy` and the deploy job. Each has a name as its comment. Installs Node.js on the server.",
      ),
  })
  .strict()
  .describe("The server and how the program reaches it.");

const imageSchema = z
  .strictObject({
    repository: z
      .string()
      .regex(
        /^[a-z0-9.-]+(:\d+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)+$/,
        "a repository in lower case, without https:// and without a tag, such as ghcr.io/owner/app",
      )
      .describe("Repository of the image without a tag: `ghcr.io/<owner>/<repository>`."),
    username: z
      .string()
      .optional()
      .describe("Login of a private registry. Its token is the secret `REGISTRY_TOKEN`. Omit for a public image."),
    platforms: z
      .array(z.enum(["linux/amd64", "linux/arm64"]))
      .default([])
      .describe(
        "Platforms for which the image is built. An image without one of them is refused. Omit it for the platform of the build machine.",
      ),
    tags: z
      .enum(["commit", "any"])
      .default("commit")
      .describe(
        "Image tags that the policy pack allows. `commit`: a commit, alone or after a word such as `sha-`. `any`: other fixed names, too, such as `v1.2.3`, but never `latest`.",
      ),
    registry: z.url().optional().describe("`http://` address of a registry without TLS. Only for a rehearsal."),
  })
  .describe("The app's image.");

const certificateSchema = z
  .strictObject({
    email: z.email().describe("Contact of the account at the certificate authority."),
    server: z
      .url()
      .default("https://acme-v02.api.letsencrypt.org/directory")
      .describe("ACME directory of the certificate authority."),
  })
  .describe("The site's TLS certificate.");

/** Anything longer than an origin would be copied into nginx's configuration. */
const origin = z
  .string()
  .regex(/^(https|wss):\/\/[a-z0-9.-]+(:\d+)?$/, "an origin, such as https://errors.example.com");

/** An address or a network of addresses, as nginx takes it. */
const network = z
  .string()
  .refine(isNetwork, "an address or a network, such as 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32");

/** `0.0.0.0/0` would let each visitor choose the address that the site sees. */
const proxies = z
  .string()
  .refine(
    (text) => text === "cloudflare" || (isNetwork(text) && !text.endsWith("/0")),
    'cloudflare, or an address or network of proxies, such as 203.0.113.0/24; not "/0", or each visitor could choose an address',
  );

const hstsSchema = z
  .strictObject({
    includeSubDomains: z
      .boolean()
      .default(false)
      .describe(
        "Browsers use https for every name below the domain too, for two years. Other services there need https.",
      ),
    preload: z
      .boolean()
      .default(false)
      .describe(
        "Permits the entry in the browsers' list of https-only sites; needs `includeSubDomains`. Months pass until an entry is gone.",
      ),
  })
  .refine(({ includeSubDomains, preload }) => includeSubDomains || !preload, {
    path: ["preload"],
    error: "needs site.hsts.includeSubDomains, or browsers do not accept the entry",
  })
  .describe("Strict-Transport-Security: browsers use https only, for two years.");

const accessSchema = z
  .strictObject({
    users: z
      .record(
        z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
        z
          .string()
          .regex(/^\$(5|6|y|2[aby]|apr1)\$[^\s:]+$/, "the hash of a password, not the password: openssl passwd -6"),
      )
      .default({})
      .describe("User names, each with the hash of a password (`openssl passwd -6`). Store each as a secret."),
    addresses: z.array(network).default([]).describe("Addresses and networks that need no password."),
  })
  .refine(({ users, addresses }) => Object.keys(users).length + addresses.length > 0, {
    error: "names nobody; set users or addresses, or remove the section",
  })
  .describe(
    "Who may see the site; omit it for a public site. The health endpoint and the challenges of the certificate authority stay public.",
  );

const siteSchema = z
  .strictObject({
    otherDomains: z
      .enum(["redirect", "serve"])
      .default("redirect")
      .describe(
        "Names beside the first one of `app.domains`: `redirect` leads to the first, `serve` answers in the same way.",
      ),
    tls: z
      .enum(["modern", "intermediate"])
      .default("modern")
      .describe("`modern`: TLS 1.3 only. `intermediate`: TLS 1.2 too. All apps of a server share one choice."),
    contentSecurityPolicy: z
      .enum(["static", "nonce", "app"])
      .default("static")
      .describe(
        "Scripts that a page may run. `static`: the site's own and inline scripts, as prerendered pages need. `nonce`: only scripts with the request's nonce. `app`: the app sends its own policy.",
      ),
    connectSources: z
      .array(origin)
      .default([])
      .describe("Origins beside the site's own that a page may send requests to, such as an error collector."),
    headers: z
      .enum(["ours", "app"])
      .default("ours")
      .describe(
        "Security headers other than the content security policy. `ours`: the site's replace those of the app. `app`: the site adds only those that the app does not send.",
      ),
    hsts: hstsSchema.prefault({}),
    trustedProxies: z
      .array(proxies)
      .default([])
      .describe(
        "Proxies in front of the server that report the address of the client (X-Forwarded-For): `cloudflare`, addresses, networks. Limits, logs and the app then see the client.",
      ),
    access: accessSchema.optional(),
    keepAssets: keepAssetsSchema
      .default({})
      .describe(
        `Files that outlive their release, for pages that browsers opened before a cutover: paths of the site, each with the folder of the image that it serves. For Next.js: \`/_next/static/: /app/.next/static\`. File names must change with the content, and one release keeps at most ${keptMegabytes} MB.`,
      ),
    connectionsPerAddress: z
      .number()
      .int()
      .min(20)
      .max(8000)
      .default(1000)
      .describe(
        "Open connections, and requests at one time, that one client address can have. Visitors behind one NAT share an address.",
      ),
  })
  .describe("The public site that nginx serves.");

const networkSchema = z
  .strictObject({
    subnet: z
      .string()
      .regex(
        /^(10\.(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])|172\.(1[6-9]|2\d|3[01])|192\.168)\.0\.0\/16$/,
        "a /16 network of private addresses, such as 10.214.0.0/16",
      )
      .optional()
      .describe(
        "The app's own Docker network: a /16 that no other app and no route of the server uses. Omit it, and the program chooses a free one, and keeps it.",
      ),
  })
  .describe("The app's Docker network.");

const rolloutSchema = z
  .strictObject({
    soakSeconds: z
      .number()
      .min(0)
      .max(3600)
      .default(10)
      .describe("How long a new release is watched after the switch. If it fails, the rollout reverts the cutover."),
    drainSeconds: z
      .number()
      .min(0)
      .max(600)
      .default(30)
      .describe("How long the previous release may finish its requests before it is stopped."),
    stopSeconds: z
      .number()
      .int()
      .min(0)
      .max(600)
      .default(30)
      .describe("Time between SIGTERM and SIGKILL when a container is stopped."),
  })
  .describe("How a new release becomes the active release.");

const rcloneSchema = z.strictObject({
  url: plainUrl.describe("Address of the archive."),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "64 lower case hex digits")
    .describe("SHA-256 of the archive."),
});

const backupsSchema = z
  .strictObject({
    bucket: z
      .string()
      .regex(/^(?!b2-)[A-Za-z0-9-]{6,63}$/, "6 to 63 letters, digits and dashes, not beginning with b2-")
      .describe("Bucket name, unique among all Backblaze customers: 6 to 63 letters, digits and dashes."),
    alert: z
      .strictObject({
        deadManUrl: plainUrl.describe(
          "Dead-man's switch: called after each verified backup. A missing call raises the alarm, even if the server is off.",
        ),
      })
      .describe("The alarm of another service than this server. The section `alerts` has the others."),
    endpoint: plainUrl.optional().describe("Another B2 API than Backblaze's. Only for a rehearsal."),
    rclone: rcloneSchema.optional().describe("Archive of rclone to install. Omit to install rclone's own release."),
  })
  .describe("Daily backups of the app's data to Backblaze B2. Omit the section to disable backups.");

const pipelineSchema = z
  .strictObject({
    owner: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,38}$/, "a GitHub user or organization")
      .describe("Owner of the app's repository: a GitHub user or organization."),
    repository: z
      .string()
      .regex(/^[\w.-]{1,100}$/, "a repository's name without its owner")
      .describe("Name of the app's repository, without its owner."),
    branch: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$/, "a branch's name")
      .default("main")
      .describe("Branch of the app's repository. Each push to it is deployed."),
    ...checksFields,
    infra: z
      .strictObject({
        repository: z
          .string()
          .regex(/^[\w.-]+\/[\w.-]+$/, "<owner>/<repository>")
          .describe("Repository of this program: `<owner>/<repository>`."),
        ref: z
          .string()
          .regex(/^[0-9a-f]{40}$/, "a full commit hash")
          .describe("Commit of this program, as a full hash."),
      })
      .describe("This program, as the deploy job checks it out."),
    deployBy: z
      .enum(["server", "engine"])
      .optional()
      .describe(
        "How the deploy job deploys. `server`: it asks the server, with a deploy key (`host.deployKeys`) as its only secret. `engine`: it runs `pulumi up`. Omit it for `server` if there is a deploy key, else `engine`.",
      ),
    stateUrl: z
      .string()
      .regex(/^[a-z0-9]+:\/\/[^\s"'\\`${}]+$/, "a backend's URL, such as s3://bucket?region=...")
      .optional()
      .describe("`PULUMI_BACKEND_URL` of the jobs, such as `s3://...`. Omit if the state is in Pulumi Cloud."),
    workflowsBy: z
      .enum(["commit", "pull-request"])
      .default("commit")
      .describe(
        "How the workflow files reach the branch. `commit`: the program commits them; the ruleset must allow an administrator to do that. `pull-request`: the program opens a pull request.",
      ),
    overwriteWorkflows: z
      .boolean()
      .default(false)
      .describe("Replace workflow files that exist already and that the program did not write."),
    codeOwners: z
      .array(z.string().regex(/^@[\w-]+(\/[\w.-]+)?$/, "@user or @organization/team"))
      .default([])
      .describe(
        "Users and teams that must review each change below `.github/` of the app's repository: `@user` or `@organization/team`.",
      ),
    reviewers: z
      .array(z.number().int().positive())
      .max(6)
      .default([])
      .describe(
        "Numbers of the GitHub users that must approve each deployment, at most six. `gh api users/<name> --jq .id` shows a number.",
      ),
    baseUrl: plainUrl.optional().describe("Address of a GitHub Enterprise server. Omit for github.com."),
    writeDelayMs: z
      .number()
      .int()
      .min(0)
      .default(1000)
      .describe("Pause after each write, in milliseconds. GitHub asks for one second and rate-limits faster clients."),
  })
  .describe(
    "The app's repository on GitHub. A stack of its own manages it (ops/github). Omit the section to leave GitHub unchanged.",
  );

/** The stack's plain configuration, section by section. Every default of the program is here. */
export const configSchema = z.strictObject({
  app: appSchema,
  host: hostSchema,
  cluster: clusterSchema.optional(),
  image: imageSchema,
  imageTag: z
    .string()
    .regex(/^[\w][\w.-]{0,127}$/, "a Docker tag")
    .optional()
    .describe(
      "Image tag to deploy. Never commit it: use `pulumi up -c imageTag=<tag>`. Without it, the deployed tag stays.",
    ),
  force: z
    .string()
    .optional()
    .describe("The same tag, to deploy it even if an operator rolled it back (`ops rollback --now`). Never commit it."),
  accept: z
    .enum(acceptable)
    .optional()
    .describe(
      "A change that needs a confirmation, for one update: `host`, a server without the app's data; `domain`, a site without its present names. Never commit it: `pulumi up -c accept=host`.",
    ),
  certificate: certificateSchema,
  site: siteSchema.prefault({}),
  network: networkSchema.prefault({}),
  health: healthSchema,
  rollout: rolloutSchema.prefault({}),
  data: dataSchema.describe(
    "Directories of the container that outlive a release, and that the backups hold. `[]`: the app keeps nothing.",
  ),
  backups: backupsSchema.optional(),
  alerts: alertsSchema.optional(),
  pipeline: pipelineSchema.optional(),
  variables: variablesSchema,
});

/** A secret of the stack's configuration. */
interface SecretKey {
  readonly need: "required" | "optional";
  readonly meaning: string;
}

/** The program's own secrets. The others are those of `variables`. */
export const secretKeys: Readonly<Record<string, SecretKey>> = {
  REGISTRY_TOKEN: { need: "optional", meaning: "Token of `image.username` for a private registry." },
};

export type Config = z.output<typeof configSchema>;

/** A report of everything that is wrong with a configuration. */
export class ConfigError extends Error {}

/** Where configuration comes from: `pulumi.Config`, a stack file, or a table in a test. */
export interface ConfigSource {
  get(key: string): string | undefined;
  isSecret(key: string): boolean;
  /** All keys that are set. */
  readonly keys: readonly string[];
  /** The stack file's own texts of the variables. It is read only where the engine may have changed one. */
  writtenTexts?(): WrittenTexts;
}

const sections = Object.keys(configSchema.shape);
/** Keys that count for one update: `pulumi up -c imageTag=...`. The program removes them from the stack file. */
export const onceKeys: readonly string[] = ["imageTag", "force", "accept"];

function parseValue(key: string, source: ConfigSource): unknown {
  const text = source.get(key);
  if (text === undefined || onceKeys.includes(key)) return text;
  try {
    if (key !== "variables") return JSON.parse(text);
    const variables = parseWithNumbersAsText(text);
    return needsWrittenTexts(variables) ? withWrittenTexts(variables, source.writtenTexts?.() ?? {}) : variables;
  } catch {
    return text;
  }
}

/** The names that the section `variables` declares, also where a declaration is malformed. */
const declaredNames = ({ variables }: Raw): string[] => (isObject(variables) ? Object.keys(variables) : []);

type Raw = Readonly<Record<string, unknown>>;

const secretProblems = (source: ConfigSource): string[] =>
  Object.keys(secretKeys)
    .filter((key) => source.get(key) !== undefined && !source.isSecret(key))
    .map(
      (key) =>
        `${key}: is stored in plain text in the stack file; it must be a secret\n    try: pulumi config set --secret ${key} (it asks for the value)`,
    );

const isVariableName = (key: string): boolean => /^[A-Z][A-Z0-9_]*$/.test(key);

/** Keys that neither a section nor a variable has, and that the program's own secrets do not have. */
function strangers(source: ConfigSource, raw: Raw): string[] {
  const known = [...sections, ...Object.keys(secretKeys), ...declaredNames(raw), "environment"];
  return source.keys.filter((key) => !known.includes(key));
}

/** A stack file of an earlier version knew the app's secrets by their names. */
const isFormer = (source: ConfigSource, unknown: readonly string[]): boolean =>
  source.keys.includes("environment") || (!source.keys.includes("variables") && unknown.some(isVariableName));

function formerProblems(source: ConfigSource, raw: Raw, unknown: readonly string[]): string[] {
  const app = isObject(raw["app"]) ? raw["app"] : {};
  const text = source.get("environment");
  const environment = text === undefined ? {} : (parseWithNumbersAsText(text) as Raw);
  const commands = conversion({
    domain: String(app["domain"]),
    port: Number(app["port"] ?? 3000),
    environment,
    secrets: unknown.filter(isVariableName),
  });
  const names = [...(text === undefined ? [] : ["environment"]), ...unknown.filter(isVariableName)];
  return [
    `${names.join(", ")}: an earlier version of this program knew the app's variables; now the section \`variables\` declares them\n    try: ${commandList(commands)}`,
  ];
}

function unknownKeyProblem(key: string): string {
  if (isVariableName(key))
    return `${key}: no variable has this name\n    try: pulumi config set --path 'variables.${key}.secret' true; or: pulumi config rm ${key}`;
  return `${key}: unknown; there are ${[...sections, ...Object.keys(secretKeys)].join(", ")}\n    try: pulumi config rm ${key}`;
}

/** An unknown key is a typing mistake. Without an error, the default would apply without notice. */
function unknownKeys(source: ConfigSource, raw: Raw): string[] {
  const unknown = strangers(source, raw);
  if (!isFormer(source, unknown)) return unknown.map(unknownKeyProblem);
  const others = unknown.filter((key) => !isVariableName(key)).map(unknownKeyProblem);
  return [...formerProblems(source, raw, unknown), ...others];
}

/** The health check was a part of `rollout`. */
function formerGate({ rollout }: Raw): string[] {
  const gate = isObject(rollout) ? rollout["gate"] : undefined;
  if (gate === undefined) return [];
  const commands = gateConversion(isObject(gate) ? gate : {});
  return [`rollout.gate: is the section \`health\` now\n    try: ${commandList(commands)}`];
}

/** The webhook was a part of `backups`. */
function formerWebhook({ backups }: Raw): string[] {
  if (!isObject(backups) || !isObject(backups["alert"]) || backups["alert"]["webhook"] === undefined) return [];
  return [
    `backups.alert.webhook: is \`alerts.webhook\` now, and gets all alerts, not only those about backups\n    try: ${commandList(webhookConversion)}`,
  ];
}

/** The user had another name. */
function formerUser({ app }: Raw): string[] {
  const uid = isObject(app) ? app["uid"] : undefined;
  if (uid === undefined) return [];
  const remedy = `pulumi config set --path app.user ${JSON.stringify(uid)}; pulumi config rm --path app.uid`;
  return [`app.uid: is \`app.user\` now\n    try: ${remedy}`];
}

function problemsOfVariables(source: ConfigSource, raw: Raw): string[] {
  const variables = variablesSchema.safeParse(raw["variables"]).data ?? {};
  const values = {
    isSet: (name: string) => Boolean(source.get(name)),
    isSecret: (name: string) => source.isSecret(name),
  };
  return variableProblems(variables, values, [...sections, ...Object.keys(secretKeys)]);
}

/** Deploy keys need a user with a short name, and the deploy job needs a deploy key. */
const deployKeyProblems = ({ app, host, pipeline }: Config): string[] => [
  ...(host.deployKeys.length > 0 && !hasRoomForUser(app.name)
    ? [
        "host.deployKeys: the name of the user `<app.name>-deploy` would be too long for Debian; app.name can have 25 characters\n    try: pulumi config rm --path host.deployKeys",
      ]
    : []),
  ...(pipeline?.deployBy === "server" && host.deployKeys.length === 0
    ? [
        "pipeline.deployBy: is server, but host.deployKeys has no key\n    try: pulumi config set --path 'host.deployKeys[0]' \"$(cat deploy-key.pub)\"",
      ]
    : []),
];

/** nginx publishes what is kept. */
const assetProblems = (config: Config): string[] =>
  exposedFolders(config.site.keepAssets, privatePaths(config)).map(
    ({ path, folder, holds }) =>
      `site.keepAssets["${path}"]: nginx would publish ${holds}, because ${folder} shares a path with it\n    try: pulumi config rm --path 'site.keepAssets["${path}"]'`,
  );

const contradictions = (
  source: ConfigSource,
  { image, health, site, pipeline, data, backups, alerts }: Config,
): string[] => [
  ...(backups && data.length === 0
    ? ["backups: is set, but data is empty, so there is nothing to back up\n    try: pulumi config rm backups"]
    : []),
  ...(image.username && !source.get("REGISTRY_TOKEN")
    ? [
        "image.username: is set, but the secret REGISTRY_TOKEN is not\n    try: pulumi config set --secret REGISTRY_TOKEN",
      ]
    : []),
  ...(source.get("REGISTRY_TOKEN") && image.username === undefined
    ? [
        "REGISTRY_TOKEN: is set, but image.username is not, so nobody would log in to the registry\n    try: pulumi config set --path image.username <the token's owner>; for a public image: pulumi config rm REGISTRY_TOKEN",
      ]
    : []),
  ...(Object.keys(site.access?.users ?? {}).length > 0 && !source.isSecret("site")
    ? [
        "site.access.users: is stored in plain text in the stack file; each hash must be a secret\n    try: openssl passwd -6 | pulumi config set --secret --path 'site.access.users.<name>'",
      ]
    : []),
  ...(alerts !== undefined && !source.isSecret("alerts")
    ? [
        "alerts: is stored in plain text in the stack file; each address, token and password must be a secret\n    try: pulumi config set --secret --path alerts.slack (it asks for the value); the same for discord, ntfy.url, email.password and webhook",
      ]
    : []),
  ...healthProblems(health),
  ...(pipeline ? checksProblems(pipeline) : []),
];

const without = (section: unknown, name: string): unknown =>
  isObject(section) ? Object.fromEntries(Object.entries(section).filter(([key]) => key !== name)) : section;

/** The raw sections without the keys that the functions `former...` report. */
const withoutFormer = (raw: Raw): Raw => ({
  ...raw,
  app: without(raw["app"], "uid"),
  rollout: without(raw["rollout"], "gate"),
  backups: isObject(raw["backups"])
    ? { ...raw["backups"], alert: without(raw["backups"]["alert"], "webhook") }
    : raw["backups"],
});

/**
 * Reads and checks the plain part of the configuration.
 * @throws ConfigError with one report that names every key that is missing, malformed, stored in plain text or contradictory.
 */
export function parseConfig(source: ConfigSource, stack: string): Config {
  const raw = Object.fromEntries(sections.map((key) => [key, parseValue(key, source)]));
  const parsed = configSchema.safeParse(withoutFormer(raw));
  const keys = parsed.success ? undefined : keysOf(configSchema);
  const problems = [
    ...(keys ? (parsed.error?.issues ?? []).flatMap((issue) => issueProblems(keys, raw, issue)) : []),
    ...placeholderProblems(raw),
    ...formerGate(raw),
    ...formerUser(raw),
    ...formerWebhook(raw),
    ...unknownKeys(source, raw),
    ...secretProblems(source),
    ...problemsOfVariables(source, raw),
    ...(parsed.success
      ? [
          ...contradictions(source, parsed.data),
          ...deployKeyProblems(parsed.data),
          ...clusterProblems(parsed.data),
          ...assetProblems(parsed.data),
        ]
      : []),
  ];
  if (!parsed.success || problems.length > 0) {
    const report = problems.map((problem) => `  ${problem}`).join("\n");
    throw new ConfigError(`the configuration of stack ${stack} has ${problems.length} problem(s):\n${report}`);
  }
  return parsed.data;
}

/** The part of the configuration that the operator's commands need. */
export const operatorConfigSchema = configSchema
  .pick({
    app: true,
    host: true,
    cluster: true,
    network: true,
    data: true,
    image: true,
    health: true,
    variables: true,
    rollout: true,
    backups: true,
  })
  // Other keys of the section can be encrypted.
  .extend({ site: z.object({ tls: siteSchema.shape.tls, keepAssets: siteSchema.shape.keepAssets }).prefault({}) });
