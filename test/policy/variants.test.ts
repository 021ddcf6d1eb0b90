import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { policies } from "../../policy/index";
import { setStackSettings } from "../../policy/stack-settings";
import { declaredTypes } from "../../policy/types";
import { fullConfiguration, goodStack, settingsOf, type GoodStack } from "../support/good-stack";
import { reportsOf, type Report } from "../support/policy";

vi.mock(import("../../repository"), async (original) => ({
  ...(await original()),
  assertBuildIsCurrent: () => undefined,
}));

const { app, host, image, backups, pipeline, variables } = fullConfiguration;
const withoutService = { ...variables, OLLAMA_BASE_URL: "https://models.example.com" };

/** Configurations that differ from the example and are as good. Each has many changes: a run of the program takes a second. */
const hostKey = (letter: string): string => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${letter.repeat(43)}`;

const variants: Readonly<Record<string, object>> = {
  "another owner, app, user, branch, network and login": {
    app: {
      ...app,
      name: "notes-2",
      domain: undefined,
      domains: ["notes.example.com", "www.notes.example.com"],
      port: 8080,
      memoryMb: 4096,
      user: 1000,
    },
    host: { ...host, user: "deploy", port: 2222, allow: ["51820/udp", "8443/tcp"] },
    image: { ...image, repository: "ghcr.io/somebody/notes" },
    network: { subnet: "172.20.0.0/16" },
    pipeline: { ...pipeline, owner: "somebody", repository: "notes", branch: "master" },
  },
  "one key of the agent, through a jump host": {
    host: { ...host, identity: hostKey("B"), jump: { host: "198.51.100.7", hostKey: hostKey("C") } },
  },
  "another registry, workflows by pull request, TLS 1.2, a nonce, a further origin": {
    image: { ...image, repository: "registry.example.com/team/notes" },
    pipeline: { ...pipeline, workflowsBy: "pull-request", baseUrl: "https://github.example.com/" },
    site: { tls: "intermediate", contentSecurityPolicy: "nonce", connectSources: ["https://o1.ingest.sentry.io"] },
  },
  "an ecdsa host key, another rclone, a tag with a word, longer steps of the rollout": {
    host: { ...host, hostKey: "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAI" },
    imageTag: "sha-4f2c1e9",
    rollout: { soakSeconds: 60, drainSeconds: 120 },
    health: { deadlineSeconds: 180, otherTags: "ignore" },
    backups: { ...backups, rclone: { url: "https://example.com/rclone.zip", sha256: "0a".repeat(32) } },
  },
  "no backups, no pipeline, no service of the server, a registry on loopback, the app's own policy": {
    backups: undefined,
    pipeline: undefined,
    variables: withoutService,
    image: { ...image, repository: "127.0.0.1:5000/notes", registry: "http://127.0.0.1:5000" },
    site: { contentSecurityPolicy: "app" },
  },
  "a site for some people behind proxies, the app's own headers, https for subdomains, names that serve the same, kept assets":
    {
      app: { ...app, domain: undefined, domains: ["memoryloop.test", "www.memoryloop.test"] },
      site: {
        keepAssets: { "/_next/static/": "/app/.next/static" },
        otherDomains: "serve",
        headers: "app",
        hsts: { includeSubDomains: true, preload: true },
        trustedProxies: ["cloudflare", "203.0.113.0/24"],
        access: { users: { anna: "$6$salt$hash" }, addresses: ["2001:db8::/32"] },
      },
    },
};

let example: GoodStack;
let stacks: ReadonlyMap<string, GoodStack>;

beforeAll(async () => {
  example = await goodStack();
  const made = new Map<string, GoodStack>();
  for (const [name, change] of Object.entries(variants)) {
    made.set(name, await goodStack({ ...fullConfiguration, ...change }));
  }
  stacks = made;
}, 120_000);

afterAll(() => {
  setStackSettings(undefined);
});

const reportsAbout = ({ resources }: GoodStack): Report[] => policies.flatMap((policy) => reportsOf(policy, resources));

test.each(Object.keys(variants))("a stack passes with %s", (name) => {
  const stack = stacks.get(name);
  expect(stack?.settings).toBeDefined();
  setStackSettings(stack?.settings);
  expect(stack && reportsAbout(stack)).toEqual([]);
});

test("a stack passes without settings, as where no engine runs the rules", () => {
  setStackSettings(undefined);
  expect(reportsAbout(example)).toEqual([]);
});

describe("a stack that differs from its configuration", () => {
  test.each<[string, object, string[]]>([
    ["repository", { image: { repository: "ghcr.io/somebody/notes" } }, ["image-repository"]],
    ["registry", { image: { repository: "registry.example.com/x" } }, ["image-repository", "registry-login"]],
    ["user", { app: { ...app, user: 1000 } }, ["container-user", "file-rights"]],
    [
      "branch",
      { pipeline: { ...pipeline, branch: "master" } },
      ["environment-branch", "github-repository", "ruleset-active"],
    ],
    ["login", { host: { ...host, user: "deploy" } }, ["docker-connection", "ssh-connection"]],
    ["domain", { app: { ...app, domain: "other.test" } }, ["file-path", "nginx-targets"]],
    [
      "rclone",
      { backups: { ...backups, rclone: { url: "https://a.test/", sha256: "0a".repeat(32) } } },
      ["remote-command"],
    ],
    ["owner", { pipeline: { ...pipeline, owner: "somebody" } }, ["github-provider"]],
    ["bypass", { pipeline: { ...pipeline, workflowsBy: "pull-request" } }, ["ruleset-active"]],
  ])("is reported for another %s", (_, change, expected) => {
    setStackSettings(settingsOf({ ...fullConfiguration, ...change }));
    const reported = new Set(reportsAbout(example).map(({ rule }) => rule));
    expect([...reported].sort()).toEqual(expected);
  });
});

describe("declaredTypes", () => {
  test("are the types of the program and no others", () => {
    const resources = [example, ...stacks.values()].flatMap((stack) => stack.resources);
    const declared = new Set(resources.map(({ type }) => type).filter((type) => !type.startsWith("pulumi:")));
    // The engine adds the stack itself and the providers that no resource names.
    const expected = declaredTypes.filter((type) => !type.startsWith("pulumi:"));
    expect([...declared].sort()).toEqual(expected.toSorted());
  });
});
