import { isDeepStrictEqual } from "node:util";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { policies, rules } from "../../policy/index";
import { goodStack, type StackResource } from "../support/good-stack";
import { reportsOf, unknown, type Report } from "../support/policy";

// A stale dist/ is no matter here: the program runs from its sources.
vi.mock(import("../../repository"), async (original) => ({
  ...(await original()),
  assertBuildIsCurrent: () => undefined,
}));

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-assignment -- mutations reach into properties of every shape */
type Props = any;
type Mutable = { -readonly [Key in keyof StackResource]: Key extends "props" ? Props : StackResource[Key] };
type Mutation = (stack: Mutable[]) => void;

let good: readonly StackResource[];

beforeAll(async () => {
  good = await goodStack();
}, 60_000);

function resource(stack: Mutable[], name: string): Mutable {
  const found = stack.find((candidate) => candidate.name === name);
  if (found) return found;
  throw new Error(`no ${name} among ${stack.map((candidate) => candidate.name).join(", ")}`);
}

/** One change of the properties of one resource. */
const props =
  (name: string, change: (props: Props) => void): Mutation =>
  (stack) => {
    change(resource(stack, name).props);
  };

const container = (values: object): Mutation => props("memoryloop", (all) => Object.assign(all, values));
const rollout = (values: object): Mutation => props("rollout-release", (all) => Object.assign(all, values));
const gate = (values: object): Mutation => props("rollout-release", (all) => Object.assign(all.gate, values));
const bucket = (values: object): Mutation => props("backups-bucket", (all) => Object.assign(all, values));
const lifecycle = (values: object): Mutation =>
  props("backups-bucket", (all) => Object.assign(all.lifecycleRules[0], values));
const key = (values: object): Mutation => props("backups-key", (all) => Object.assign(all, values));

/** One change in the text of one file. */
const text = (set: string, path: string, from: string | RegExp, to: string): Mutation =>
  props(set, ({ entries }) => {
    const before = entries[path].content as string;
    entries[path].content = before.replace(from, to);
    expect(entries[path].content, `${String(from)} in ${path}`).not.toBe(before);
  });

const addFile = (path: string, file: object): Mutation =>
  props("host-files", ({ entries }) => {
    entries[path] = { kind: "file", content: "", mode: "0644", owner: "root:root", ...file };
  });

const environmentFile = (change: object): Mutation =>
  props("backups-environment", ({ entries }) => Object.assign(entries["/opt/memoryloop/config/backup.env"], change));

const nginxConf = (from: string | RegExp, to: string): Mutation =>
  text("nginx-files", "/etc/nginx/nginx.conf", from, to);
const tlsParams = (from: string | RegExp, to: string): Mutation =>
  text("nginx-files", "/etc/nginx/snippets/ssl-params.conf", from, to);
const site = (from: string | RegExp, to: string): Mutation =>
  text("site-files", "/etc/nginx/sites-available/memoryloop.conf", from, to);

const workflow = (from: string | RegExp, to: string): Mutation =>
  props("ci", (all) => {
    all.content = (all.content as string).replace(from, to);
  });

const add =
  (type: string, values: object): Mutation =>
  (stack) => {
    stack.push({
      ...structuredClone(resource(stack, "app-network")),
      type,
      name: "added",
      urn: "added",
      props: values,
    });
  };

const sshOption = (from: string, to: string): Mutation =>
  props("host-docker", (all) => {
    all.sshOpts = (all.sshOpts as string).replace(from, to);
  });

/** For each rule, one fact of the good stack turned bad. */
const mutations: Readonly<Record<string, Mutation>> = {
  "ssh-host-key": props("host-packages", (all) => delete all.connection.hostKey),
  "ssh-private-key": props("host-packages", (all) => (all.connection.privateKey = "key")),
  "docker-host-key": sshOption("StrictHostKeyChecking=yes", "StrictHostKeyChecking=no"),
  "docker-transport": props("host-docker", (all) => (all.host = "tcp://203.0.113.7:2375")),
  "command-quiet": props("host-packages", (all) => (all.logging = "stdout")),
  "command-local": add("command:local:Command", { create: "make" }),
  "image-repository": container({ image: `ghcr.io/somebody/memoryloop@sha256:${"a".repeat(64)}` }),
  "image-digest": container({ image: "ghcr.io/nicholaspsmith/memoryloop:4f2c1e9" }),
  "image-tag": props("rollout-release", (all) => (all.image.tag = all.gate.version = "latest")),
  "container-unprivileged": container({ privileged: true }),
  "container-namespaces": container({ pidMode: "host" }),
  "container-network": container({ networksAdvanced: [] }),
  "container-mounts": props("memoryloop", ({ mounts }) => (mounts[0].source = "/var/run/docker.sock")),
  "container-devices": container({ devices: [{ hostPath: "/dev/sda" }] }),
  "container-capabilities": container({ capabilities: { drops: ["ALL"], adds: ["NET_ADMIN"] } }),
  "container-no-new-privileges": container({ securityOpts: [] }),
  "container-confined": container({ securityOpts: ["no-new-privileges", "seccomp=unconfined"] }),
  "container-read-only": container({ readOnly: false }),
  "container-user": container({ user: "0:0" }),
  "container-memory": container({ memorySwap: 4096 }),
  "container-logs": container({ logDriver: "json-file" }),
  "container-restart": container({ restart: "on-failure" }),
  "container-ports": container({ ports: [{ internal: 3000, external: 3000 }] }),
  "container-replacement": (stack) => (resource(stack, "memoryloop").deleteBeforeReplace = undefined),
  "container-pids": rollout({ pidsLimit: 100_000 }),
  "file-credential-mode": environmentFile({ mode: "0640" }),
  "file-credential-owner": environmentFile({ owner: "www-data:www-data" }),
  "file-world-writable": props("host-files", ({ entries }) => (entries["/opt/memoryloop/config"].mode = "0777")),
  "file-setuid": addFile("/usr/local/bin/tool", { mode: "4755" }),
  "file-system-owner": addFile("/usr/local/bin/tool", { owner: "1001:1001" }),
  "file-firewall": addFile("/etc/nftables.d/rules.nft", { content: "flush ruleset\ntable inet app {}\n" }),
  "file-sshd": addFile("/etc/ssh/sshd_config.d/10-app.conf", { content: "PasswordAuthentication yes\n" }),
  "nginx-tls": tlsParams("ssl_protocols TLSv1.3;", "ssl_protocols TLSv1 TLSv1.3;"),
  "nginx-site-tls": site("server_name memoryloop.test;", "server_name memoryloop.test; ssl_protocols TLSv1.3;"),
  "nginx-hsts": nginxConf("max-age=63072000", "max-age=3600"),
  "nginx-server-tokens": nginxConf("server_tokens off;", ""),
  "nginx-default-server": nginxConf("ssl_reject_handshake on;", ""),
  "nginx-stapling": tlsParams("ssl_session_tickets off;", "ssl_session_tickets off; ssl_stapling on;"),
  "nginx-content-security-policy": site(/set \$content_security_policy ".*";/g, ""),
  "nginx-content-sources": site("connect-src 'self'", "connect-src *"),
  "nginx-security-headers": site("include /etc/nginx/snippets/security-headers.conf;", ""),
  "nginx-headers-kept": site("location / {", "location / { add_header X-Release 1;"),
  "nginx-plain-http": site("return 301 https://memoryloop.test$request_uri;", "proxy_pass http://memoryloop;"),
  "nginx-validated": props("site-files", (all) => (all.validate = [])),
  "certificate-for-name": props("certificate-lineage", (all) => (all.domains = ["other.test"])),
  "certificate-remaining": props("certificate-lineage", (all) => {
    all.expiresAt = new Date(Date.now() + 10 * 86_400_000).toISOString();
  }),
  "certificate-renewal": props("nginx-files", ({ units }) => (units["certbot.timer"].active = false)),
  "certificate-staple": addFile("/etc/letsencrypt/cli.ini", { content: "must-staple = true\n" }),
  "certificate-key": props("certificate-lineage", (all) => (all.keyType = "rsa")),
  "certificate-authority": props("certificate-lineage", (all) => (all.server = "http://acme.test/directory")),
  "secret-credential": container({ command: ["node", "server.js", "--token", `ghp_${"a1".repeat(18)}`] }),
  "secret-private-key": addFile("/etc/ssl/private/site.key", {
    content: "-----BEGIN EC PRIVATE KEY-----\n",
    mode: "0600",
  }),
  "rollout-serves": (stack) => (resource(stack, "rollout-release").dependencies = []),
  "rollout-answer": gate({ answerSeconds: 31 }),
  "rollout-retries": gate({ retries: 4 }),
  "rollout-critical-checks": gate({ criticalChecks: [] }),
  "rollout-version": props("rollout-release", (all) => delete all.gate.version),
  "rollout-deadline": gate({ deadlineSeconds: 3600 }),
  "rollout-drain": rollout({ drainSeconds: 0 }),
  "rollout-confirm": rollout({ confirmSeconds: 600 }),
  "rollout-stop": rollout({ stopSeconds: 1 }),
  "rollout-previous-kept": rollout({ keepImages: 2 }),
  "bucket-private": bucket({ bucketType: "allPublic" }),
  "bucket-encrypted": props("backups-bucket", (all) => delete all.defaultServerSideEncryption),
  "bucket-protected": (stack) => (resource(stack, "backups-bucket").protect = false),
  "bucket-permanent": lifecycle({ fileNamePrefix: "" }),
  "bucket-hiding": lifecycle({ daysFromUploadingToHiding: 7 }),
  "bucket-undo": lifecycle({ daysFromHidingToDeleting: 1 }),
  "key-capabilities": key({ capabilities: ["listFiles", "writeFiles", "deleteFiles"] }),
  "key-bucket": props("backups-key", (all) => delete all.bucketIds),
  "backup-dailies": text("backups-job", "/usr/local/lib/memoryloop-backup/backup.sh", "keep=7", "keep=3"),
  "backup-upload-limit": text("backups-job", "/usr/local/lib/memoryloop-backup/common.sh", ":-590}", ":-6000}"),
  "backup-alert": text("backups-environment", "/opt/memoryloop/config/backup.env", /^DEAD_MAN_URL=.*$/m, ""),
  "backup-timer": props("backups-job", ({ units }) => (units["memoryloop-backup.timer"].enabled = false)),
  "workflow-pinned": workflow(/@[0-9a-f]{40}/, "@v5"),
  "workflow-permissions": workflow("contents: read", "contents: write"),
  "workflow-triggers": workflow("pull_request:", "pull_request_target:"),
  "environment-restricted": props("production", (all) => delete all.deploymentBranchPolicy),
  "environment-branch": props("main", (all) => (all.branchPattern = "*")),
  "deploy-key-absent": add("github:index/repositoryDeployKey:RepositoryDeployKey", { key: "ssh-ed25519 AAAA" }),
};

/** A rule for single resources has nothing new to see in those that are as they were. */
function reportsAbout(stack: readonly StackResource[]): Report[] {
  const changed = stack.filter((candidate, index) => !isDeepStrictEqual(candidate, good[index]));
  return rules.flatMap((rule) => reportsOf(rule, "validateStack" in rule ? stack : changed));
}

describe("the pack", () => {
  test("reports nothing about the program as it is", () => {
    expect(policies.flatMap((policy) => reportsOf(policy, good))).toEqual([]);
  });

  test("has a mutation for each of its rules", () => {
    expect(Object.keys(mutations).sort()).toEqual(rules.map(({ name }) => name).sort());
  });
});

test.each(rules)("$name alone reports one fact turned bad", ({ name }) => {
  const stack = structuredClone(good) as Mutable[];
  mutations[name]?.(stack);
  const reports = reportsAbout(stack);
  expect([...new Set(reports.map(({ rule }) => rule))]).toEqual([name]);
  for (const { message } of reports) expect(message).toMatch(/^[\w-]+: .+ is .+\.\nDo: ./);
});

describe("a site whose app states its own content security policy", () => {
  test("breaks no rule", () => {
    const stack = structuredClone(good) as Mutable[];
    site(/set \$content_security_policy ".*";/g, "proxy_pass_header Content-Security-Policy;")(stack);
    expect(reportsAbout(stack)).toEqual([]);
  });
});

describe("a value that a preview cannot know", () => {
  const advice = policies.filter(({ name }) => name === "unknown-at-preview");

  test("crashes no rule, and what waits for it is told", () => {
    for (const name of ["memoryloop", "site-files", "rollout-release", "backups-key", "certificate-lineage"]) {
      for (const property of Object.keys(good.find((resource) => resource.name === name)?.props ?? {})) {
        const stack = structuredClone(good) as Mutable[];
        resource(stack, name).props[property] = unknown;
        expect(reportsAbout(stack)).toEqual([]);
        const [told] = advice.flatMap((policy) => reportsOf(policy, [resource(stack, name)]));
        expect(told?.message).toContain(`${name}: ${property}`);
      }
    }
  }, 30_000);

  test("hides no violation beside it", () => {
    const stack = structuredClone(good) as Mutable[];
    const { mounts } = resource(stack, "memoryloop").props;
    mounts[0].source = unknown;
    mounts[1].source = "/etc";
    expect(reportsAbout(stack).map(({ message }) => message.split("\n")[0])).toEqual([
      'memoryloop: mounts[1].source is "/etc".',
    ]);
  });
});

describe("a number", () => {
  test("comes from the pack's configuration", () => {
    const drain = rules.filter(({ name }) => name === "rollout-drain");
    expect(drain.map(({ configSchema }) => configSchema?.properties["minimumSeconds"])).toEqual([
      { type: "number", default: 10 },
    ]);
    expect(drain.flatMap((rule) => reportsOf(rule, good, { minimumSeconds: 60 }))).toHaveLength(1);
  });
});
