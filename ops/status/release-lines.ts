import type { Deployment } from "../../host/rollout/deployment";
import { activeTag, tagOf, type HostState } from "../../host/rollout/host-state";
import { previousRelease } from "../../host/rollout/plan";
import type { Source } from "../source";
import { fail, info, ok, warn, type Line } from "./line";
import { renderAgo } from "./words";

const secondsOf = ({ startedAt, completedAt }: Deployment): number =>
  (Date.parse(completedAt) - Date.parse(startedAt)) / 1000;

const firstLine = (text: string): string => text.split("\n")[0] ?? "";

function activeLine(state: HostState, now: string): Line {
  if (state.active === "") return fail("release", "nothing is deployed yet", "npm run up -- -c imageTag=<commit sha>");
  const name = `${activeTag(state) || "unknown tag"} (release ${state.active})`;
  const record = state.records.findLast(({ release, status }) => release === state.active && status === "success");
  if (record === undefined) return warn("release", `${name}, without a record`, "ops history");
  const { completedAt, by } = record;
  return ok("release", `${name}, ${renderAgo(completedAt, now)} by ${by}, in ${secondsOf(record).toFixed(1)} s`);
}

/** The newest deployment, unless its release serves. */
function lastDeploymentLine({ active, records }: HostState, now: string): Line[] {
  const last = records.at(-1);
  if (last === undefined || (last.status === "success" && last.release === active)) return [];
  const { imageTag, status, startedAt, by, reason, id } = last;
  const when = `${renderAgo(startedAt, now)} by ${by}`;
  switch (status) {
    case "pending":
    case "in_progress":
      return [info("deployment", `of ${imageTag}: started ${when}, not finished`)];
    case "success":
      return [];
    case "failed":
    case "rolled_back": {
      const what = status === "failed" ? "failed" : "was rolled back";
      return [warn("deployment", `of ${imageTag} ${what}, ${when}: ${firstLine(reason)}`, `ops history ${id}`)];
    }
    default:
      return status satisfies never;
  }
}

function rollbackLine(state: HostState): Line {
  const target = previousRelease(state);
  const tag = target === state.active || target === "" ? "" : tagOf(state, target);
  return tag === ""
    ? info("rollback", "no target: no other tag has served")
    : ok("rollback", `to ${tag} (release ${target})`);
}

function cutoverLine({ unconfirmed }: HostState): Line[] {
  if (unconfirmed === null) return [];
  const text = `the cutover from release ${unconfirmed.from} to ${unconfirmed.to} is not confirmed`;
  return [warn("cutover", text, "wait two minutes: the server reverts it, unless the rollout confirms it")];
}

function recordLine({ unreadableRecords }: HostState): Line[] {
  const [file] = unreadableRecords;
  if (file === undefined) return [];
  const text = `${unreadableRecords.length} cannot be read and are ignored: ${unreadableRecords.join(", ")}`;
  return [warn("records", text, "look at each in /var/lib/<app>/deployments on the server, then delete it")];
}

/** The active release, the rollback target, and what is wrong with deployments. */
export function releaseLines(releases: Source<HostState>, now: string): Line[] {
  if (!releases.ok) return [fail("release", `cannot be read: ${releases.cause}`, releases.fix)];
  const state = releases.value;
  return [
    activeLine(state, now),
    ...lastDeploymentLine(state, now),
    ...cutoverLine(state),
    rollbackLine(state),
    ...recordLine(state),
  ];
}
