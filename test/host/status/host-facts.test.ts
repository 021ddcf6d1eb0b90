import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseHostFacts, readHostFacts } from "../../../host/status/host-facts";
import { readRepositoryFile } from "../../../repository";
import { PrivateHost } from "../../support/private-host";

let host: PrivateHost;

const inspected = JSON.stringify([
  {
    Id: "c0ffee",
    Name: "/app-22",
    RestartCount: 1,
    State: { Status: "running", StartedAt: "2026-11-26T09:00:00Z", ExitCode: 0, OOMKilled: false },
    HostConfig: { Memory: 536870912 },
  },
]);

const programs = {
  docker: `#!/bin/sh\ncase $1 in ps) echo c0ffee ;; inspect) cat <<'END'\n${inspected}\nEND\n;; esac`,
  curl: `#!/bin/sh
case $* in
  *stats*) echo '{ "memory_stats": { "usage": 300, "stats": { "inactive_file": 100 } } }' ;;
  *system/df*) echo '{ "LayersSize": 4000 }' ;;
esac`,
  df: "#!/bin/sh\nprintf 'Mounted Size Avail Inodes IFree\\n/ 1000 400 50 20\\n/data 9 8 - -\\n/ 1000 400 50 20\\n'",
  systemctl: `#!/bin/sh
case $1 in
  list-unit-files) echo 'app-backup.timer enabled enabled'; echo 'certbot.timer enabled enabled' ;;
  list-units) echo 'nginx.service loaded failed failed web' ;;
  show) printf 'NextElapseUSecRealtime=Fri 2026-11-27 03:57:57 UTC\\nLastTriggerUSec=\\nId=app-backup.timer\\nActiveState=active\\n\\nNextElapseUSecRealtime=\\nLastTriggerUSec=Thu 2026-11-26 10:50:00 UTC\\nId=certbot.timer\\nActiveState=inactive\\n' ;;
esac`,
  "apt-get":
    "#!/bin/sh\necho 'Inst libc6 [1] (2 Debian-Security:12/stable-security [amd64])'; echo 'Inst jq [1] (2 Debian:12 [amd64])'; echo 'Conf jq'",
};

beforeEach(() => {
  host = new PrivateHost();
  for (const [name, text] of Object.entries(programs)) host.program(name, `${text}\n`);
});
afterEach(() => {
  host.dispose();
});

function facts() {
  const { script, args } = readHostFacts("app", 5);
  const { status, stdout, stderr } = host.run(script, args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return parseHostFacts(stdout);
}

test("containers, disks, timers, failed units and updates", () => {
  const { containers, disks, timers, failed, updates } = facts();
  expect(containers).toEqual([
    {
      name: "app-22",
      state: "running",
      restarts: 1,
      startedAt: "2026-11-26T09:00:00Z",
      exitCode: 0,
      oomKilled: false,
      memoryBytes: 200,
      memoryLimitBytes: 536870912,
    },
  ]);
  expect(disks).toEqual([
    { mount: "/", bytes: 1000, freeBytes: 400, files: 50, freeFiles: 20 },
    { mount: "/data", bytes: 9, freeBytes: 8, files: 0, freeFiles: 0 },
  ]);
  expect(timers).toEqual([
    { unit: "app-backup.timer", active: true, next: "2026-11-27T03:57:57Z", last: null },
    { unit: "certbot.timer", active: false, next: null, last: "2026-11-26T10:50:00Z" },
  ]);
  expect(failed).toEqual(["nginx.service"]);
  expect(updates).toEqual({ pending: 2, security: 1, reboot: false });
});

test("bytes by use", () => {
  host.write("/opt/app/data/file", "x".repeat(5000));
  const bytes = Object.fromEntries((facts().uses ?? []).map((use) => [use.name, use.bytes]));
  expect(bytes["data"]).toBeGreaterThanOrEqual(5000);
  expect(bytes["images"]).toBe(4000);
});

test("a part that fails, or does not end, is null, and costs no other part", () => {
  host.program("docker", "#!/bin/sh\nexit 1\n");
  host.program("apt-get", "#!/bin/sh\nsleep 60\n");
  const { script } = readHostFacts("app", 1);
  const found = parseHostFacts(host.run(script, ["app", "1"]).stdout);
  expect(found.containers).toBeNull();
  expect(found.updates).toBeNull();
  expect(found.failed).toEqual(["nginx.service"]);
});

test("files that were changed by hand", () => {
  const line = (path: string, content: string): string =>
    ["file", path, "0644", "root:root", Buffer.from(content).toString("base64")].join("\t");
  host.write("/etc/same", "one\n");
  host.write("/etc/other", "two\n");
  const lines = [line("/etc/same", "one\n"), line("/etc/other", "one\n"), line("/etc/missing", "one\n")];
  host.write("/var/lib/vps-plugin/sets/a.b.c/applied", `${lines.join("\n")}\nunit\tx.service\ttrue\ttrue\n`);
  expect(facts().changed).toEqual(["/etc/other", "/etc/missing"]);
});

test("a lock that nobody holds is free, although its file exists; a held one names its holder", () => {
  host.write("/run/lock/app-rollout.lock", "");
  host.write("/run/lock/app-rollout.lock.holder", "me@here since 12:00\n");
  expect(facts().lock).toEqual({ held: false, holder: "" });
  const { script, args } = readHostFacts("app", 5);
  const whileHeld = 'exec 9>>/run/lock/app-rollout.lock; flock 9; exec bash -c "$@"';
  const { stdout } = host.bash(whileHeld, ["-", readRepositoryFile("host", script), script, ...args]);
  expect(parseHostFacts(stdout).lock).toEqual({ held: true, holder: "me@here since 12:00" });
});

test("alerts that are open, and the expiry of each certificate", () => {
  const open = { site: { subject: "the site is down", since: 1795608000 } };
  const state = JSON.stringify({ open });
  const live = host.path("etc/letsencrypt/live/app.test");
  mkdirSync(live, { recursive: true });
  const days = ["-days", "1", "-subj", "/CN=app.test", "-keyout", "/dev/null", "-out", `${live}/cert.pem`];
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", ...days], {
    stdio: "ignore",
  });
  // /run is a file system of its own in each run.
  const { script, args } = readHostFacts("app", 5);
  const withState = 'mkdir -p /run/app/alerts; printf "%s" "$1" >/run/app/alerts/state.json; shift; exec bash -c "$@"';
  const { stdout } = host.bash(withState, ["-", state, readRepositoryFile("host", script), script, ...args]);
  const { alerts, certificates } = parseHostFacts(stdout);
  expect(alerts).toEqual([{ subject: "the site is down", at: "2026-11-25T12:00:00Z" }]);
  expect(certificates?.map(({ name }) => name)).toEqual(["app.test"]);
  const hoursFromNow = (at = ""): number => Math.round((Date.parse(at) - Date.now()) / 3_600_000);
  expect(hoursFromNow(certificates?.[0]?.expiresAt)).toBe(24);
  expect(hoursFromNow(certificates?.[0]?.issuedAt)).toBeCloseTo(0);
});
