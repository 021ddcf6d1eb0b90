import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { alertsSet } from "../../../host/sets/alerts";
import { appFilesSet } from "../../../host/sets/app-files";
import { backupsSet } from "../../../host/sets/backups";
import type { FileSetSpec } from "../../../host/sets/file-set-spec";
import { firewallSet } from "../../../host/sets/firewall";
import { logsSet } from "../../../host/sets/logs";

const connection = { host: "203.0.113.7", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
const firewall = { app: "shop", subnet: "10.213.0.0/16", connectionsPerAddress: 1000, allow: [] };
const sets: readonly FileSetSpec[] = [
  appFilesSet({ name: "shop", uid: 1001, identity: "", data: [{ path: "/data", kind: "sqlite" }] }),
  alertsSet("shop"),
  backupsSet("shop"),
  firewallSet(connection, firewall),
  logsSet("shop"),
];

const services = sets.flatMap(({ entries }) =>
  Object.entries(entries).flatMap(([path, entry]) =>
    path.endsWith(".service") && entry.kind === "file" ? [{ unit: basename(path), content: entry.content }] : [],
  ),
);

const folder = mkdtempSync(join(tmpdir(), "units-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Exposure of a unit as systemd computes it: 0 is closed, 10 is open. */
function exposureOf(unit: string, content: string): number {
  writeFileSync(join(folder, unit), content);
  const words = ["security", "--offline=true", "--no-pager", join(folder, unit)];
  const { stdout, stderr } = spawnSync("systemd-analyze", words, { encoding: "utf8" });
  const [, exposure] = /exposure level for \S+: ([\d.]+)/.exec(stdout) ?? [];
  if (exposure === undefined) throw new Error(stderr);
  return Number(exposure);
}

// `--offline` came with systemd 250.
const canAnalyze = spawnSync("systemd-analyze", ["security", "--offline=true", "--help"]).status === 0;

describe("the services of all file sets", () => {
  test("are the known ones", () => {
    expect(services.map(({ unit }) => unit).sort()).toEqual([
      "shop-alerts.service",
      "shop-backup-drill.service",
      "shop-backup@.service",
      "shop-logs.service",
      "shop-recover.service",
      "shop-release@.service",
      "shop-revert.service",
      "vps-firewall.service",
    ]);
  });

  test.runIf(canAnalyze).each(services)("$unit has an exposure of at most 3.0", ({ unit, content }) => {
    expect(exposureOf(unit, content)).toBeLessThanOrEqual(3);
  });
});
