import { describe, expect, test } from "vitest";
import { parseConfig, type ConfigSource } from "../config";

const good: Record<string, string> = {
  app: JSON.stringify({ name: "memoryloop", domain: "memoryloop.example.com" }),
  host: JSON.stringify({ host: "203.0.113.7", hostKey: "ssh-ed25519 AAAAC3Nz" }),
  image: JSON.stringify({ repository: "ghcr.io/owner/memoryloop" }),
  certificate: JSON.stringify({ email: "ops@example.com" }),
  variables: JSON.stringify({
    NODE_ENV: "production",
    API_KEY: { secret: true },
    SESSION_KEY: { secret: true, generate: true },
    MODEL_URL: { required: false },
  }),
  API_KEY: "k",
};

const source = (values: Record<string, string | undefined>, clear: readonly string[] = []): ConfigSource => ({
  get: (key) => values[key],
  isSecret: (key) => /^[A-Z_]+$/.test(key) && !clear.includes(key),
  keys: Object.keys(values).filter((key) => values[key] !== undefined),
});

function report(values: Record<string, string | undefined>, clear: readonly string[] = []): string {
  try {
    parseConfig(source(values, clear), "test");
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

describe("parseConfig", () => {
  test("fills in the defaults of the domain", () => {
    const config = parseConfig(source(good), "test");
    expect(config.host).toEqual({
      ...{ host: "203.0.113.7", port: 22, user: "root", hostKey: "ssh-ed25519 AAAAC3Nz" },
      ...{ adopt: [], allow: [], deployKeys: [] },
    });
    expect(config.health).toEqual({
      ...{ path: "/api/health", style: "status", critical: ["database"], version: "body" },
      ...{ versionHeader: "X-Version", otherTags: "whole" },
      ...{ deadlineSeconds: 60, answerSeconds: 30, retries: 3, retrySeconds: 2, successes: 2 },
    });
    expect(config.imageTag).toBeUndefined();
  });

  test("names every missing key at once, each with the command that sets it", () => {
    expect(report({ variables: '{"API_KEY":{"secret":true},"MODE":{}}' }))
      .toBe(`the configuration of stack test has 6 problem(s):
  app: missing
    try: pulumi config set --path 'app.name' notes
  host: missing
    try: pulumi config set --path 'host.host' 203.0.113.7; pulumi config set --path 'host.hostKey' "$(ssh-keyscan -t ed25519 <address>)"
  image: missing
    try: pulumi config set --path 'image.repository' ghcr.io/owner/app
  certificate: missing
    try: pulumi config set --path 'certificate.email' you@example.com
  API_KEY: missing
    try: pulumi config set --secret API_KEY (it asks for the value)
  MODE: missing
    try: pulumi config set --path 'variables.MODE' <value>, or: pulumi config set --secret MODE (it asks for the value)`);
  });

  test("names a malformed value by its path", () => {
    const wrong = { ...good, app: JSON.stringify({ name: "Memory Loop", domain: "memoryloop.example.com" }) };
    expect(report(wrong)).toContain("app.name: lower case letters, digits and dashes");
  });

  test("names a mistyped key, whose default would hold in silence, and the keys of its section", () => {
    const rollout = JSON.stringify({ soakSecond: 60 });
    const message = report({
      ...good,
      rollout,
      rollouts: "{}",
      variables: '{"A":{"scop":"build"}}',
      API_KEY: undefined,
    });
    expect(message).toContain(
      "rollout.soakSecond: unknown; rollout has soakSeconds, drainSeconds, stopSeconds\n    try: pulumi config rm --path 'rollout.soakSecond'",
    );
    expect(message).toContain(
      "variables.A.scop: unknown; variables.A has scope, secret, required, default, generate\n    try: pulumi config rm --path 'variables.A.scop'",
    );
    expect(message).toMatch(/^ {2}rollouts: unknown; there are app, host, .*\n {4}try: pulumi config rm rollouts$/m);
  });

  test("the site is the strictest there is, unless asked for otherwise; a source of it is an origin and no more", () => {
    expect(parseConfig(source(good), "test").site).toEqual({
      tls: "modern",
      contentSecurityPolicy: "static",
      connectSources: [],
      connectionsPerAddress: 1000,
      otherDomains: "redirect",
      headers: "ours",
      hsts: { includeSubDomains: false, preload: false },
      trustedProxies: [],
      keepAssets: {},
    });
    const wrong = { ...good, site: JSON.stringify({ connectSources: ['https://a.test"; add_header X 1;'] }) };
    expect(report(wrong)).toContain("site.connectSources[0]: an origin, such as https://errors.example.com");
  });

  const appWith = (names: object) => ({ ...good, app: JSON.stringify({ name: "shop", ...names }) });

  test("one domain and a list of domains are two ways to say the same", () => {
    const names = ["shop.example.com", "www.shop.example.com"];
    const parsed = (given: object) => parseConfig(source(appWith(given)), "test").app;
    expect(parsed({ domains: names })).toMatchObject({ domain: names[0], domains: names });
    expect(parsed({ domain: names[0] })).toMatchObject({ domain: names[0], domains: [names[0]] });
    expect(parsed({ domains: ["A.test", "a.test.", "b.test"] }).domains).toEqual(["a.test", "b.test"]);
  });

  test("no domain, or both keys, are refused with the command", () => {
    expect(report(appWith({}))).toContain(
      "app.domains[0]: missing\n    try: pulumi config set --path 'app.domains[0]' notes.example.com",
    );
    expect(report(appWith({ domain: "a.test", domains: ["a.test"] }))).toContain(
      "app.domains[0]: app.domain is set too; keep app.domains alone: pulumi config rm --path app.domain",
    );
  });

  const siteWith = (site: object) => report({ ...good, site: JSON.stringify(site) }, ["site"]);
  const secretSite = (site: object) => {
    const given = { ...good, site: JSON.stringify(site) };
    return parseConfig({ ...source(given), isSecret: () => true }, "test").site;
  };

  test.each([
    [{ hsts: { preload: true } }, "site.hsts.preload: needs site.hsts.includeSubDomains"],
    [{ trustedProxies: ["0.0.0.0/0"] }, "site.trustedProxies[0]: cloudflare, or an address or network of proxies"],
    [{ trustedProxies: ["fastly"] }, "site.trustedProxies[0]: cloudflare, or an address or network of proxies"],
    [{ access: {} }, "site.access: names nobody; set users or addresses, or remove the section"],
    [{ access: { addresses: ["203.0.113.0/33"] } }, "site.access.addresses[0]: an address or a network, such as"],
    [{ access: { users: { anna: "letmein" } } }, "site.access.users.anna: the hash of a password, not the password"],
    [
      { access: { users: { anna: "$6$salt$hash" } } },
      "site.access.users: is stored in plain text in the stack file; each hash must be a secret",
    ],
    [
      { keepAssets: { "/_next/static": "/app/.next/static" } },
      "a path of the site that begins and ends with a slash, such as /_next/static/",
    ],
    [
      { keepAssets: { "/_next/static/": ".next/static" } },
      'site.keepAssets["/_next/static/"]: a folder of the image, such as /app/.next/static',
    ],
    [
      { keepAssets: { "/files/": "/app" } },
      'site.keepAssets["/files/"]: nginx would publish /app/.env.production, because /app shares a path with it\n    try: pulumi config rm --path \'site.keepAssets["/files/"]\'',
    ],
  ])("the site %j is refused", (site, reason) => {
    expect(siteWith(site)).toContain(reason);
  });

  test("a site can have users and addresses, whose hashes are secrets", () => {
    const access = { users: { anna: "$6$salt$hash" }, addresses: ["203.0.113.7", "2001:db8::/32"] };
    expect(secretSite({ access }).access).toEqual(access);
  });

  test("a tag of digits only stays a string", () => {
    expect(parseConfig(source({ ...good, imageTag: "1234567" }), "test").imageTag).toBe("1234567");
  });

  test("a secret in plain text is refused", () => {
    expect(report(good, ["API_KEY"])).toContain(
      "API_KEY: is stored in plain text in the stack file; it must be a secret",
    );
  });

  test("a registry user without a token is a contradiction", () => {
    const wrong = { ...good, image: JSON.stringify({ repository: "ghcr.io/owner/memoryloop", username: "me" }) };
    expect(report(wrong)).toContain("image.username: is set, but the secret REGISTRY_TOKEN is not");
  });

  test("a registry token without a user is refused: nobody would log in with it", () => {
    expect(report({ ...good, REGISTRY_TOKEN: "t" })).toContain(
      "REGISTRY_TOKEN: is set, but image.username is not, so nobody would log in to the registry\n    try: pulumi config set --path image.username",
    );
    const image = JSON.stringify({ repository: "ghcr.io/owner/memoryloop", username: "me" });
    expect(report({ ...good, image, REGISTRY_TOKEN: "t" })).toBe("");
  });

  test("a host key that is none says how to get it", () => {
    const wrong = { ...good, host: JSON.stringify({ host: "203.0.113.7", hostKey: "SHA256:abc" }) };
    expect(report(wrong)).toContain(
      'host.hostKey: must be a public host key such as "ssh-ed25519 AAAAC3Nz..." (ssh-keyscan -t ed25519 HOST)\n    try: pulumi config set --path \'host.hostKey\' "$(ssh-keyscan -t ed25519 <address>)"',
    );
  });

  test.each([
    ["ssh-keyscan's line", "203.0.113.7 ssh-ed25519 AAAAC3Nz"],
    ["ssh-keyscan's line with a port", "[203.0.113.7]:2222 ssh-ed25519 AAAAC3Nz"],
    ["a comment", "ssh-ed25519 AAAAC3Nz root@server"],
    [
      "all of ssh-keyscan's lines",
      "# 203.0.113.7:22 SSH-2.0-OpenSSH_9.2\n203.0.113.7 ssh-rsa AAAAB3Nz\n203.0.113.7 ssh-ed25519 AAAAC3Nz\n",
    ],
  ])("a host key with %s is accepted", (_, hostKey) => {
    const host = JSON.stringify({ host: "203.0.113.7", hostKey });
    expect(parseConfig(source({ ...good, host }), "test").host.hostKey).toBe("ssh-ed25519 AAAAC3Nz");
  });

  const app = { name: "notes", domain: "notes.example.com" };
  const host = { host: "203.0.113.7", hostKey: "ssh-ed25519 AAAAC3Nz" };

  test.each<[string, object, string]>([
    [
      "app",
      { ...app, memoryMb: "2048" },
      "app.memoryMb: expected number, received string\n    try: pulumi config set --path 'app.memoryMb' 2048",
    ],
    [
      "app",
      { ...app, memoryMb: "much" },
      "app.memoryMb: expected number, received string\n    try: pulumi config set --path 'app.memoryMb' 1024",
    ],
    [
      "app",
      { ...app, memoryMB: 1024 },
      "app.memoryMB: unknown; app has name, domains, domain, port, user, memoryMb, cpus, pids, writable, command, deliver, environmentFile, uploadLimit\n    try: pulumi config rm --path 'app.memoryMB'",
    ],
    [
      "app",
      { ...app, uid: 1000 },
      "app.uid: is `app.user` now\n    try: pulumi config set --path app.user 1000; pulumi config rm --path app.uid",
    ],
    [
      "app",
      { ...app, writable: { "/app/cache": 64 } },
      `app.writable["/app/cache"]: expected string, received number\n    try: pulumi config set --path 'app.writable["/app/cache"]' 64m`,
    ],
    [
      "app",
      { ...app, deliver: "file" },
      'app.deliver: Invalid option: expected one of "environmentFile"|"process"|"both"\n    try: pulumi config set --path \'app.deliver\' environmentFile',
    ],
    [
      "image",
      { repository: "ghcr.io/Owner/App" },
      "image.repository: a repository in lower case, without https:// and without a tag, such as ghcr.io/owner/app\n    try: pulumi config set --path 'image.repository' ghcr.io/owner/app",
    ],
    [
      "image",
      { repository: "https://registry.example.com:5000/team/notes:latest" },
      "image.repository: a repository in lower case, without https:// and without a tag, such as ghcr.io/owner/app\n    try: pulumi config set --path 'image.repository' registry.example.com:5000/team/notes",
    ],
    [
      "network",
      { subnet: "999.300.0.0/16" },
      "network.subnet: a /16 network of private addresses, such as 10.214.0.0/16\n    try: pulumi config set --path 'network.subnet' 10.213.0.0/16",
    ],
    [
      "host",
      { ...host, host: "deploy@1.2.3.4" },
      "host.host: a name or an address, without user, port or scheme\n    try: pulumi config set --path 'host.host' 1.2.3.4; pulumi config set --path 'host.user' deploy",
    ],
    [
      "variables",
      { ...{ API_KEY: { secret: "yes" } } },
      "variables.API_KEY.secret: expected boolean, received string\n    try: pulumi config set --path 'variables.API_KEY.secret' false",
    ],
    [
      "variables",
      { API_KEY: { secret: true }, LIST: ["a"] },
      "variables.LIST.default: a text, a number, true or false\n    try: pulumi config set --path 'variables.LIST.default' <text>",
    ],
    [
      "rollout",
      { gate: { path: "/healthz", retries: 5 } },
      "rollout.gate: is the section `health` now\n    try: pulumi config set --path health.path /healthz\n         pulumi config set --path health.retries 5\n         pulumi config rm --path rollout.gate",
    ],
    [
      "health",
      { path: "healthz" },
      "health.path: a path that begins with /\n    try: pulumi config set --path 'health.path' /api/health",
    ],
  ])("%s %j has one problem, with the command for that key", (section, value, problem) => {
    expect(report({ ...good, [section]: JSON.stringify(value) })).toBe(
      `the configuration of stack test has 1 problem(s):\n  ${problem}`,
    );
  });

  test("a stack file of an earlier version is refused with the commands that convert it", () => {
    const former = { ...good, variables: undefined };
    const message = report({ ...former, environment: '{"LOG_LEVEL":"info"}', DSN: "x" });
    expect(message).toContain(
      "  environment, API_KEY, DSN: an earlier version of this program knew the app's variables; now the section `variables` declares them\n    try: pulumi config set --path variables.NODE_ENV.default production\n",
    );
    expect(message).toContain("\n         pulumi config set --path variables.LOG_LEVEL.default info\n");
    expect(message).toContain("\n         pulumi config set --path variables.API_KEY.secret true\n");
    expect(message).toMatch(/\n {9}pulumi config rm environment$/);
    expect(message).toContain("has 1 problem(s)");
  });

  test("a secret that no variable declares is named", () => {
    expect(report({ ...good, OTHER: "x" })).toBe(
      "the configuration of stack test has 1 problem(s):\n  OTHER: no variable has this name\n    try: pulumi config set --path 'variables.OTHER.secret' true; or: pulumi config rm OTHER",
    );
  });

  const backups = (change: object) =>
    report({
      ...good,
      backups: JSON.stringify({
        bucket: "memoryloop-backups",
        alert: { deadManUrl: "https://ping.example.com/1" },
        ...change,
      }),
    });

  function alerts(section: object, isSecret = true): string {
    const given = source({ ...good, alerts: JSON.stringify(section) });
    try {
      parseConfig({ ...given, isSecret: (key) => (key === "alerts" ? isSecret : given.isSecret(key)) }, "test");
      return "";
    } catch (error) {
      return String(error);
    }
  }

  test.each([
    [{ slack: "https://hooks.slack.com/services/1" }, ""],
    [{ deployments: "all" }, "alerts: has no target"],
    [{ slack: "https://hooks.slack.com/'" }, "alerts.slack: a URL without spaces"],
    [{ ntfy: { url: "https://ntfy.sh" } }, "alerts.ntfy.url: the address of a topic"],
    [{ ntfy: { url: "https://dummy-1.invalid" } }, ""],
    [{ email: { server: "smtp.example.com", from: "a@example.com", to: ["b@example.com"] } }, "alerts.email.server: "],
    [
      { email: { server: "smtp://a.example", from: "a@example.com", to: ["b@example.com"], user: "a" } },
      "alerts.email.password: missing\n    try: pulumi config set --secret --path 'alerts.email.password' ",
    ],
    [{ slack: "https://hooks.slack.com/1", teams: "https://a.example" }, "alerts.teams: unknown"],
  ])("alerts: %j is told as %j", (section, problem) => {
    const message = alerts(section);
    expect(message === "").toBe(problem === "");
    expect(message).toContain(problem);
  });

  test("alerts in plain text are refused, with the command that stores a secret", () => {
    expect(alerts({ slack: "https://hooks.slack.com/services/1" }, false)).toMatch(
      /alerts: is stored in plain text.*\n +try: pulumi config set --secret --path alerts\.slack/,
    );
  });

  test("the former webhook of the backups is refused with commands that move it and do not show it", () => {
    const message = backups({
      alert: { deadManUrl: "https://ping.example.com/1", webhook: "https://hooks.example/1" },
    });
    expect(message).toContain(
      "backups.alert.webhook: is `alerts.webhook` now, and gets all alerts, not only those about backups\n    try: pulumi config get --path backups.alert.webhook | tr -d '\\n' | pulumi config set --secret --path alerts.webhook\n         pulumi config rm --path backups.alert.webhook",
    );
    expect(message).not.toContain("hooks.example/1");
  });

  test.each([
    [{}, ""],
    [{ bucket: "b2-backups" }, "backups.bucket: 6 to 63 letters, digits and dashes, not beginning with b2-"],
    [{ bucket: "short" }, "backups.bucket: 6 to 63 letters"],
    [{ bucket: "with_underscore" }, "backups.bucket: 6 to 63 letters"],
    [{ alert: {} }, "backups.alert.deadManUrl: "],
    [{ alert: { deadManUrl: "https://ping.example.com/$HOME" } }, "backups.alert.deadManUrl: a URL without spaces"],
    [{ endpoint: "api.backblazeb2.com" }, "backups.endpoint: "],
    [
      { rclone: { url: "https://example.com/rclone.zip", sha256: "0".repeat(63) } },
      "backups.rclone.sha256: 64 lower case hex digits",
    ],
  ])("backups: %j is told as %j, with what to type", (change, problem) => {
    const message = backups(change);
    expect(message.includes(problem)).toBe(true);
    expect(message === "" || message.includes(`try: pulumi config set --path '${problem.split(":")[0] ?? ""}' `)).toBe(
      true,
    );
    expect(message === "").toBe(problem === "");
  });
});
