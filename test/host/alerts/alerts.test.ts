import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { alertSettings, alertsSchema } from "../../../host/alerts/settings";
import { repositoryRoot } from "../../../repository";

const programs = join(repositoryRoot, "rootfs/alerts/usr/local/lib/{{app}}");
const folder = mkdtempSync(join(tmpdir(), "alerts-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const alerts = alertsSchema.parse({
  slack: "https://hooks.slack.example/1",
  discord: "https://discord.example/2",
  ntfy: { url: "https://ntfy.example/topic", token: "tk_3" },
  email: {
    ...{ server: "smtps://smtp.example:465", from: "server@shop.example", to: ["a@shop.example", "b@shop.example"] },
    ...{ user: "sender", password: 'pa"ss\\word' },
  },
  webhook: "https://hooks.example/5",
});
const app = { name: "shop", domain: "shop.example" };
const settings = alertSettings({ app, healthPath: "/api/health", backups: true, alerts });
const onlySlack = { ...alertsSchema.parse({ slack: "https://hooks.slack.example/1" }) };

function file(name: string, value: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof value === "string" ? value : JSON.stringify(value));
  return path;
}

interface Message {
  readonly cause: string;
  readonly state: string;
  readonly subject: string;
  readonly text: string;
}

interface State {
  readonly open: Record<string, unknown>;
  readonly pending: readonly { kind: string; message: Message & { due: boolean } }[];
}

const now = 1795608000;
const good = {
  now,
  site: { status: 200 },
  certificate: { from: now - 86400, until: now + 80 * 86400, names: true },
  disks: [{ mount: "/", percent: 40 }],
  deployments: [],
  deploying: false,
  backup: { verified: now - 3600, drilled: now - 86400, drill: "success", run: { status: "success", step: "done" } },
};

/** The state after the facts. */
function next(state: State | null, facts: object, changes: Partial<typeof onlySlack> = {}): State {
  const text = alertSettings({ app, healthPath: "/api/health", backups: true, alerts: { ...onlySlack, ...changes } });
  const words = ["--null-input", "--slurpfile", "settings", file("settings", text), "--slurpfile", "facts"];
  const rest = [file("facts", facts), "--slurpfile", "state", file("state", state ?? "null")];
  const script = ["--from-file", join(programs, "alert-causes.jq")];
  return JSON.parse(execFileSync("jq", [...words, ...rest, ...script], { encoding: "utf8" })) as State;
}

/** The messages of a series of facts, one minute apart, each with everything sent before the next. */
function told(series: readonly object[], changes: Partial<typeof onlySlack> = {}): string[] {
  let state: State | null = null;
  return series.flatMap((facts, minute) => {
    state = next(state, { ...good, now: now + 60 * minute, ...facts }, changes);
    const messages = state.pending.map(({ message: { state: kind, subject, text } }) => `${kind}: ${subject}. ${text}`);
    state = { ...state, pending: [] };
    return messages;
  });
}

const repeat = (facts: object, count: number): object[] => Array.from({ length: count }, () => facts);

describe("a cause that lasts is told once, and its end once", () => {
  test("the site, after three minutes", () => {
    const down = { site: { status: 502 } };
    expect(told([...repeat(down, 2), {}, ...repeat(down, 9), {}, {}])).toEqual([
      "problem: the site is down. https://shop.example/api/health, asked on the server once a minute, answers 502 for 3 minutes. For the cause: ops doctor",
      "solved: the site is up again. It lasted 7 minutes.",
    ]);
  });

  test("a disk at the limit", () => {
    const at = (percent: number) => ({ disks: [{ mount: "/data", percent }] });
    expect(told([at(89), at(90), at(89), at(90), at(86), at(84), at(84)])).toEqual([
      "problem: the disk /data is 90 % full. It can stop the app, backups and deployments. For the largest uses: ops status",
      "solved: the disk /data has room again. It lasted 4 minutes.",
    ]);
  });

  test("a disk that is no longer mounted, and a later one at the same mount", () => {
    const full = { disks: [good.disks[0], { mount: "/data", percent: 95 }] };
    expect(told([full, {}, {}, full, full])).toEqual([
      "problem: the disk /data is 95 % full. It can stop the app, backups and deployments. For the largest uses: ops status",
      "solved: the disk /data is no longer mounted. It lasted 1 minute.",
      "problem: the disk /data is 95 % full. It can stop the app, backups and deployments. For the largest uses: ops status",
    ]);
  });

  test("a check that the server cannot make decides nothing", () => {
    const full = { disks: [{ mount: "/", percent: 95 }] };
    const unknown = { site: null, certificate: null, disks: null, backup: null, deployments: null };
    expect(told([full, unknown, full, unknown])).toHaveLength(1);
  });

  test("backups and drills", () => {
    const old = { verified: now - 51 * 3600, drilled: now, drill: "failed", run: { status: "failed", step: "upload" } };
    expect(told([{ backup: old }, { backup: old }, {}])).toEqual([
      "problem: no verified backup for 2 days. The last run failed at the step: upload. For the cause: ops doctor",
      "problem: the restore drill failed. It is unknown whether the newest backup can be restored. For the cause: ops doctor",
      "solved: backups are verified again. It lasted 2 minutes.",
      "solved: the newest backup restores again. It lasted 2 minutes.",
    ]);
  });

  test("a new server has two days for its first backup", () => {
    const none = { verified: null, drilled: null, drill: null, run: null };
    expect(
      told([{ backup: none }, { backup: none, now: now + 49 * 3600 }, { backup: none, now: now + 50 * 3600 }]),
    ).toEqual(["problem: no verified backup for 2 days. The job has never run. For the cause: ops doctor"]);
  });
});

describe("the certificate", () => {
  const ending = (days: number, life = 90) => ({
    certificate: { from: now + (days - life) * 86400, until: now + days * 86400, names: true },
  });

  test.each([
    ["15 days are left", ending(15), []],
    ["13 days are left", ending(13), ["the certificate ends in 13 days"]],
    ["3 days of a life of 6 are left", ending(3, 6), []],
    ["1 day of a life of 6 is left", ending(1, 6), ["the certificate ends in 24 hours"]],
    ["none is left", ending(-1), ["the certificate has expired"]],
    ["another name", { certificate: { ...good.certificate, names: false } }, ["the certificate has another name"]],
  ])("%s", (_, facts, expected) => {
    expect(told([facts, facts]).map((line) => /: (.*?)\. /.exec(line)?.[1])).toEqual(expected);
  });
});

describe("deployments", () => {
  const deployment = {
    ...{ id: "deploy-1", imageTag: "b2", status: "failed", startedAt: "2026-11-25T12:00:00.000Z" },
    ...{ completedAt: "2026-11-25T12:00:30.000Z", previousVersion: "a1", by: "me@here" },
    ...{ healthCheckPassed: false, tagRefused: false, confirmed: false },
  };
  const cause = "For the cause: ops history deploy-1";
  const running = { status: "in_progress", completedAt: "" };

  test.each([
    [{}, `the deployment of b2 failed. The new release did not become healthy. The site runs a1. ${cause}`],
    [
      { healthCheckPassed: true },
      `the deployment of b2 failed. The health check passed, and a later step failed. The site runs a1. ${cause}`,
    ],
    [
      { confirmed: true },
      `the deployment of b2 is incomplete. The site runs b2, but the previous release was not cleaned up. Run pulumi up again. ${cause}`,
    ],
    [
      { status: "rolled_back" },
      `the deployment of b2 was reverted. Traffic had moved to the new release, and a check failed or nobody confirmed it. The site runs a1. ${cause}`,
    ],
    [{ status: "rolled_back", tagRefused: true }, `b2 was rolled back. By me@here. The site runs a1. ${cause}`],
  ])("%j", (change, text) => {
    expect(told(repeat({ deployments: [{ ...deployment, ...change }] }, 3))).toEqual([`problem: ${text}`]);
  });

  test("a successful one, only if all are wanted", () => {
    const facts = { deployments: [{ ...deployment, status: "success" }] };
    expect(told([facts, facts])).toEqual([]);
    expect(told([facts, facts], { deployments: "all" })).toEqual([
      "event: b2 is deployed. By me@here. Before, the site ran a1.",
    ]);
  });

  test("one from before the alerts is not told", () => {
    expect(told([{ deployments: [{ ...deployment, completedAt: "2026-11-25T11:00:00.000Z" }] }])).toEqual([]);
  });

  test("one whose run died is told once, also when the next run closes its record", () => {
    const deployments = [{ ...deployment, ...running }];
    expect(
      told([
        ...repeat({ deployments, deploying: true }, 4),
        ...repeat({ deployments }, 3),
        { deployments: [deployment] },
      ]),
    ).toEqual([
      `problem: the deployment of b2 was interrupted. The run by me@here ended before the deployment did. Run it again. ${cause}`,
    ]);
  });
});

describe("a target that does not accept a message", () => {
  const full = { ...good, backup: null, disks: [{ mount: "/", percent: 95 }] };
  const dueAt = (minutes: number): boolean[] =>
    next(next(null, full), { ...full, now: now + minutes * 60 }).pending.map(({ message }) => message.due);

  test.each([
    [1, [true]],
    [9, [true]],
    [11, [false]],
    [30, [true]],
    [3 * 24 * 60, []],
  ])("after %d minutes", (minutes, expected) => {
    expect(dueAt(minutes)).toEqual(expected);
  });
});

describe("the request", () => {
  const message = { cause: "site", state: "problem", subject: "the site is down <x>", text: "A & b", at: now };

  function request(kind: string): { config: string; upload: string; body: string } {
    const words = ["--argjson", "message", JSON.stringify(message), "--arg", "kind", kind, "--arg", "host", "vps1"];
    const script = ["--from-file", join(programs, "alert-request.jq"), file("settings", settings)];
    return JSON.parse(execFileSync("jq", [...words, ...script], { encoding: "utf8" })) as ReturnType<typeof request>;
  }

  const json = 'header = "Content-Type: application/json"';

  test.each([
    [
      "slack",
      `url = "https://hooks.slack.example/1"\n${json}`,
      { text: "🔴 *shop: the site is down &lt;x&gt;*\nA &amp; b" },
    ],
    [
      "discord",
      `url = "https://discord.example/2"\n${json}`,
      { content: "🔴 **shop: the site is down <x>**\nA & b", allowed_mentions: { parse: [] } },
    ],
    [
      "ntfy",
      `url = "https://ntfy.example"\n${json}\nheader = "Authorization: Bearer tk_3"`,
      { topic: "topic", title: "shop: the site is down <x>", message: "A & b", priority: 4, tags: ["rotating_light"] },
    ],
    [
      "webhook",
      `url = "https://hooks.example/5"\n${json}`,
      {
        ...{ text: "shop: the site is down <x>. A & b", content: "shop: the site is down <x>. A & b" },
        ...{ app: "shop", domain: "shop.example", host: "vps1", cause: "site", state: "problem" },
        ...{ subject: "the site is down <x>", at: "2026-11-25T12:00:00Z" },
      },
    ],
  ])("for %s", (kind, config, body) => {
    const made = request(kind);
    expect({ ...made, body: JSON.parse(made.body) as unknown }).toEqual({ config, upload: "data-binary", body });
  });

  test("for e-mail", () => {
    expect(request("email")).toEqual({
      config: [
        'url = "smtps://smtp.example:465"',
        'mail-from = "server@shop.example"',
        'mail-rcpt = "a@shop.example"',
        'mail-rcpt = "b@shop.example"',
        'user = "sender:pa\\"ss\\\\word"',
        "ssl-reqd",
      ].join("\n"),
      upload: "upload-file",
      body: [
        "From: server@shop.example",
        "To: a@shop.example, b@shop.example",
        "Subject: shop: the site is down <x>",
        "Date: Wed, 25 Nov 2026 12:00:00 +0000",
        "Message-ID: <1795608000.site@vps1>",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        "A & b",
        "",
        "shop.example on vps1",
        "",
      ].join("\r\n"),
    });
  });
});
