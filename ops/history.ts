import type { Deployment } from "../host/rollout/deployment";

const secondsOf = ({ startedAt, completedAt }: Deployment): string =>
  completedAt ? `${((Date.parse(completedAt) - Date.parse(startedAt)) / 1000).toFixed(1)} s` : "";

/** The records of one server of a cluster. */
export interface ServerRecords {
  readonly server: string;
  readonly records: readonly Deployment[];
}

/**
 * The records of all servers, oldest first, each deployment once. Where the servers do not agree how it ended, it has a record
 * for each end, whose reason names the servers.
 */
export function mergedRecords(all: readonly ServerRecords[]): Deployment[] {
  const found: readonly Found[] = all.flatMap(({ server, records }) => records.map((record) => ({ server, record })));
  const ids = [...new Set(found.map(({ record }) => record.id))].toSorted();
  return ids.flatMap((id) => endsOf(found.filter(({ record }) => record.id === id)));
}

interface Found {
  readonly server: string;
  readonly record: Deployment;
}

/** A record for each way in which one deployment ended. */
function endsOf(same: readonly Found[]): Deployment[] {
  const firsts = same.filter(
    ({ record }, index) => same.findIndex((other) => other.record.status === record.status) === index,
  );
  if (firsts.length === 1) return firsts.map(({ record }) => record);
  return firsts.map(({ record }) => {
    const names = same.filter((other) => other.record.status === record.status).map(({ server }) => server);
    return { ...record, reason: `on ${names.join(", ")}: ${record.reason}` };
  });
}

/** The first line of why: a record's reason holds what the release logged, too. */
const why = ({ reason }: Deployment): string => reason.split("\n")[0] ?? "";

function cells(deployment: Deployment): string[] {
  const { id, imageTag, status, previousVersion, by } = deployment;
  const before = previousVersion && `before: ${previousVersion}`;
  return [id, imageTag, status, before, secondsOf(deployment), by, why(deployment)];
}

/** The deployments of a host, one line each, newest first. `ops history <id>` shows one of them whole. */
export function renderHistory(oldestFirst: readonly Deployment[]): string {
  if (oldestFirst.length === 0) return "nothing was deployed yet: npm run up -- -c imageTag=<commit sha>";
  const lines = oldestFirst.toReversed().map(cells);
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** The deployment with this id, or the newest one whose id or image tag begins with the text. */
export const findDeployment = (records: readonly Deployment[], text: string): Deployment | undefined =>
  records.find(({ id }) => id === text) ??
  records.findLast(({ id, imageTag }) =>
    [id, id.replace(/^deploy-/, ""), imageTag].some((name) => name.startsWith(text)),
  );

const steps = ({ durationsMs }: Deployment): string =>
  Object.entries(durationsMs)
    .map(([step, ms]) => `${step} ${(ms / 1000).toFixed(1)} s`)
    .join(", ");

/** All that the record of a deployment says. */
export function renderDeployment(deployment: Deployment): string {
  const { id, imageTag, status, startedAt, completedAt, by, release, digest, previousVersion, reason } = deployment;
  const fields: readonly (readonly [string, string])[] = [
    ["deployment", id],
    ["image tag", imageTag],
    ["status", status],
    ["started", startedAt],
    ["completed", completedAt || "not yet"],
    ["duration", secondsOf(deployment)],
    ["by", by],
    ["release", release],
    ["digest", digest],
    ["before", previousVersion],
    ["steps", steps(deployment)],
    ["reason", reason.replaceAll("\n", "\n            ")],
  ];
  return fields
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name.padEnd(12)}${value}`)
    .join("\n");
}
