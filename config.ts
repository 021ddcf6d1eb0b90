import { z } from "zod";
import { connectionSchema } from "./host/connection";
import { adoptable } from "./host/inventory/rules/problem";
import { gateSchema } from "./host/rollout/inputs";

const appSchema = z.strictObject({
  /** Names the app everywhere: paths, units, sockets, network. Several apps share one VPS by it. */
  name: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, "lower case letters, digits and dashes, at most 31"),
  /** Public name of the site. */
  domain: z.hostname(),
  /** Port the app listens on inside its container. */
  port: z.number().int().min(1).max(65535).default(3000),
  /** The image's user: owns the data and reads the environment file. */
  uid: z.number().int().min(1).default(1001),
  /** Memory limit of the container in MiB; the container gets no swap beyond it. */
  memoryMb: z.number().int().min(64).default(1024),
  /** Largest request body the site takes, in nginx's notation. */
  uploadLimit: z
    .string()
    .regex(/^\d+[kmg]$/)
    .default("100m"),
});

const imageSchema = z.strictObject({
  /** `ghcr.io/<owner>/<repo>` without a tag. */
  repository: z.string().regex(/^[\w.:-]+\/[\w./-]+$/, "a repository without a tag"),
  /** Registry login, where the image is private; its token is the secret REGISTRY_TOKEN. */
  username: z.string().optional(),
  /** Only for a registry without TLS, on loopback: its `http://` address. */
  registry: z.url().optional(),
});

const certificateSchema = z.strictObject({
  /** Contact of the ACME account. */
  email: z.email(),
  /** ACME directory. */
  server: z.url().default("https://acme-v02.api.letsencrypt.org/directory"),
});

/** An origin as a content security policy names it; anything more would end in nginx's configuration. */
const origin = z
  .string()
  .regex(/^(https|wss):\/\/[a-z0-9.-]+(:\d+)?$/, "an origin, such as https://o1.ingest.sentry.io");

const siteSchema = z.strictObject({
  /** `modern`: TLS 1.3 only. `intermediate`: TLS 1.2 as well. One choice for all apps of a host. */
  tls: z.enum(["modern", "intermediate"]).default("modern"),
  /** Who says which scripts may run in a page: host/nginx/content-security-policy.ts. */
  contentSecurityPolicy: z.enum(["static", "nonce", "app"]).default("static"),
  /** Origins beside its own that a page may fetch from, such as an error collector. */
  connectSources: z.array(origin).default([]),
});

const networkSchema = z.strictObject({
  /** The app's own Docker network: a /16 that no other app and no route of the host uses. */
  subnet: z
    .string()
    .regex(/^\d+\.\d+\.0\.0\/16$/, "a /16 network")
    .default("10.213.0.0/16"),
});

const rolloutSchema = z.strictObject({
  gate: gateSchema.omit({ version: true }).strict().prefault({}),
  /** How long a new release is watched after the cutover; on trouble traffic moves back. */
  soakSeconds: z.number().min(0).max(3600).default(10),
  drainSeconds: z.number().min(0).max(600).default(30),
  stopSeconds: z.number().int().min(0).max(600).default(30),
});

/** A URL that an env file carries as it is. */
const plainUrl = z.url().regex(/^[^\s"'\\`$]+$/, "a URL without spaces, quotes, backslashes or dollar signs");

const backupsSchema = z.strictObject({
  /** Among all buckets of Backblaze. */
  bucket: z.string().regex(/^(?!b2-)[A-Za-z0-9-]{6,63}$/, "6 to 63 letters, digits and dashes, not beginning with b2-"),
  alert: z.strictObject({
    /** Slack's or Discord's, or any that takes JSON. */
    webhook: plainUrl.optional(),
    /** Called after each verified backup: a host that is off cannot tell of it, the one who waits for the call can. */
    deadManUrl: plainUrl,
  }),
  endpoint: plainUrl.optional(),
  /** Archive to install rclone from, where it is not rclone's own release. */
  rclone: z
    .strictObject({ url: plainUrl, sha256: z.string().regex(/^[0-9a-f]{64}$/, "64 lower case hex digits") })
    .optional(),
});

const pipelineSchema = z.strictObject({
  /** Of the app's repository on GitHub. */
  owner: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,38}$/, "a GitHub user or organization"),
  repository: z.string().regex(/^[\w.-]{1,100}$/, "a repository's name without its owner"),
  /** The branch whose every push is deployed. */
  branch: z.string().default("main"),
  /** This program, as the deploy job checks it out. */
  infra: z.strictObject({
    repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/, "<owner>/<repository>"),
    ref: z.string().regex(/^[0-9a-f]{40}$/, "a full commit hash"),
  }),
  /** PULUMI_BACKEND_URL of the jobs, where the state is not in Pulumi Cloud: s3://... */
  stateUrl: z.string().optional(),
  /**
   * How the workflow files get to the branch: committed by an admin, whom the ruleset lets pass, or proposed by a pull
   * request, where nobody may pass.
   */
  workflowsBy: z.enum(["commit", "pull-request"]).default("commit"),
  /** Take over workflow files that are there already. */
  overwriteWorkflows: z.boolean().default(false),
  /** Another GitHub than github.com. */
  baseUrl: plainUrl.optional(),
  /** Pause after each write; GitHub asks for a second, and limits who does not wait. */
  writeDelayMs: z.number().int().min(0).default(1000),
});

/** The stack's plain configuration, section by section. Every default of the program is here. */
const configSchema = z.strictObject({
  app: appSchema,
  host: connectionSchema
    .extend({
      port: connectionSchema.shape.port.default(22),
      user: z.string().min(1).default("root"),
      /** Things on the server that this program may replace: `docker` (daemon.json), `nginx` (its sites), `firewall`. */
      adopt: z.array(z.enum(adoptable)).default([]),
      /** Ports of other services that the firewall leaves open, such as "51820/udp". */
      allow: z
        .array(z.string().regex(/^\d{1,5}\/(tcp|udp)$/, 'a port and its protocol, such as "51820/udp"'))
        .default([]),
    })
    .strict(),
  image: imageSchema,
  /** What to deploy; never committed. Without it: the tag of the stack's own last outputs. */
  imageTag: z
    .string()
    .regex(/^[\w][\w.-]{0,127}$/, "a Docker tag")
    .optional(),
  /** The same tag, to deploy it though it was taken back (`ops rollback --now`); never committed. */
  force: z.string().optional(),
  certificate: certificateSchema,
  site: siteSchema.prefault({}),
  network: networkSchema.prefault({}),
  rollout: rolloutSchema.prefault({}),
  /** Without it there are none. */
  backups: backupsSchema.optional(),
  /** Without it nothing is done on GitHub. */
  pipeline: pipelineSchema.optional(),
  /** Plain runtime variables beside those of data-model.md section 2, such as OLLAMA_BASE_URL. */
  environment: z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.string()).default({}),
});

/** The app's secret variables and whether it needs them; data-model.md section 2. */
const runtimeSecrets = {
  ANTHROPIC_API_KEY: "required",
  NEXT_PUBLIC_SENTRY_DSN: "required",
  SENTRY_DSN: "required",
  NEXTAUTH_SECRET: "optional",
} as const;

const secrets = { ...runtimeSecrets, REGISTRY_TOKEN: "optional", SENTRY_AUTH_TOKEN: "optional" } as const;

export type RuntimeSecret = keyof typeof runtimeSecrets;
export type Config = z.output<typeof configSchema>;

/** The app's secret variables that can be set. */
export const runtimeSecretNames = Object.keys(runtimeSecrets) as RuntimeSecret[];

/** A value that is right, for each key: what an error shows. */
const examples: Readonly<Record<string, string>> = {
  app: `--path 'app.name' memoryloop; pulumi config set --path 'app.domain' memoryloop.example.com`,
  host: `--path 'host.host' 203.0.113.7; pulumi config set --path 'host.hostKey' "ssh-ed25519 AAAAC3Nz..."`,
  image: `--path 'image.repository' ghcr.io/owner/memoryloop`,
  imageTag: `imageTag 4f2c1e9 (or: pulumi up -c imageTag=4f2c1e9)`,
  force: `force 4f2c1e9 (or: pulumi up -c imageTag=4f2c1e9 -c force=4f2c1e9)`,
  certificate: `--path 'certificate.email' you@example.com`,
  site: `--path 'site.contentSecurityPolicy' nonce`,
  network: `--path 'network.subnet' 10.213.0.0/16`,
  backups: `--path 'backups.bucket' memoryloop-backups; pulumi config set --path 'backups.alert.deadManUrl' https://...`,
  pipeline: `--path 'pipeline.owner' you; pulumi config set --path 'pipeline.repository' memoryloop; pulumi config set --path 'pipeline.infra.repository' you/memoryloop-infra; pulumi config set --path 'pipeline.infra.ref' "$(git rev-parse HEAD)"`,
  rollout: `--path 'rollout.drainSeconds' 30`,
  environment: `--path 'environment.OLLAMA_BASE_URL' http://host.docker.internal:11434`,
};

/** A report of everything that is wrong with a configuration. */
export class ConfigError extends Error {}

/** Where configuration comes from: `pulumi.Config`, a stack file, or a table in a test. */
export interface ConfigSource {
  get(key: string): string | undefined;
  isSecret(key: string): boolean;
  /** All keys that are set. */
  readonly keys: readonly string[];
}

function parseValue(key: string, text: string | undefined): unknown {
  if (text === undefined || key === "imageTag" || key === "force") return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const secretProblems = (source: ConfigSource): string[] =>
  Object.entries(secrets).flatMap(([key, need]) => {
    const value = source.get(key);
    const remedy = `pulumi config set --secret ${key} (it asks for the value)`;
    if (value === undefined || value === "") return need === "required" ? [`${key}: missing\n    try: ${remedy}`] : [];
    return source.isSecret(key)
      ? []
      : [`${key}: is in the stack file in clear; it must be a secret\n    try: ${remedy}`];
  });

/** A key that nobody reads is a mistyped one: left out in silence, its default would hold. */
function unknownKeys({ keys }: ConfigSource): string[] {
  const known = [...Object.keys(configSchema.shape), ...Object.keys(secrets)];
  return keys
    .filter((key) => !known.includes(key))
    .map((key) => `${key}: unknown; there are ${known.join(", ")}\n    try: pulumi config rm ${key}`);
}

function contradictions(source: ConfigSource, plain: Config): string[] {
  const { image, environment } = plain;
  const both = Object.keys(environment).filter((name) => name in secrets);
  return [
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
    ...both.map(
      (name) => `environment.${name}: is a secret and must not stand here\n    try: pulumi config set --secret ${name}`,
    ),
  ];
}

/**
 * Reads and checks the plain part of the configuration.
 * @throws ConfigError with one report that names every key that is missing, malformed, in clear or contradictory.
 */
export function parseConfig(source: ConfigSource, stack: string): Config {
  const raw = Object.fromEntries(Object.keys(configSchema.shape).map((key) => [key, parseValue(key, source.get(key))]));
  const parsed = configSchema.safeParse(raw);
  const malformed = (parsed.error?.issues ?? []).map((issue) => {
    const [key = ""] = issue.path.map(String);
    const reason = raw[key] === undefined ? "missing" : issue.message;
    return `${issue.path.map(String).join(".")}: ${reason}\n    try: pulumi config set ${examples[key] ?? key}`;
  });
  const problems = [
    ...malformed,
    ...unknownKeys(source),
    ...secretProblems(source),
    ...(parsed.success ? contradictions(source, parsed.data) : []),
  ];
  if (!parsed.success || problems.length > 0) {
    const report = problems.map((problem) => `  ${problem}`).join("\n");
    throw new ConfigError(`the configuration of stack ${stack} has ${problems.length} problem(s):\n${report}`);
  }
  return parsed.data;
}

/** The part of the configuration that the operator's commands need. */
export const operatorConfigSchema = configSchema.pick({
  app: true,
  host: true,
  image: true,
  rollout: true,
  backups: true,
});
