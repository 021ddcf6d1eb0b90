import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { lineSchema, type Line } from "../../ops/status/line";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";
import { TcpProxy } from "../../rehearsal/driver/tcp-proxy";
import { byHand, stackFile } from "../../rehearsal/pulumi";
import { siteVariables } from "../../rehearsal/site";
import { withValues } from "../../rehearsal/stack-values";
import { startService, stopService } from "../../rehearsal/world/world";
import { repositoryRoot } from "../../repository";

// Makes each state that an operator meets at night, and compares cause and remedy in `ops status` and `ops doctor`.

const [first, serving, sick] = ["a0000af", "b0000bf", "bad00af"] as const;

let system: DeployedWorld;
let proxy: TcpProxy | undefined;

interface Asked {
  readonly code: number;
  readonly seconds: number;
  readonly stdout: string;
}

/** Runs a command of `ops` as an operator does. Values replace those of the stack file. */
function ops(
  words: readonly string[],
  values: Readonly<Record<string, unknown>> = {},
  variables: NodeJS.ProcessEnv = {},
): Promise<Asked> {
  const { environment, stack } = byHand(system.pulumi);
  const file = join(mkdtempSync(join(tmpdir(), "states-")), "Pulumi.rehearsal.yaml");
  writeFileSync(file, withValues(readFileSync(stackFile(system.world), "utf8"), values));
  const env = { ...process.env, ...environment, ...siteVariables(system.world), ...variables };
  const args = ["dist/ops.cjs", ...words, "--json", "--stack", stack, "--config-file", file];
  const started = performance.now();
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: repositoryRoot, env, maxBuffer: 1e8 }, (error, stdout) => {
      resolve({ code: error === null ? 0 : Number(error.code), seconds: (performance.now() - started) / 1000, stdout });
    });
  });
}

const statusLines = ({ stdout }: Asked): readonly Line[] =>
  z.object({ lines: z.array(lineSchema) }).parse(JSON.parse(stdout)).lines;

const checksSchema = z.array(
  z.object({
    check: z.string(),
    ok: z.boolean(),
    warn: z.boolean().optional(),
    detail: z.string(),
    fix: z.string().optional(),
  }),
);

/** Lines that are not good, one text each: level, topic, cause and remedy. */
const badLines = (asked: Asked): string[] =>
  statusLines(asked)
    .filter(({ level }) => level === "fail" || level === "warn")
    .map(({ level, topic, text, fix }) => `${level} ${topic}: ${text} | ${fix ?? ""}`);

const badChecks = ({ stdout }: Asked): string[] =>
  checksSchema
    .parse(JSON.parse(stdout))
    .filter(({ ok, warn }) => !ok || warn)
    .map(({ check, ok, detail, fix }) => `${ok ? "warn" : "fail"} ${check}: ${detail} | ${fix ?? ""}`);

/** Seconds that a command may take. Other processes can take the processors of this machine. */
const allowed = (limit: number): number => Math.min(90, limit * Math.max(1, (loadavg()[0] ?? 1) / cpus().length));

interface State {
  /** Makes the state. */
  readonly make: () => Promise<unknown>;
  readonly undo: () => Promise<unknown>;
  /** Lines that `ops status` must have, besides those that follow from them. */
  readonly status: readonly RegExp[];
  /** Results that `ops doctor` must have. @default those of the status */
  readonly doctor?: readonly RegExp[];
  /** Exit code of `ops status`: 1 if something fails. */
  readonly code: 0 | 1;
  readonly values?: () => Readonly<Record<string, unknown>>;
  readonly variables?: () => NodeJS.ProcessEnv;
  /** Seconds for each source of the status. @default 3, and more on a busy machine */
  readonly patience?: number;
  /** Named time limit of a source of doctor, in seconds. @default none: 5 s for the whole command */
  readonly limit?: number;
}

const app = "memoryloop";
const container = `$(docker ps --all --quiet --filter label=image-tag=${serving} | head -n 1)`;
const release = "$(basename $(readlink /var/lib/memoryloop/current.sock) .sock)";
const onVps = (command: string) => () => system.onVps(command);
const nothing = (): Promise<void> => Promise.resolve();
const live = 'live=$(dirname "$(ls /etc/letsencrypt/live/*/fullchain.pem)")';
const files =
  '"$(readlink -f "$live/fullchain.pem")" "$(readlink -f "$live/cert.pem")" "$(readlink -f "$live/chain.pem")"';

/** A certificate that is served in the place of the real one. */
const serveCertificate = (days: number, name: string): string => `set -e; ${live}; cd "$(mktemp -d)"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days ${days} -keyout key.pem -out cert.pem -subj "/CN=${name}" -addext "subjectAltName=DNS:${name}" 2>/dev/null
for file in ${files}; do mount --bind cert.pem "$file"; done
mount --bind key.pem "$(readlink -f "$live/privkey.pem")"; systemctl reload nginx; sleep 1; cat cert.pem`;
const restoreCertificate = `${live}; umount ${files} "$(readlink -f "$live/privkey.pem")"; systemctl reload nginx; sleep 1`;

let extraCertificate = "";

const states: Readonly<Record<string, State>> = {
  "the app is down": {
    make: onVps(`docker stop --time 1 ${container}`),
    undo: onVps(`docker start ${container}; sleep 3`),
    code: 1,
    status: [
      /^fail container: memoryloop-[0-9a-f]{7} serves, but is exited: exit code \d+ \| ops logs; then: ops rollback, or pulumi up$/,
      /^fail site: from the server: does not serve: the app: .+ \| ops logs; to roll back: ops rollback$/,
    ],
  },
  "the app hangs": {
    make: onVps(`docker pause ${container}`),
    undo: onVps(`docker unpause ${container}; sleep 1`),
    code: 1,
    status: [
      /^fail container: (memoryloop-[0-9a-f]{7}) serves, but is paused \| on the server: docker unpause \1$/,
      /^fail site: from the server: does not serve: the app: no answer: curl: \(28\) .+ \| ops logs; to roll back: ops rollback$/,
      // The way to the server is not the cause.
      /^fail site: through DNS: .+ \| ops logs; to roll back: ops rollback$/,
    ],
    // Nothing tells a hanging app from a slow one but the time limit: doctor waits for it.
    limit: 10,
  },
  "nginx is down": {
    make: onVps("systemctl stop nginx.service"),
    undo: onVps("systemctl start nginx.service"),
    code: 1,
    status: [
      /^fail site: from the server: does not serve: nginx is inactive \| on the server: nginx -t && systemctl restart nginx; its log: journalctl -u nginx$/,
      /^fail site: through DNS: no answer: .+ \| on the server: nginx -t && systemctl restart nginx; its log: journalctl -u nginx$/,
    ],
  },
  "the proxy of the release has failed": {
    make: onVps(`systemctl stop ${app}-release@${release}.socket ${app}-release@${release}.service`),
    undo: onVps(`systemctl start ${app}-release@${release}.socket`),
    code: 1,
    status: [
      /^fail site: from the server: does not serve: the socket of release [0-9a-f]{7} is inactive and its proxy is (inactive|failed) \| on the server: systemctl reset-failed memoryloop-release@([0-9a-f]{7})\.socket memoryloop-release@\2\.service; systemctl restart memoryloop-release@\2\.socket$/,
    ],
  },
  "Docker is down": {
    make: onVps("systemctl stop docker.socket docker.service"),
    undo: onVps("systemctl start docker.socket docker.service"),
    code: 1,
    status: [
      /^fail container: Docker does not answer \| on the server: systemctl restart docker; the containers keep running meanwhile$/,
    ],
  },
  "the server is off": {
    // Packets to it get no answer.
    make: async () => {
      proxy = await TcpProxy.open({ port: system.world.vps.sshPort, roundTripMs: 1_000_000 });
    },
    undo: () => Promise.resolve(proxy?.close()),
    code: 1,
    values: () => ({ "host.port": proxy?.port ?? 0 }),
    variables: () => ({ OPS_RESOLVE: `127.0.0.1:${proxy?.port ?? 0}` }),
    patience: 3,
    status: [
      /^fail site: through DNS: no answer: no answer within 3 s \| check DNS, the firewall and the provider: .+$/,
      /^fail server: does not answer: no answer within 3 s \| if the connection is slow, wait longer: --timeout 12$/,
    ],
    doctor: [/^fail server: does not answer: .+ \| .+$/],
    limit: 10,
  },
  "nothing listens at the ssh port": {
    make: nothing,
    undo: nothing,
    code: 1,
    values: () => ({ "host.port": 1 }),
    status: [/^fail server: does not answer: .*ECONNREFUSED.* \| .+$/],
  },
  "the connection is slow": {
    make: async () => {
      proxy = await TcpProxy.open({ port: system.world.vps.sshPort, roundTripMs: 1500 });
    },
    undo: () => Promise.resolve(proxy?.close()),
    code: 1,
    values: () => ({ "host.port": proxy?.port ?? 0 }),
    patience: 3,
    status: [
      /^fail server: does not answer: no answer within 3 s \| if the connection is slow, wait longer: --timeout 12$/,
    ],
    doctor: [],
    limit: 10,
  },
  "the certificate ends soon": {
    make: async () => {
      const file = join(mkdtempSync(join(tmpdir(), "trust-")), "roots.pem");
      const certificate = await system.onVps(serveCertificate(5, system.world.domain));
      writeFileSync(file, `${readFileSync(system.world.acme.caFile, "utf8")}\n${certificate}\n`);
      extraCertificate = file;
    },
    undo: onVps(restoreCertificate),
    code: 1,
    variables: () => ({ NODE_EXTRA_CA_CERTS: extraCertificate }),
    status: [
      /^fail certificate: 4 days left, until \d{4}-\d\d-\d\d \| on the server: certbot renew; its log: journalctl -u certbot$/,
    ],
  },
  "the certificate is for another name": {
    make: onVps(serveCertificate(50, "other.example")),
    undo: onVps(restoreCertificate),
    code: 1,
    status: [
      /^fail certificate: browsers refuse the served certificate: .+ \| on the server: certbot renew; its log: journalctl -u certbot$/,
    ],
  },
  "a disk is full": {
    make: onVps("mount -t tmpfs -o size=4m tmpfs /var/log && head -c 4100000 /dev/zero >/var/log/fill"),
    undo: onVps("umount -l /var/log"),
    code: 1,
    status: [
      /^fail disk: \/var\/log: \d+ KiB of 4 MiB free \([0-4] %\) \| on the server: du -xh \/ \| sort -h \| tail -n 20; docker image prune; then remove what is not needed$/,
    ],
  },
  "the newest backup is old": {
    make: onVps(
      `cd /var/lib/${app}/backups; cp last-verified.json kept.json; jq --arg at "$(date --utc --date '-3 days' +%Y-%m-%dT%H:%M:%SZ)" '.createdAt = $at' kept.json >last-verified.json`,
    ),
    undo: onVps(`cd /var/lib/${app}/backups; mv kept.json last-verified.json`),
    code: 1,
    status: [
      /^fail backups: not true: a backup was verified in the last two days: backup-\d{8} is 7[12] hours old \| make a backup now: ops backup$/,
    ],
    doctor: [
      /^fail a backup was verified in the last two days: backup-\d{8} is 7[12] hours old \| make a backup now: ops backup$/,
    ],
  },
  "the bucket does not answer": {
    make: () => stopService(system.world, "b2"),
    undo: () => startService(system.world, "b2"),
    code: 1,
    status: [/^fail backups: (not true: the bucket answers: .+|cannot be read: no answer within \d+ s) \| .+$/],
    doctor: [/^fail (the bucket answers|the backups can be listed): .+ \| .+$/],
    limit: 10,
  },
  "a file was changed by hand": {
    make: onVps("cp /etc/sysctl.d/50-vps.conf /root/kept && echo '# by hand' >>/etc/sysctl.d/50-vps.conf"),
    undo: onVps("cp /root/kept /etc/sysctl.d/50-vps.conf"),
    code: 0,
    status: [
      /^warn drift: changed by hand: \/etc\/sysctl\.d\/50-vps\.conf \| to see it: pulumi preview --refresh; to undo it: pulumi up --refresh$/,
    ],
  },
  "the rollout lock is held": {
    make: onVps(
      `echo 'me@laptop since 03:00' >/run/${app}/rollout.lock.holder; systemd-run --quiet --unit test-lock flock /run/${app}/rollout.lock sleep 600; sleep 1`,
    ),
    undo: onVps("systemctl stop test-lock"),
    code: 0,
    status: [],
  },
  "the stack's lock is held": {
    make: () => {
      const folder = join(system.pulumi.settings.stateFolder, ".pulumi/locks/organization/memoryloop-infra/rehearsal");
      const lock = { pid: 1, username: "other", hostname: "laptop", timestamp: "2026-11-26T03:00:00Z" };
      return system.pulumiRun(["version"]).then(async () => {
        const { mkdir } = await import("node:fs/promises");
        await mkdir(folder, { recursive: true });
        writeFileSync(join(folder, "0a0b0c0d.json"), JSON.stringify(lock));
      });
    },
    undo: () => system.pulumiRun(["cancel", "--yes"]),
    code: 0,
    status: [],
    doctor: [
      /^fail the stack is not locked: the stack is locked by other on laptop \(process 1\) since .+ \| if that run has ended or was killed, clear the lock: pulumi cancel --yes --stack .+rehearsal$/,
    ],
    limit: 10,
  },
  "the state is missing": {
    make: nothing,
    undo: nothing,
    code: 0,
    variables: () => ({ PULUMI_BACKEND_URL: `file://${mkdtempSync(join(tmpdir(), "empty-state-"))}` }),
    status: [],
    doctor: [
      /^fail the stack is not locked: the engine does not say: .*no stack named.* \| check that this works: pulumi stack --stack .+$/,
    ],
    limit: 10,
  },
  "the server lost its state": {
    make: onVps(`mv /var/lib/${app}/current.sock /root/current.sock`),
    undo: onVps(`mv /root/current.sock /var/lib/${app}/current.sock`),
    code: 1,
    status: [
      /^fail site: from the server: does not serve: no release is deployed \| pulumi up -c imageTag=<commit sha>$/,
      /^fail release: nothing is deployed yet \| npm run up -- -c imageTag=<commit sha>$/,
    ],
  },
  "a record is half written": {
    make: onVps(
      `echo '{"id": "deploy-20990101T000000000Z", "sta' >/var/lib/${app}/deployments/deploy-20990101T000000000Z.json`,
    ),
    undo: onVps(`rm /var/lib/${app}/deployments/deploy-20990101T000000000Z.json`),
    code: 0,
    status: [
      /^warn records: 1 cannot be read and are ignored: deploy-20990101T000000000Z\.json \| look at each in \/var\/lib\/<app>\/deployments on the server, then delete it$/,
    ],
  },
  "a timer is off": {
    make: onVps("systemctl stop certbot.timer"),
    undo: onVps("systemctl start certbot.timer"),
    code: 1,
    status: [/^fail timers: off: certbot\.timer \| pulumi up --refresh$/],
  },
  "a unit has failed": {
    make: onVps("systemd-run --quiet --unit test-broken false; sleep 1"),
    undo: onVps("systemctl reset-failed test-broken.service"),
    code: 1,
    status: [
      /^fail units: failed: test-broken\.service \| on the server: journalctl -u test-broken\.service; ops doctor --fix restarts ours$/,
    ],
  },
  "the app is unhealthy": {
    make: () => system.deploy(sick).then(() => system.onVps("sleep 12")),
    undo: () => system.deploy(serving),
    code: 1,
    status: [
      /^fail site: from the server: does not serve: the app: .*database.* \| ops logs; to roll back: ops rollback$/,
    ],
  },
};

const times: string[] = [];

beforeAll(async () => {
  system = await DeployedWorld.open();
  await Promise.all([first, serving].map((tag) => system.release(tag)));
  await system.release(sick, "fails-after", 9);
  await system.deploy(first);
  await system.deploy(serving);
  await system.onVps(`systemctl start ${app}-backup@daily.service`);
}, 900_000);

afterAll(() => {
  console.log(times.join("\n"));
});

describe("a healthy stack", () => {
  test("has no failure in status and doctor", async () => {
    const status = await ops(["status", "--timeout", String(Math.ceil(allowed(3)))]);
    times.push(`healthy: status ${status.seconds.toFixed(1)} s`);
    expect(badLines(status).filter((line) => line.startsWith("fail"))).toEqual([]);
    expect(status.code).toBe(0);
    const doctor = await ops(["doctor"]);
    times.push(`healthy: doctor ${doctor.seconds.toFixed(1)} s`);
    expect(badChecks(doctor).filter((line) => line.startsWith("fail"))).toEqual([]);
    expect(doctor.code).toBe(0);
  });
});

describe.each(Object.entries(states))("%s", (name, state) => {
  const { make, undo, values = () => ({}), variables = () => ({}), limit } = state;

  test("status and doctor have the cause and the remedy", async () => {
    await make();
    try {
      const patience = state.patience ?? allowed(3);
      const timeout = ["--timeout", String(Math.ceil(patience))];
      const status = await ops(["status", ...timeout], values(), variables());
      const seconds = state.patience === undefined ? Math.max(10, Math.ceil(patience)) : 10;
      const doctor = await ops(["doctor", "--timeout", String(seconds)], values(), variables());
      times.push(`${name}: status ${status.seconds.toFixed(1)} s, doctor ${doctor.seconds.toFixed(1)} s`);
      const found = badLines(status);
      for (const line of state.status) expect(found).toContainEqual(expect.stringMatching(line));
      expect(status.code, found.join("\n")).toBe(state.code);
      for (const line of state.doctor ?? state.status)
        expect(badChecks(doctor)).toContainEqual(expect.stringMatching(line));
      expect(status.seconds).toBeLessThan(allowed(5));
      expect(doctor.seconds).toBeLessThan(allowed(limit === undefined ? 5 : limit + 5));
      if (name === "the rollout lock is held")
        expect(statusLines(status)).toContainEqual({
          topic: "lock",
          level: "info",
          text: "held by me@laptop since 03:00",
        });
    } finally {
      await undo();
    }
  });
});
