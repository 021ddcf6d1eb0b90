import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";
import type { Received } from "../../rehearsal/emulators/alerts/received";
import { runPulumi, type PulumiRun } from "../../rehearsal/pulumi";
import { docker } from "../../rehearsal/world/docker";
import { keysIn, publicKey } from "../../rehearsal/world/keys";
import { hosts } from "../../rehearsal/world/network";
import { serviceContainer } from "../../rehearsal/world/services";
import { repositoryRoot } from "../../repository";

const [first, second, unhealthy] = ["a0000ae", "b0000be", "bad00ae"] as const;
const [httpPort, mailPort] = [8100, 8465];
const receiver = `http://${hosts.b2}:${httpPort}`;
const targets = ["slack", "discord", "ntfy", "email", "webhook"] as const;

/** Each is planted where a message, a log or a process list could show it. */
const planted = {
  slack: "planted-slack-51d2",
  discord: "planted-discord-77c1",
  ntfy: "planted-ntfy-a0f3",
  mail: 'planted-mail-"\\9e4b',
  webhook: "planted-webhook-08aa",
  run: "planted-in-an-error-3c3c",
};

const secretKeys = {
  "alerts.slack": `${receiver}/slack/${planted.slack}`,
  "alerts.discord": `${receiver}/discord/${planted.discord}`,
  "alerts.ntfy.url": `${receiver}/topic`,
  "alerts.ntfy.token": planted.ntfy,
  "alerts.email.password": planted.mail,
  "alerts.webhook": `${receiver}/webhook/${planted.webhook}`,
};

const plainKeys = {
  "alerts.email.server": `smtps://${hosts.b2}:${mailPort}`,
  "alerts.email.from": "server@memoryloop.test",
  "alerts.email.to[0]": "one@memoryloop.test",
  "alerts.email.to[1]": "two@memoryloop.test",
  "alerts.email.user": "sender",
  "alerts.deployments": "all",
};

let system: DeployedWorld;
let checkout: PulumiRun;
let seen = 0;

/** Starts the emulator beside that of B2, with a certificate that the server trusts. */
async function startReceiver(): Promise<void> {
  const container = serviceContainer(system.world.name, "b2");
  const made = await system.onVps(`cd "$(mktemp -d)"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout key -out certificate \\
  -subj /CN=${hosts.b2} -addext subjectAltName=DNS:${hosts.b2} 2>/dev/null
cp certificate /usr/local/share/ca-certificates/mail-emulator.crt; update-ca-certificates >/dev/null 2>&1; cat key certificate`);
  const [key = "", certificate = ""] = made.split(/(?=-----BEGIN CERTIFICATE)/);
  const variables = { MAIL_LOGIN: `sender:${planted.mail}`, MAIL_KEY: key, MAIL_CERTIFICATE: certificate };
  const environment = Object.entries(variables).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
  const main = ["node", "/emulators/alerts/main.js", String(httpPort), String(mailPort)];
  await docker(["exec", "--detach", ...environment, container, ...main]);
}

const stopReceiver = () =>
  docker([
    ...["exec", serviceContainer(system.world.name, "b2"), "sh", "-c"],
    "for p in /proc/[0-9]*; do if tr '\\0' ' ' <$p/cmdline 2>/dev/null | grep -q '^node /emulators/alerts'; then kill ${p#/proc/}; fi; done",
  ]);

const received = async (): Promise<readonly Received[]> =>
  (
    JSON.parse(await system.onVps(`curl --silent --retry 9 --retry-connrefused ${receiver}/emulator/log`)) as {
      calls: Received[];
    }
  ).calls;

/** The subject of a message. */
function subjectOf(message: Received): string {
  if (message.kind === "mail") return /^Subject: memoryloop: (.*)$/m.exec(message.text)?.[1] ?? "";
  const { text, content, title, subject } = message.body as Record<string, string>;
  if (subject !== undefined) return subject;
  return /memoryloop: ([^*\n]*)/.exec(title ?? text ?? content ?? "")?.[1] ?? "";
}

const targetOf = (message: Received): string =>
  message.kind === "mail" ? "email" : message.path === "/" ? "ntfy" : (message.path.split("/")[1] ?? "");

/** Runs the job some times, as the timer does. */
async function minutes(count: number): Promise<void> {
  for (let run = 0; run < count; run++) await system.onVps("systemctl start memoryloop-alerts.service");
}

/** The messages since the last call: each subject, with the targets that got it. */
async function news(): Promise<Record<string, string[]>> {
  const all = await received();
  const fresh = all.slice(seen);
  seen = all.length;
  const bySubject: Record<string, string[]> = {};
  for (const message of fresh) (bySubject[subjectOf(message)] ??= []).push(targetOf(message));
  return bySubject;
}

/** Every target got each message once. */
const onceEach = (...subjects: string[]) => Object.fromEntries(subjects.map((subject) => [subject, [...targets]]));

const configure = async (key: string, value: string, secret: boolean): Promise<unknown> =>
  secret
    ? runPulumi(system.pulumi, ["config", "set", "--secret", "--path", key], { ...checkout, stdin: value })
    : runPulumi(system.pulumi, ["config", "set", "--path", key, value], checkout);

beforeAll(async () => {
  system = await DeployedWorld.open();
  await Promise.all([first, second].map((tag) => system.release(tag)));
  await system.release(unhealthy, "health-500");
  // An interrupted run may have left one, with another certificate.
  await stopReceiver();
  await startReceiver();
  const key = publicKey(keysIn(system.world.folder).client);
  checkout = system.otherCheckout({ "host.deployKeys": [`${key} ci@rehearsal`] });
  for (const [name, value] of Object.entries(plainKeys)) await configure(name, value, false);
  for (const [name, value] of Object.entries(secretKeys)) await configure(name, value, true);
  await system.deploy(first, checkout);
  await system.onVps("systemctl stop memoryloop-alerts.timer");
}, 600_000);

afterAll(async () => {
  await stopReceiver();
  await system.onVps(
    "rm -f /usr/local/share/ca-certificates/mail-emulator.crt; update-ca-certificates >/dev/null 2>&1",
  );
  await system.deploy();
  expect(await system.onVps("ls /etc/systemd/system | grep alerts || true")).toBe("");
  expect(await system.onVps("test -e /opt/memoryloop/config/alerts.json && echo there || true")).toBe("");
});

function ops(...words: string[]) {
  const file = checkout.environment?.["PULUMI_OPTION_CONFIG_FILE"] ?? "";
  const environment = { ...process.env, SSH_AUTH_SOCK: system.world.agentSocket };
  const child = spawn(process.execPath, ["dist/ops.cjs", ...words, "--config-file", file], {
    cwd: repositoryRoot,
    env: environment,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => (output += part.toString()));
  const ended = new Promise<{ code: number; output: string }>((resolve) =>
    child.once("close", (code) => {
      resolve({ code: code ?? -1, output });
    }),
  );
  return { child, ended, said: () => output };
}

describe("ops alerts test", () => {
  test("sends to each target, and names a target that does not accept it", async () => {
    await minutes(1);
    await news();
    expect(await ops("alerts", "test").ended).toEqual({
      code: 0,
      output: targets.map((target) => `${target}: sent\n`).join(""),
    });
    expect(await news()).toEqual(onceEach("test of the alerts"));
    const path = new URL(secretKeys["alerts.discord"]).pathname;
    const faults = JSON.stringify({ faults: [{ path, times: 1 }] });
    await system.onVps(`curl --silent --data '${faults}' ${receiver}/emulator/faults`);
    const { code, output } = await ops("alerts", "test").ended;
    expect(code).toBe(1);
    expect(output).toMatch(
      /^slack: sent\ndiscord: not sent: curl: \(22\) The requested URL returned error: 503\nntfy: sent\n/,
    );
    await news();
  });
});

describe("each cause is told once", () => {
  beforeEach(async () => {
    await minutes(1);
    await news();
  });

  test("a deployment by `ops deploy` whose client died, and that failed", async () => {
    const { child, ended, said } = ops("deploy", unhealthy);
    await expect.poll(said, { timeout: 60_000 }).toContain("gate ...");
    child.kill("SIGKILL");
    await ended;
    for (let tries = 0; tries < 90; tries++) {
      const open = await system.onVps("cat /var/lib/memoryloop/deployments/*.json | grep -c '\"in_progress\"' || true");
      const tried = await system.onVps(`grep -l ${unhealthy} /var/lib/memoryloop/deployments/*.json || true`);
      if (tried !== "" && open === "0") break;
      await sleep(1000);
    }
    await minutes(3);
    expect(await news()).toEqual(onceEach(`the deployment of ${unhealthy} failed`));
  });

  test("a successful deployment", async () => {
    await system.deploy(second, checkout);
    await system.onVps("systemctl stop memoryloop-alerts.timer");
    await minutes(2);
    expect(await news()).toEqual(onceEach(`${second} is deployed`));
  });

  test("a deployment that the server reverted, because its run was killed after the switch", async () => {
    const held = await system.upPausedAt("prove", first, checkout);
    process.kill(held.plugin, "SIGKILL");
    process.kill(held.engine, "SIGKILL");
    await held.ended;
    await system.pulumiRun(["cancel", "--yes"], checkout);
    await minutes(1);
    expect(await news()).toEqual({});
    for (let tries = 0; tries < 120; tries++) {
      if ((await system.onVps("ls /var/lib/memoryloop/unconfirmed 2>/dev/null || true")) === "") break;
      await sleep(1000);
    }
    await minutes(2);
    expect(await news()).toEqual(onceEach(`the deployment of ${first} was reverted`));
    await system.deploy(undefined, checkout);
    await system.onVps("systemctl stop memoryloop-alerts.timer");
    await minutes(1);
    await news();
  });

  test("the site is down for three minutes, then up", async () => {
    try {
      await system.onVps("systemctl stop nginx");
      await minutes(2);
      expect(await news()).toEqual({});
      await minutes(4);
      expect(await news()).toEqual(onceEach("the site is down"));
    } finally {
      await system.onVps("systemctl start nginx");
    }
    await minutes(2);
    expect(await news()).toEqual(onceEach("the site is up again"));
  });

  test("a disk is nearly full, then has room", async () => {
    const fill = "head -c 3900000 /dev/zero >/var/log/fill";
    await system.onVps(`mount -t tmpfs -o size=4m tmpfs /var/log && ${fill}`);
    try {
      await minutes(3);
      expect(await news()).toEqual(onceEach("the disk /var/log is 94 % full"));
      await system.onVps("rm /var/log/fill");
      await minutes(2);
      expect(await news()).toEqual(onceEach("the disk /var/log has room again"));
      await system.onVps(fill);
      await minutes(2);
      expect(await news()).toEqual(onceEach("the disk /var/log is 94 % full"));
    } finally {
      await system.onVps("umount -l /var/log");
    }
    await minutes(2);
    expect(await news()).toEqual(onceEach("the disk /var/log is no longer mounted"));
  });

  test("the served certificate ends soon, then is renewed", async () => {
    await system.onVps(`set -e; live=$(dirname "$(ls /etc/letsencrypt/live/*/fullchain.pem)"); cd "$(mktemp -d)"
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out request.pem -subj "/CN=$(basename "$live")" -addext "subjectAltName=DNS:$(basename "$live")" 2>/dev/null
touch index; printf '[ca]\\ndefault_ca=c\\n[c]\\ndatabase=index\\nnew_certs_dir=.\\nserial=serial\\ndefault_md=sha256\\npolicy=p\\ncopy_extensions=copy\\n[p]\\ncommonName=supplied\\n' >ca.conf
openssl ca -batch -selfsign -create_serial -config ca.conf -keyfile key.pem -in request.pem -out cert.pem -notext -startdate "$(date --utc --date '-80 days' +%y%m%d%H%M%SZ)" -enddate "$(date --utc --date '9 days 1 hour' +%y%m%d%H%M%SZ)" 2>/dev/null
mount --bind cert.pem "$(readlink -f "$live/fullchain.pem")"; mount --bind key.pem "$(readlink -f "$live/privkey.pem")"; systemctl reload nginx; sleep 1`);
    await minutes(3);
    const ending = await news();
    await system.onVps(`live=$(dirname "$(ls /etc/letsencrypt/live/*/fullchain.pem)")
umount "$(readlink -f "$live/fullchain.pem")" "$(readlink -f "$live/privkey.pem")"; systemctl reload nginx; sleep 1`);
    await minutes(2);
    expect(ending).toEqual(onceEach("the certificate ends in 9 days"));
    expect(await news()).toEqual(onceEach("the certificate is good again"));
  });

  test("there is no backup, and its error holds a secret", async () => {
    const notes = "/var/lib/memoryloop/backups";
    const old = "$(date --utc --date '-3 days' +%Y-%m-%dT%H:%M:%SZ)";
    await system.onVps(`cd ${notes}; for f in last-verified last-run; do cp $f.json $f.kept 2>/dev/null || true; done
printf '{"createdAt":"%s"}' "${old}" >last-verified.json; printf '{"status":"failed","step":"upload","error":"${planted.run}"}' >last-run.json`);
    await minutes(3);
    const told = await news();
    await system.onVps(
      `cd ${notes}; rm last-verified.json last-run.json; for f in last-verified last-run; do mv $f.kept $f.json 2>/dev/null || true; done`,
    );
    await minutes(2);
    expect(told).toEqual(onceEach("no verified backup for 3 days"));
  });

  test("by the timer alone", async () => {
    await system.onVps(
      "systemctl start memoryloop-alerts.timer; mount -t tmpfs -o size=4m tmpfs /var/log && head -c 4000000 /dev/zero >/var/log/fill",
    );
    await sleep(75_000);
    const told = await news();
    await system.onVps("systemctl stop memoryloop-alerts.timer; umount -l /var/log");
    expect(Object.values(told)).toEqual([[...targets]]);
  });
});

describe("the messages", () => {
  test("have the right text for each kind of target", async () => {
    const all = (await received()).filter((message) => subjectOf(message) === "the site is down");
    const text = `https://${system.world.domain}/api/health, asked on the server once a minute, does not answer for 3 minutes. For the cause: ops doctor`;
    const byTarget = Object.fromEntries(all.map((message) => [targetOf(message), message]));
    expect(byTarget["slack"]).toMatchObject({ body: { text: `🔴 *memoryloop: the site is down*\n${text}` } });
    expect(byTarget["discord"]).toMatchObject({
      body: { content: `🔴 **memoryloop: the site is down**\n${text}`, allowed_mentions: { parse: [] } },
    });
    expect(byTarget["ntfy"]).toMatchObject({
      authorization: `Bearer ${planted.ntfy}`,
      body: { topic: "topic", title: "memoryloop: the site is down", message: text, priority: 4 },
    });
    expect(byTarget["webhook"]).toMatchObject({ body: { app: "memoryloop", cause: "site", state: "problem" } });
    expect(byTarget["email"]).toMatchObject({
      from: "server@memoryloop.test",
      to: ["one@memoryloop.test", "two@memoryloop.test"],
    });
    expect((byTarget["email"] as { text: string }).text).toContain(`\n\n${text}\n`);
  });

  test("and logs, process lists, files of others and the state contain no secret", async () => {
    const names = system.pulumi.sample.secrets;
    const lines = await system.onVps(`grep -E '^(${names.join("|")})=' /opt/memoryloop/config/.env.production`);
    const ofApp = lines.split("\n").map((line) => line.replace(/^\w+=/, "").replace(/^(["'])(.*)\1$/, "$2"));
    expect(ofApp.filter((value) => value.length > 15)).toHaveLength(names.length);
    // The address itself is the secret of some targets, so it is not counted as a part of the message.
    const messages = JSON.stringify(
      (await received()).map((message) => (message.kind === "mail" ? message.text : message.body)),
    );
    for (const secret of [...Object.values(planted), ...ofApp]) expect(messages.includes(secret)).toBe(false);
    const watched = system.onVps("for n in $(seq 80); do ps -eo args; sleep 0.03; done");
    await ops("alerts", "test").ended;
    const shown = [
      await watched,
      await system.onVps("journalctl --no-pager --output=cat"),
      await runPulumi(system.pulumi, ["stack", "export"]),
    ].join("\n");
    expect(await watched).toContain("curl --silent --show-error --fail");
    for (const secret of Object.values(planted)) expect(shown.includes(secret)).toBe(false);
    const found = await system.onVps(
      "grep -rlF planted- /opt /var/lib /run /etc /usr/local /tmp --exclude-dir=docker 2>/dev/null | xargs -r stat --format '%a %U %n' || true",
    );
    expect(found).not.toBe("");
    for (const line of found.split("\n")) expect(line).toMatch(/^600 root |^[0-7]?00 root | \/var\/lib\/vps-plugin\//);
    expect(await system.onVps("stat --format %a /opt/memoryloop/config/alerts.json")).toBe("600");
  });
});
