import type { BackupList } from "../../host/backup/backup-commands";
import type { Traffic } from "../../host/report/traffic";
import type { Deployment } from "../../host/rollout/deployment";
import type { HostState } from "../../host/rollout/host-state";
import type { HostFacts } from "../../host/status/host-facts";
import type { Source } from "../source";
import type { Stack } from "../stack";
import { daysBetween } from "../status/words";
import { cutoversOf, type Cutover } from "./cutover";
import { trafficPeriods, type Period } from "./periods";

/** The sources of a report. Each failed or answered on its own. */
export interface ReportSources {
  readonly releases: Source<HostState>;
  readonly host: Source<HostFacts>;
  readonly traffic: Source<Traffic>;
  /** Undefined for a stack without backups. */
  readonly backups: Source<BackupList> | undefined;
}

export type Outcome = "success" | "failed" | "reverted" | "rolled back" | "running";

/** A deployment as the page shows it. */
export interface DeploymentRow {
  readonly id: string;
  readonly tag: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Null while it runs. */
  readonly seconds: number | null;
  readonly outcome: Outcome;
  readonly by: string;
  /** First line of the reason; empty for a success. */
  readonly reason: string;
}

/** Something that fills up. `limitBytes` null: without a limit. */
export interface Gauge {
  readonly name: string;
  readonly usedBytes: number;
  readonly limitBytes: number | null;
}

/** Everything that the page shows, as plain values. An empty list is a section without data. */
export interface ReportModel {
  readonly app: string;
  readonly url: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly days: number;
  readonly deployments: readonly DeploymentRow[];
  readonly cutovers: readonly Cutover[];
  readonly periodSeconds: number;
  readonly periods: readonly Period[];
  readonly gauges: readonly Gauge[];
  readonly backups: readonly { readonly at: string; readonly bytes: number; readonly isPermanent: boolean }[];
  readonly restores: readonly { readonly at: string; readonly seconds: number; readonly isGood: boolean }[];
  readonly certificates: readonly {
    readonly name: string;
    readonly from: string;
    readonly until: string;
    readonly daysLeft: number;
  }[];
  /** One sentence for each source that did not answer. */
  readonly missing: readonly string[];
}

/** The deployments that a page shows at most. */
export const shownDeployments = 40;

function outcomeOf({ status, tagRefused }: Deployment): Outcome {
  switch (status) {
    case "success":
    case "failed":
      return status;
    case "rolled_back":
      return tagRefused ? "rolled back" : "reverted";
    case "pending":
    case "in_progress":
      return "running";
  }
}

function rowOf(deployment: Deployment): DeploymentRow {
  const { id, imageTag, startedAt, completedAt, by, reason } = deployment;
  const seconds = completedAt === "" ? null : (Date.parse(completedAt) - Date.parse(startedAt)) / 1000;
  return {
    id,
    tag: imageTag,
    at: startedAt,
    seconds,
    outcome: outcomeOf(deployment),
    by,
    reason: reason.split("\n")[0] ?? "",
  };
}

/** Mounts of one file system have one size; a write between two looks changes its use a little. */
const isSameDisk = (one: Gauge, other: Gauge): boolean =>
  one.limitBytes === other.limitBytes && Math.abs(one.usedBytes - other.usedBytes) <= (one.limitBytes ?? 0) / 1000;

/** Memory of the server and of its running containers, and each file system once. */
function gaugesOf({ clock, containers, disks }: HostFacts): Gauge[] {
  const memory = clock === null ? [] : [memoryOf(clock)];
  const running = (containers ?? []).flatMap(({ name, memoryBytes, memoryLimitBytes }) =>
    memoryBytes === null ? [] : [{ name, usedBytes: memoryBytes, limitBytes: memoryLimitBytes || null }],
  );
  const isFirst = (disk: Gauge, at: number, all: readonly Gauge[]): boolean =>
    all.findIndex((other) => isSameDisk(disk, other)) === at;
  const mounted = (disks ?? []).map(({ mount, bytes, freeBytes }) => ({
    name: `disk ${mount}`,
    usedBytes: bytes - freeBytes,
    limitBytes: bytes,
  }));
  return [...memory, ...running, ...mounted.filter(isFirst)];
}

const memoryOf = ({ memoryBytes, memoryFreeBytes }: NonNullable<HostFacts["clock"]>): Gauge => ({
  name: "memory of the server",
  usedBytes: memoryBytes - memoryFreeBytes,
  limitBytes: memoryBytes,
});

const backupsOf = ({ backups }: BackupList): ReportModel["backups"] =>
  (backups ?? []).map(({ createdAt, sizeBytes, retentionDays }) => ({
    at: createdAt,
    bytes: sizeBytes,
    isPermanent: retentionDays === 0,
  }));

const restoresOf = ({ drills }: BackupList): ReportModel["restores"] =>
  drills.map(({ startedAt, completedAt, status, restored }) => ({
    at: completedAt,
    seconds: restored?.seconds ?? (Date.parse(completedAt) - Date.parse(startedAt)) / 1000,
    isGood: status === "success",
  }));

const certificatesOf = ({ certificates }: HostFacts, now: string): ReportModel["certificates"] =>
  (certificates ?? []).map(({ name, issuedAt, expiresAt }) => ({
    name,
    from: issuedAt,
    until: expiresAt,
    daysLeft: daysBetween(now, expiresAt),
  }));

const silence = (what: string, { ok, ...rest }: Source<unknown>): string[] =>
  ok || !("cause" in rest) ? [] : [`${what} cannot be shown: ${rest.cause}. Next: ${rest.fix}`];

/** Sources and parts of sources that did not answer, one sentence each. */
function missingOf({ releases, host, traffic, backups }: ReportSources): string[] {
  const facts = host.ok ? host.value : undefined;
  const part = (what: string, found: unknown): string[] =>
    facts && found === null ? [`${what} cannot be shown: the server cannot tell. Next: ops status`] : [];
  return [
    ...silence("Deployments", releases),
    ...silence("Requests", traffic),
    ...(traffic.ok && !traffic.value.complete
      ? ["The access log is larger than 64 MiB: older requests are left out."]
      : []),
    ...silence("Memory, disk and certificates", host),
    ...part("The memory of containers", facts?.containers),
    ...part("Disks", facts?.disks),
    ...part("Certificates", facts?.certificates),
    ...(backups === undefined ? ["This stack has no backups."] : silence("Backups", backups)),
    ...(backups?.ok && backups.value.backups === null
      ? [`Backups cannot be listed: ${backups.value.problem.trim()}. Next: ops doctor`]
      : []),
  ];
}

/** The page as plain values. @param days how far the requests reach into the past. */
export function reportModel(
  { app }: Pick<Stack, "app">,
  sources: ReportSources,
  { now, days }: { readonly now: string; readonly days: number },
): ReportModel {
  const { releases, host, traffic, backups } = sources;
  const records = releases.ok ? releases.value.records : [];
  const found = traffic.ok ? traffic.value : undefined;
  return {
    app: app.name,
    url: `https://${app.domain}`,
    at: now,
    days,
    deployments: records.slice(-shownDeployments).map(rowOf),
    cutovers: found ? cutoversOf(records, found) : [],
    periodSeconds: found?.periodSeconds ?? 0,
    periods: found ? trafficPeriods(found) : [],
    gauges: host.ok ? gaugesOf(host.value) : [],
    backups: backups?.ok ? backupsOf(backups.value) : [],
    restores: backups?.ok ? restoresOf(backups.value) : [],
    certificates: host.ok ? certificatesOf(host.value, now) : [],
    missing: missingOf(sources),
  };
}
