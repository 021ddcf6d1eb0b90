// Sets every key of the configuration to a value that is not its default, renders everything that the program makes of it,
// and looks for each value and for each default. A key that only a part of the program reads cannot come back.
import { beforeAll, describe, expect, test, vi } from "vitest";
import { configSchema } from "../config";
import { keysOf, type Key } from "../config/keys";
import { goodStack, type GoodStack } from "./support/good-stack";

vi.mock(import("../repository"), async (original) => ({
  ...(await original()),
  assertBuildIsCurrent: () => undefined,
}));

const sha256 = "0b".repeat(32);
const ref = "0c".repeat(20);

/** Each key with another value than its default. */
const configuration = {
  app: {
    ...{
      name: "notes",
      domains: ["notes.example.com", "www.notes.example.com"],
      port: 8123,
      user: 4711,
      memoryMb: 777,
      cpus: 1.25,
      pids: 321,
    },
    writable: { "/srv/cache": "65m" },
    command: ["serve", "--all"],
    ...{ deliver: "both", environmentFile: "/srv/notes.env", uploadLimit: "33m" },
  },
  host: {
    ...{
      host: "203.0.113.9",
      hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtd3lRLtxH1qNzq0rTJmzvBCSZQ2YbgS8dzJ0EJ7wAC",
    },
    ...{ port: 2233, user: "operator", allow: ["51821/udp"] },
    identity: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtd3lRLtxH1qNzq0rTJmzvBCSZQ2YbgS8dzJ0EJ7wAE",
    jump: {
      ...{ host: "198.51.100.77", port: 2299, user: "jumper" },
      hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtd3lRLtxH1qNzq0rTJmzvBCSZQ2YbgS8dzJ0EJ7wAF",
      identity: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtd3lRLtxH1qNzq0rTJmzvBCSZQ2YbgS8dzJ0EJ7wAG",
    },
    deployKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtd3lRLtxH1qNzq0rTJmzvBCSZQ2YbgS8dzJ0EJ7wAD ci@example"],
  },
  image: {
    ...{ repository: "registry.example.com/team/notes", username: "puller", platforms: ["linux/amd64"], tags: "any" },
    registry: "http://registry.example.com",
  },
  imageTag: "v7.8.9",
  certificate: { email: "someone@example.net", server: "https://acme.example.net/directory" },
  site: {
    ...{ tls: "intermediate", contentSecurityPolicy: "nonce", connectSources: ["https://errors.example.net"] },
    ...{ connectionsPerAddress: 1234, otherDomains: "serve", headers: "app", trustedProxies: ["198.51.100.0/24"] },
    hsts: { includeSubDomains: true, preload: true },
    keepAssets: { "/built-files/": "/srv/app/built" },
    access: { users: { reader: "$6$salt$hash" }, addresses: ["192.0.2.0/28"] },
  },
  data: [{ path: "/srv/notes", kind: "sqlite" }],
  network: { subnet: "10.99.0.0/16" },
  health: {
    ...{ path: "/healthz", style: "status", critical: ["queue"], version: "header", versionHeader: "X-Commit" },
    ...{ deadlineSeconds: 91, answerSeconds: 17, retries: 2, retrySeconds: 4, successes: 5, command: ["/bin/probe"] },
  },
  rollout: { soakSeconds: 41, drainSeconds: 42, stopSeconds: 43 },
  backups: {
    bucket: "notes-archive",
    alert: { deadManUrl: "https://ping.example.net/notes" },
    ...{ endpoint: "https://b2.example.net", rclone: { url: "https://files.example.net/rclone.zip", sha256 } },
  },
  alerts: {
    slack: "https://hooks.slack.example.net/services/1",
    discord: "https://discord.example.net/api/webhooks/2",
    ntfy: { url: "https://ntfy.example.net/topic-3", token: "tk_4" },
    email: {
      ...{ server: "smtps://smtp.example.net:465", from: "server@example.net", to: ["someone@example.net"] },
      ...{ user: "sender", password: "mail-password-5" },
    },
    webhook: "https://hooks.example.net/notes",
    ...{ deployments: "all", certificateDays: 9, diskPercent: 83, siteDownMinutes: 7 },
  },
  pipeline: {
    ...{ owner: "someone", repository: "notes-app", branch: "trunk", infra: { repository: "someone/infra", ref } },
    ...{ checks: "own", checksWorkflow: "verify.yml", checkNames: ["all tests"], stateUrl: "s3://notes-state" },
    ...{ overwriteWorkflows: true, codeOwners: ["@someone/team"], reviewers: [424242] },
    ...{ baseUrl: "https://github.example.net/", writeDelayMs: 1357, deployBy: "server" },
  },
  variables: {
    PUBLIC_URL: { scope: "both", default: "https://notes.example.com/public" },
    UPLOAD_TOKEN: { scope: "build", secret: true },
    SESSION_KEY: { secret: true, generate: true },
    ANTHROPIC_API_KEY: { secret: true },
    SENTRY_DSN: { secret: true },
    NEXT_PUBLIC_SENTRY_DSN: { required: false },
  },
};

/** Keys that no resource shows, each with the test or the place that reads it. */
const elsewhere: Readonly<Record<string, string>> = {
  "app.domain": "app.domains, of which it is the short form (test/config.test.ts)",
  "host.adopt": "the preflight (test/host/inventory)",
  "image.tags": "the policy pack (test/policy/image.test.ts)",
  "health.otherTags": "the version that the gate expects (test/config/health.test.ts)",
  "health.style": "the body that the gate expects (test/config/health.test.ts)",
  "cluster.privateAddress": "a stack with several servers (test/components/cluster.test.ts)",
  "cluster.skipUnreachable": "a server that does not answer (test/components/cluster-servers.test.ts)",
  "cluster.nodes": "a stack with several servers (test/components/cluster.test.ts)",
  force: "the choice of the tag (test/components/image-choice.test.ts)",
  accept: "the preflight (test/host/inventory/identity.test.ts)",
  "pipeline.workflowsBy": "another resource (test/policy/variants.test.ts)",
};

type Path = readonly string[];

/** The keys of the schema that have a value of their own. */
function leaves(key: Key, path: Path = []): Path[] {
  if (key.properties === undefined) return [path];
  return Object.entries(key.properties).flatMap(([name, child]) => leaves(child, [...path, name]));
}

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((found, name) => (found as Record<string, unknown> | undefined)?.[name], value);

function textsOf(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [String(value)];
  return Object.entries(value).flatMap(([name, child]) => [...(Array.isArray(value) ? [] : [name]), ...textsOf(child)]);
}

const root = keysOf(configSchema);
const paths = leaves(root).filter((path) => path[0] !== "variables");
const names = paths.map((path) => path.join(".")).filter((name) => !(name in elsewhere));

/** Words that only a default has. Each would be a setting that is written into the program a second time. */
const defaults = [
  ...["/app/.env.production", "/api/health", "10.213.", ":3000", "1001:1001", "acme-v02.api.letsencrypt.org"],
  ...["100m;", "memoryloop.", "/memoryloop/", "refs/heads/main", "api.github.com"],
];

/** It contains the program that deploy keys start, with the schema and all its defaults. */
const withProgram = "deploy-keys-login";

let stack: GoodStack;
let rendered: string;

beforeAll(async () => {
  stack = await goodStack(configuration);
  rendered = JSON.stringify(stack.resources.map(({ type, name, props }) => [type, name, props]));
}, 60_000);

describe("every key", () => {
  test.each(names)("%s is set to another value than its default", (name) => {
    const path = name.split(".");
    const key = path.reduce<Key | undefined>((found, part) => found?.properties?.[part], root);
    const value = valueAt(configuration, path);
    expect(value).toBeDefined();
    expect(value).not.toEqual(key?.default);
  });

  test.each(names)("%s reaches a resource", (name) => {
    for (const text of textsOf(valueAt(configuration, name.split("."))))
      expect(rendered).toContain(text.replace(/\/udp$/, ""));
  });
});

test.each(defaults)("no resource has the default %s", (text) => {
  const found = stack.resources.filter(
    ({ name, props }) => name !== withProgram && JSON.stringify(props).includes(text),
  );
  expect(found.map(({ type, name }) => `${type} ${name}`)).toEqual([]);
});
