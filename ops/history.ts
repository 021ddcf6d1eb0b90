import type { Deployment } from "../host/rollout/deployment";

const took = ({ startedAt, completedAt }: Deployment): string =>
  completedAt ? `${((Date.parse(completedAt) - Date.parse(startedAt)) / 1000).toFixed(1)} s` : "";

function line(deployment: Deployment): string[] {
  const { startedAt, imageTag, status, previousVersion, by } = deployment;
  return [startedAt, imageTag, status, previousVersion && `before: ${previousVersion}`, took(deployment), by];
}

/** The first line of why: a record's reason holds what the release logged, too. */
const why = ({ reason }: Deployment): string[] => (reason ? [`    ${reason.split("\n")[0] ?? ""}`] : []);

/** The deployments of a host, newest first. */
export function renderHistory(oldestFirst: readonly Deployment[]): string {
  if (oldestFirst.length === 0) return "nothing was deployed yet: pulumi up -c imageTag=<commit sha>";
  const deployments = oldestFirst.toReversed();
  const lines = deployments.map(line);
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((cells) => (cells[column] ?? "").length)));
  return deployments
    .flatMap((deployment, row) => [
      (lines[row] ?? [])
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
      ...why(deployment),
    ])
    .join("\n");
}
