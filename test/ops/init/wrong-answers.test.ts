import { describe, expect, test } from "vitest";
import * as accounts from "../../../ops/init/checks/accounts";
import * as app from "../../../ops/init/checks/app";
import { checkDns, checkDomain, checkName } from "../../../ops/init/checks/domain";
import { checkImage, checkReference, checkTags, withoutTls } from "../../../ops/init/checks/image";
import { checkHostKey, checkLogin, checkShownKey, fingerprintOf } from "../../../ops/init/checks/server";
import type { Verdict } from "../../../ops/init/verdict";

const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIvVmPCkGGpC2vh6BN3sNfYwEy3ADTGCcTMzPCbnpHDI";
const login = { host: "10.20.30.40", port: 22, user: "root" };
const failed = (cause: string) => ({ ok: false, cause, fix: "" }) as const;
const image = { repository: "ghcr.io/me/app", tag: "4f2c1e9" };
const server = { architecture: "x86_64", hasLogin: false };
const refused = (status: number, ...tags: string[]) => ({ kind: "refused", status, tags }) as const;
const facts = (platform: string, user: string) => ({
  kind: "found" as const,
  image: { images: [{ platform, user, environment: {} }], ports: [3000], volumes: [] },
});
const mail = { kind: "unknown" } as const;
const dns = { a: ["10.20.30.40"], aaaa: [], caa: [] };
const me = { owner: "me", repository: "app" };
const token = { repository: 200, isAdmin: true, secrets: 200, variables: 200 };
const answered = (value: accounts.TokenFacts) => ({ ok: true, value }) as const;
const b2 = (status: number, ...capabilities: string[]) => ({
  kind: "answered" as const,
  status,
  body: { apiInfo: { storageApi: { allowed: { capabilities } } } },
});

/** A wrong answer, the part of the problem that names it, and the part of the next step that helps. */
type Case = readonly [name: string, verdict: Verdict<unknown>, problem: string, next: string];

const serverCases: readonly Case[] = [
  ["no server", checkLogin(""), "needs a server", "the address that the provider shows"],
  ["a URL", checkLogin("https://10.20.30.40"), "is a URL", "10.20.30.40"],
  ["an address of documentation", checkLogin("root@203.0.113.7"), "is an example of documentation", "provider"],
  ["a port that is none", checkLogin("10.20.30.40:99999"), "99999 is not a TCP port", "from 1 to 65535"],
  ["a user with a slash", checkLogin("a!b@10.20.30.40"), "a!b cannot be a user's name", "root or admin"],
  ["spaces", checkLogin("my server"), "is not a name or an address", "provider"],
  ["a name without an address", checkShownKey(login, failed("ENOTFOUND")), "has no address in DNS", "provider"],
  ["a closed port", checkShownKey(login, failed("ECONNREFUSED")), "refuses connections to port 22", ":2222"],
  ["a server that is off", checkShownKey(login, failed("ETIMEDOUT")), "does not answer on port 22", "firewall"],
  ["no ssh server", checkShownKey(login, failed("no banner")), "no ssh server answers", "ssh -p 22"],
  ["a key that is not confirmed", checkHostKey("no", hostKey), "is not confirmed", "provider's console"],
  ["another fingerprint", checkHostKey("SHA256:abc", hostKey), "it is another server", "provider's console"],
];

const siteCases: readonly Case[] = [
  ["an address with https", checkDomain("https://shop.mysite.org/"), "an address", "give the name alone"],
  ["an IP address", checkDomain("10.20.30.40"), "an IP address", "give the name alone"],
  ["a wildcard", checkDomain("*.mysite.org"), "a wildcard", "give the name alone"],
  ["a name with a port", checkDomain("mysite.org:8443"), "a name with a port", "give the name alone"],
  ["a name of documentation", checkDomain("shop.example.com"), "is an example of documentation", "that you own"],
  ["a name that does not resolve", checkDns("a.org", { ...dns, a: [] }, dns.a), "does not resolve", "A 10.20.30.40"],
  ["a name of another server", checkDns("a.org", { ...dns, a: ["9.9.9.9"] }, dns.a), "leads to 9.9.9.9", "A 10.20"],
  ["a foreign IPv6 address", checkDns("a.org", { ...dns, aaaa: ["2a00::1"] }, dns.a), "2a00::1", "remove the AAAA"],
  ["CAA of another authority", checkDns("a.org", { ...dns, caa: ["ca.org"] }, dns.a), "only ca.org", "letsencrypt.org"],
  ["a name with upper case letters", checkName("My Shop"), "cannot be an app's name", "such as my-shop"],
];

const imageCases: readonly Case[] = [
  ["no image", checkReference(""), "needs an image", "ghcr.io/owner/app"],
  ["a URL of an image", checkReference("https://ghcr.io/me/app"), "is a URL", "leave out https://"],
  ["a digest", checkReference("ghcr.io/me/app@sha256:11"), "names a digest", "give a tag instead"],
  ["upper case letters", checkReference("ghcr.io/Me/app:1"), "upper case", "give ghcr.io/me/app:1"],
  ["the tag latest", checkReference("ghcr.io/me/app:latest"), "changes its content", "its commit as tag"],
  ["an image without a registry", checkReference("app"), "is not an image with its registry", "ghcr.io/owner/app"],
  ["no tag", checkTags({ ...image, tag: "" }, ["a1", "b2"]), "the last ones are a1, b2", "ghcr.io/me/app:b2"],
  ["no tag in the registry", checkTags({ ...image, tag: "" }, []), "has no tag yet", "push it"],
  ["an unknown tag", checkImage(image, refused(404, "b2"), server), "has no tag 4f2c1e9; its last tags are b2", "push"],
  ["an unknown image", checkImage(image, refused(404), server), "has no ghcr.io/me/app:4f2c1e9", "build and push"],
  [
    "a wrong login",
    checkImage(image, refused(401), { ...server, hasLogin: true }),
    "refuses the login",
    "read:packages",
  ],
  ["no registry", checkImage(image, { kind: "unreachable", cause: "ENOTFOUND" }, server), "ENOTFOUND", "network"],
  ["another processor", checkImage(image, facts("linux/arm64", "1001"), server), "not for linux/amd64", "corrected"],
  ["root", checkImage(image, facts("linux/amd64", ""), server), "runs as root", "corrected image"],
];

const appCases: readonly Case[] = [
  ["a health path without a slash", app.checkHealth("health"), "no path that begins with /", "/api/health"],
  ["a health URL", app.checkHealth("https://a.org/health"), "is a URL", "leave out the site's name"],
  ["a health query", app.checkHealth("/health?full=1"), "has a query", "/api/health"],
  ["an unknown kind of data", app.checkData("/data:mysql"), "no kind of data is called mysql", "sqlite"],
  ["a relative directory", app.checkData("data:files"), "data:files: an absolute path", "/app/data:files"],
  ["a directory in another", app.checkData("/data:files /data/a:files"), "inside another directory", "<path>:<kind>"],
  ["a name with a dash", app.checkVariables("MY-NAME=a"), "cannot be a variable's name", "NAME=value"],
  ["a secret in plain text", app.checkVariables(`KEY=sk-ant-${"a".repeat(40)}`), "looks like", "hidden"],
  ["a variable twice", app.checkVariables("A=1 A=2"), "A has two values", "once"],
  ["an empty secret", app.checkSecret("KEY", ""), "KEY has no value", "leave KEY out"],
  ["a secret with a line end", app.checkSecret("KEY", "a\nb"), "KEY has a line end", "base64"],
];

const accountCases: readonly Case[] = [
  ["no e-mail address", accounts.checkEmail("me", mail), "is no e-mail address", "ops@mysite.org"],
  ["an e-mail address of documentation", accounts.checkEmail("a@example.com", mail), "documentation", "that you read"],
  ["no mail server", accounts.checkEmail("a@b.org", { kind: "found", servers: 0 }), "no mail server", "that you read"],
  ["a short bucket name", accounts.checkBucket("abc", true), "6 to 63 letters", "no other customer"],
  ["the bucket of the example", accounts.checkBucket("set-this-backups", true), "the example", "no other"],
  ["a bucket without data", accounts.checkBucket("my-backups", false), "nothing to back up", "answer none"],
  ["a wrong key of B2", accounts.checkBucketKey(b2(401)), "B2 answered 401", "make a master key"],
  ["a key of B2 for one bucket", accounts.checkBucketKey(b2(200, "listFiles")), "may not writeBuckets", "master key"],
  ["no dead-man's switch", accounts.checkAlerts(""), "need a dead-man's switch", "healthchecks.io"],
  ["a dead-man's switch of documentation", accounts.checkAlerts("https://ping.example.com/a"), "documentation", "uuid"],
  ["a dead-man's switch without https", accounts.checkAlerts("http://a.org/b"), "not encrypted", "https://a.org/b"],
  [
    "the same address twice",
    accounts.checkAlerts("https://a.org/b https://a.org/b"),
    "are the same",
    "another address",
  ],
  ["no place of the state", accounts.checkState("dropbox", "/home"), "is no place for the state", "cloud"],
  [
    "no login at Pulumi Cloud",
    accounts.checkBackend("https://api.pulumi.com", failed("no token")),
    "no token",
    "login",
  ],
  ["no Pulumi CLI", accounts.checkBackend("file:///a", failed("ENOENT")), "is not installed", "3.250"],
  ["a short passphrase", accounts.checkPassphrase("secret"), "has 6 characters", "openssl rand"],
  [
    "an address of a repository",
    accounts.checkRepository("https://github.com/me/app.git"),
    "an address",
    "give me/app",
  ],
  ["a repository without its owner", accounts.checkRepository("app"), "is no repository", "you/shop"],
  ["a token that expired", accounts.checkToken(me, answered({ ...token, repository: 401 })), "has expired", "new"],
  [
    "a repository that nobody sees",
    accounts.checkToken(me, answered({ ...token, repository: 404 })),
    "exist",
    "me/app",
  ],
  ["no administrator", accounts.checkToken(me, answered({ ...token, isAdmin: false })), "no administrator", "none"],
  ["a token without a right", accounts.checkToken(me, answered({ ...token, secrets: 403 })), "secrets", "environments"],
];

describe("a wrong answer is refused with the right next step", () => {
  test.each([...serverCases, ...siteCases, ...imageCases, ...appCases, ...accountCases])(
    "%s",
    (_, verdict, problem, next) => {
      expect(verdict.kind).not.toBe("good");
      expect(verdict).toMatchObject({
        problem: expect.stringContaining(problem) as string,
        next: expect.stringContaining(next) as string,
      });
    },
  );
});

describe("a good answer", () => {
  test.each([
    [checkLogin("10.20.30.40"), login],
    [checkLogin("admin@[2a00::1]:2222"), { host: "2a00::1", port: 2222, user: "admin" }],
    [checkHostKey(fingerprintOf(hostKey), hostKey), hostKey],
    [checkDomain("Shop.MySite.org."), "shop.mysite.org"],
    [checkDns("a.org", { ...dns, caa: ["letsencrypt.org"] }, dns.a), "a.org"],
    [checkReference("ghcr.io/me/app:4f2c1e9"), image],
    [checkReference("127.0.0.1:5000/me/app:v1"), { repository: "127.0.0.1:5000/me/app", tag: "v1" }],
    [app.checkHealth("/healthz http"), { path: "/healthz", style: "http" }],
    [
      app.checkData("/data:sqlite, /files"),
      [
        { path: "/data", kind: "sqlite" },
        { path: "/files", kind: "files" },
      ],
    ],
    [
      app.checkVariables('A="b c" KEY MADE!'),
      { A: "b c", KEY: { secret: true }, MADE: { secret: true, generate: true } },
    ],
    [accounts.checkBucket("none", true), undefined],
    [accounts.checkAlerts("https://a.org/b"), { deadManUrl: "https://a.org/b", webhook: undefined }],
    [accounts.checkState("cloud", "/home"), "https://api.pulumi.com"],
    [accounts.checkRepository("me/app"), me],
  ])("%j", (verdict, value) => {
    expect(verdict).toMatchObject({ kind: "good", ...(value !== undefined && { value }) });
  });

  test("an image decides user and port, and whether a login is needed", () => {
    expect(checkImage(image, facts("linux/amd64", "1001"), server)).toMatchObject({
      kind: "good",
      value: { ...image, needsLogin: false, port: 3000, user: 1001, isCommit: true },
    });
    expect(checkImage(image, refused(403), server)).toMatchObject({ kind: "good", value: { needsLogin: true } });
  });
});

test.each([
  ["http://127.0.0.1:5000", "127.0.0.1:5000/me/app", "http://127.0.0.1:5000"],
  ["http://127.0.0.1:5000/", "127.0.0.1:5000/me/app", "http://127.0.0.1:5000/"],
  ["http://127.0.0.1:5000", "ghcr.io/me/app", undefined],
  [undefined, "ghcr.io/me/app", undefined],
])("the address %s of the stack file, for the image %s: %s", (registry, repository, expected) => {
  expect(withoutTls(registry, { repository, tag: "a" })).toBe(expected);
});
