import { describe, expect, test } from "vitest";
import type { HostFacts } from "../../../host/status/host-facts";
import { renderScreen, showsColours } from "../../../ops/status/screen";
import { isGood, statusLines, statusReport, statusSchema, type StatusSources } from "../../../ops/status/status";
import { deployment } from "../../support/deployment";
import { hostState } from "../../support/host-state";
import { body, goodSources, hostFacts, now, siteView, stack } from "../../support/status";

const plain = { colour: false };
const linesOf = (parts: Partial<StatusSources>) => statusLines(stack, { ...goodSources, ...parts }, now);
const withFacts = (parts: Partial<HostFacts>) => linesOf({ host: { ok: true, value: { ...hostFacts, ...parts } } });
const withSite = (parts: Partial<typeof siteView>) => linesOf({ site: { ok: true, value: { ...siteView, ...parts } } });
const failure = { ok: false as const, cause: "connection lost", fix: "try again" };
const list = {
  backups: [],
  problem: "",
  lastRun: null,
  lastVerified: null,
  lastDrill: null,
  drills: [],
  timers: { daily: true, drill: true },
  changeInterrupted: false,
  setAside: [],
  now,
};

/** The lines of a topic as a plain screen without title and columns. */
const topicOf = (lines: ReturnType<typeof linesOf>, topic: string): string[] =>
  lines
    .filter((line) => line.topic === topic)
    .map(({ level, text, fix }) => `${level} ${text}${fix === undefined ? "" : ` | ${fix}`}`);

describe("the screen", () => {
  test("of a healthy stack", () => {
    const lines = linesOf({ backups: { ok: true, value: list } });
    expect(isGood(lines)).toBe(true);
    expect(renderScreen("app  https://app.test", lines, plain)).toBe(`app  https://app.test

site         ok    through DNS (203.0.113.7): 200 in 84 ms, HTTP/2, version b000002
             ok    from the server: 200 in 12 ms
checks       ok    database up 5 ms, ollama up
certificate  ok    62 days left, until 2027-01-27
release      ok    b000002 (release 22), 3 hours ago by me@here, in 10.0 s
rollback     ok    to a000001 (release 11)
container    ok    app-22 runs, 212 MiB of 1 GiB, 0 restarts
disk         ok    /: 30 GiB of 40 GiB free (75 %); data 2 GiB, images 1 GiB
server             up 3 days, load 0.4 on 2 processors, 1 GiB of 4 GiB memory used
timers       ok    2 are on
units        ok    none has failed
updates      ok    none pending
drift        ok    the files of the last deployment are unchanged
lock         ok    free: no rollout runs
alerts       ok    none is open
backups            none was verified by this server yet; next in 15 hours; 0 in the bucket`);
  });

  test("of a server that does not answer has one line for it, whatever needed it", () => {
    const lines = linesOf({ site: failure, releases: failure, host: failure, backups: failure });
    expect(renderScreen("app", lines, plain)).toBe(`app

site         ok    through DNS (203.0.113.7): 200 in 84 ms, HTTP/2, version b000002
certificate  ok    62 days left, until 2027-01-27
server       FAIL  does not answer: connection lost
                   Fix: try again`);
  });

  test("has colours only for a terminal, and marks alone carry them", () => {
    const line = { topic: "disk", level: "fail" as const, text: "full", fix: "remove" };
    expect(renderScreen("app", [line], { colour: true })).toBe(
      "app\n\ndisk  \x1b[31mFAIL\x1b[39m  full\n            Fix: remove",
    );
    expect(showsColours({ isTTY: true }, {})).toBe(true);
    expect(showsColours({}, {})).toBe(false);
    expect(showsColours({ isTTY: true }, { NO_COLOR: "1" })).toBe(false);
    expect(showsColours({ isTTY: true }, { TERM: "dumb" })).toBe(false);
  });
});

describe("a source that fails costs one line and stops no other", () => {
  test.each(["visit", "site", "releases", "host", "backups"] as const)("%s", (name) => {
    const all: StatusSources = { ...goodSources, backups: { ok: true, value: list } };
    const lines = statusLines(stack, { ...all, [name]: failure }, now);
    expect(lines.filter(({ text }) => text.includes("connection lost"))).toHaveLength(1);
    expect(lines.length).toBeGreaterThanOrEqual(7);
    expect(isGood(lines)).toBe(false);
  });
});

describe("the site", () => {
  test("a dead nginx never serves, and the way from outside has the same fix", () => {
    const none = { kind: "none" as const, cause: "curl: (7) refused" };
    const site = { ok: true as const, value: { ...siteView, nginx: "failed", public: none } };
    const fix = "on the server: nginx -t && systemctl restart nginx; its log: journalctl -u nginx";
    expect(topicOf(linesOf({ site, visit: { ...failure, cause: "connect ECONNREFUSED" } }), "site")).toEqual([
      `fail through DNS: no answer: connect ECONNREFUSED | ${fix}`,
      `fail from the server: does not serve: nginx is failed | ${fix}`,
    ]);
  });

  test("that is late on its own server, too, has a slow app, and not a broken way", () => {
    const late = { ok: false as const, cause: "no answer within 3 s", fix: "wait longer", isLate: true as const };
    const fix = "ops logs; to roll back: ops rollback";
    expect(topicOf(linesOf({ site: late, visit: late }), "site")).toEqual([
      `fail through DNS: no answer: no answer within 3 s | ${fix}`,
      `fail from the server: no answer within 3 s | ${fix}`,
    ]);
    const way =
      "check DNS, the firewall and the provider: does the name point at the server, are ports 80 and 443 open?";
    expect(topicOf(linesOf({ site: failure, visit: late }), "site")).toEqual([
      `fail through DNS: no answer: no answer within 3 s | ${way}`,
      "fail from the server: cannot be asked: connection lost | try again",
    ]);
    const silent = { visit: late, site: late, releases: late, host: late };
    expect(topicOf(linesOf(silent), "site")).toEqual([`fail through DNS: no answer: no answer within 3 s | ${way}`]);
  });

  test("that serves on the server alone has a broken way: DNS, firewall or provider", () => {
    expect(topicOf(linesOf({ visit: failure }), "site")[0]).toBe(
      "fail through DNS: no answer: connection lost | check DNS, the firewall and the provider: does the name point at the server, are ports 80 and 443 open?",
    );
  });

  test("a check that is down, and not critical, is a warning", () => {
    const checks = { database: { status: "up" }, ollama: { status: "down" } };
    const degraded = JSON.stringify({ ...JSON.parse(body), status: "degraded", checks });
    const seen = { kind: "answer" as const, status: 200, body: degraded, seconds: 0.01, http: "2" };
    expect(topicOf(withSite({ public: seen }), "checks")).toEqual([
      "warn database up, ollama down | ops logs; the app says why a check is not up",
    ]);
  });

  test.each([
    ["2027-01-27T12:00:00.000Z", "", "ok 62 days left, until 2027-01-27"],
    [
      "2026-12-10T12:00:00.000Z",
      "",
      "warn 14 days left, until 2026-12-10 | on the server: certbot renew; its log: journalctl -u certbot",
    ],
    [
      "2026-11-30T12:00:00.000Z",
      "",
      "fail 4 days left, until 2026-11-30 | on the server: certbot renew; its log: journalctl -u certbot",
    ],
    [
      "2026-11-20T12:00:00.000Z",
      "CERT_HAS_EXPIRED",
      "fail browsers refuse the served certificate: it expired on 2026-11-20 | on the server: certbot renew; its log: journalctl -u certbot",
    ],
    [
      "2027-01-27T12:00:00.000Z",
      "ERR_TLS_CERT_ALTNAME_INVALID",
      "fail browsers refuse the served certificate: ERR_TLS_CERT_ALTNAME_INVALID | on the server: certbot renew; its log: journalctl -u certbot",
    ],
  ])("a certificate until %s %s", (expiresAt, problem, expected) => {
    if (!goodSources.visit.ok) throw new Error("no visit");
    const visit = { ok: true as const, value: { ...goodSources.visit.value, certificate: { expiresAt, problem } } };
    expect(topicOf(linesOf({ visit }), "certificate")).toEqual([expected]);
  });
});

describe("the releases", () => {
  const releases = (parts: Parameters<typeof hostState>[0]) =>
    linesOf({ releases: { ok: true, value: hostState(parts) } });

  test("nothing deployed", () => {
    expect(topicOf(releases({}), "release")).toEqual([
      "fail nothing is deployed yet | npm run up -- -c imageTag=<commit sha>",
    ]);
    expect(topicOf(releases({}), "rollback")).toEqual(["info no target: no other tag has served"]);
  });

  test("a deployment that failed is named with the first line of its reason", () => {
    const served = deployment({ release: "22", imageTag: "b000002" });
    const failed = deployment({ id: "deploy-3", imageTag: "c000003", status: "failed", reason: "gate: 500\nlog" });
    const startedAt = "2026-11-26T11:00:00.000Z";
    expect(topicOf(releases({ active: "22", records: [served, { ...failed, startedAt }] }), "deployment")).toEqual([
      "warn of c000003 failed, 1 hour ago by me@here: gate: 500 | ops history deploy-3",
    ]);
  });

  test("an unconfirmed cutover, and a record that cannot be read", () => {
    const lines = releases({
      active: "22",
      unconfirmed: { from: "11", to: "22" },
      unreadableRecords: ["deploy-9.json"],
    });
    expect(topicOf(lines, "cutover")).toEqual([
      "warn the cutover from release 11 to 22 is not confirmed | wait two minutes: the server reverts it, unless the rollout confirms it",
    ]);
    expect(topicOf(lines, "records")).toEqual([
      "warn 1 cannot be read and are ignored: deploy-9.json | look at each in /var/lib/<app>/deployments on the server, then delete it",
    ]);
  });
});

describe("the server", () => {
  const [running] = hostFacts.containers ?? [];
  if (running === undefined) throw new Error("no container");
  const [disk] = hostFacts.disks ?? [];
  if (disk === undefined) throw new Error("no disk");

  test.each([
    [
      { ...running, state: "exited", exitCode: 137, oomKilled: true },
      "fail app-22 serves, but is exited: it used more memory than its limit | ops logs; then: ops rollback, or pulumi up",
    ],
    [
      { ...running, state: "paused", exitCode: 0 },
      "fail app-22 serves, but is paused | on the server: docker unpause app-22",
    ],
    [{ ...running, restarts: 3 }, "warn app-22 runs, 212 MiB of 1 GiB, 3 restarts | ops logs: why did it end?"],
    [
      { ...running, memoryBytes: 1000 * 1024 ** 2 },
      "warn app-22 runs, 1000 MiB of 1 GiB, 0 restarts | raise app.memoryMb and run pulumi up, before the kernel ends it",
    ],
  ])("a container: %#", (container, expected) => {
    expect(topicOf(withFacts({ containers: [container] }), "container")).toEqual([expected]);
  });

  test("the container that serves was removed; another one runs", () => {
    expect(topicOf(withFacts({ containers: [] }), "container")).toEqual([
      "fail app-22 serves, but does not exist | pulumi up --refresh",
    ]);
    expect(topicOf(withFacts({ containers: [running, { ...running, name: "app-11" }] }), "container")[1]).toBe(
      "info app-11 runs, too, although it does not serve",
    );
  });

  test.each([
    [{ freeBytes: disk.bytes * 0.1 }, "warn /: 4 GiB of 40 GiB free (10 %); data 2 GiB, images 1 GiB"],
    [{ freeBytes: disk.bytes * 0.02 }, "fail /: 819.2 MiB of 40 GiB free (2 %); data 2 GiB, images 1 GiB"],
    [
      { freeFiles: 10 },
      "fail /: 30 GiB of 40 GiB free (75 %); only 1 % of the files (inodes) free; data 2 GiB, images 1 GiB",
    ],
  ])("a disk: %#", (parts, expected) => {
    const [found = ""] = topicOf(withFacts({ disks: [{ ...disk, ...parts }] }), "disk");
    expect(found.split(" | ")[0]).toBe(expected);
  });

  test("mounts of one file system are one line", () => {
    expect(topicOf(withFacts({ disks: [disk, { ...disk, mount: "/var/lib/docker" }] }), "disk")).toHaveLength(1);
  });

  test.each<[string, Partial<HostFacts>, string]>([
    [
      "timers",
      { timers: [{ unit: "app-logs.timer", active: false, next: null, last: null }] },
      "fail off: app-logs.timer | pulumi up --refresh",
    ],
    [
      "units",
      { failed: ["nginx.service"] },
      "fail failed: nginx.service | on the server: journalctl -u nginx.service; ops doctor --fix restarts ours",
    ],
    [
      "updates",
      { updates: { pending: 3, security: 1, reboot: false } },
      "warn 3 pending, 1 for security | on the server: apt-get upgrade; security updates install themselves within a day",
    ],
    [
      "updates",
      { updates: { pending: 0, security: 0, reboot: true } },
      "warn none pending; the server needs a reboot | reboot at a quiet time: the site is away for a minute",
    ],
    [
      "drift",
      { changed: ["/etc/nginx/nginx.conf"] },
      "warn changed by hand: /etc/nginx/nginx.conf | to see it: pulumi preview --refresh; to undo it: pulumi up --refresh",
    ],
    ["lock", { lock: { held: true, holder: "me@here since 12:00" } }, "info held by me@here since 12:00"],
    [
      "alerts",
      { alerts: [{ subject: "disk", at: "2026-11-26T09:00:00Z" }] },
      "warn open: disk (3 hours ago) | ops doctor",
    ],
    [
      "container",
      { containers: null },
      "fail Docker does not answer | on the server: systemctl restart docker; the containers keep running meanwhile",
    ],
    [
      "drift",
      { changed: null },
      "fail the server cannot tell | on the server: is the disk or the memory full? df -h; free -m",
    ],
  ])("%s: %#", (topic, parts, expected) => {
    expect(topicOf(withFacts(parts), topic)).toEqual([expected]);
  });
});

describe("the backups", () => {
  test("a bucket that does not answer is no empty bucket", () => {
    const backups = { ok: true as const, value: { ...list, backups: null, problem: "no route" } };
    expect(topicOf(linesOf({ backups }), "backups")).toEqual([
      "info none was verified by this server yet; next in 15 hours",
      "fail not true: the bucket answers: no route | check the network of the server and the key of the bucket, then try: ops backup",
    ]);
  });

  test("each backup has the name that `ops restore` takes", () => {
    const backup = {
      id: "backup-20261126",
      createdAt: "2026-11-26T03:00:00Z",
      sizeBytes: 1536,
      location: "bucket/daily/backup-20261126T030000Z-0a0b0c0d.tar.zst",
      checksum: "0".repeat(64),
      retentionDays: 0,
    };
    const backups = { ok: true as const, value: { ...list, backups: [backup], lastVerified: backup } };
    expect(topicOf(linesOf({ backups }), "backups")).toEqual([
      "ok backup-20261126T030000Z-0a0b0c0d verified 9 hours ago, 1.5 KiB; next in 15 hours; 1 in the bucket",
      "fail not true: the last backup run succeeded: there was no run yet | make a backup now: ops backup",
      "info backup-20261126T030000Z-0a0b0c0d  9 hours old  1.5 KiB  permanent",
    ]);
  });

  test("without a backup in the configuration there is nothing to judge", () => {
    expect(topicOf(linesOf({}), "backups")).toEqual(["info not configured"]);
  });
});

describe("statusReport", () => {
  test("fulfils its schema, and has null for a source that failed, with its cause", () => {
    const report = statusReport(stack, { ...goodSources, releases: failure }, now);
    expect(statusSchema.parse(report)).toEqual(report);
    expect(report).toMatchObject({
      app: "app",
      url: "https://app.test",
      good: false,
      imageTag: null,
      site: { serves: true, version: "b000002" },
      problems: ["release: cannot be read: connection lost"],
      backups: null,
    });
  });
});
