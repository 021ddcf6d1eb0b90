import type { Traffic } from "../../host/report/traffic";
import type { Deployment } from "../../host/rollout/deployment";

/** Requests in five seconds near a cutover. */
interface CutoverPoint {
  /** The first second, relative to the switch. */
  readonly offset: number;
  /** The release that answered. */
  readonly side: "previous" | "new";
  readonly requests: number;
  readonly errors: number;
}

/** A move of the traffic from one release to another. */
export interface Cutover {
  readonly deployment: string;
  /** ISO 8601, UTC: the switch. */
  readonly at: string;
  /** Image tags; `from` is empty at the first deployment. */
  readonly from: string;
  readonly to: string;
  readonly points: readonly CutoverPoint[];
}

/** The cutovers that a report shows at most. */
const shownCutovers = 20;

/** The end of the step `switch`, by the durations of the steps up to it. Undefined for a run that never switched. */
function switchedAt({ startedAt, durationsMs }: Deployment): number | undefined {
  const steps = Object.entries(durationsMs);
  const at = steps.findIndex(([step]) => step === "switch");
  if (at < 0) return undefined;
  return Date.parse(startedAt) + steps.slice(0, at + 1).reduce((sum, [, ms]) => sum + ms, 0);
}

interface Move {
  readonly deployment: Deployment;
  readonly at: number;
  /** The switches before and after it. Beyond them, requests belong to another cutover. */
  readonly since: number;
  readonly until: number;
}

/** The newest deployments whose traffic moved, oldest first. */
function moves(records: readonly Deployment[]): readonly Move[] {
  const found = records.flatMap((deployment) => {
    const at = switchedAt(deployment);
    return at === undefined ? [] : [{ deployment, at }];
  });
  return found
    .map((move, index) => ({
      ...move,
      since: found[index - 1]?.at ?? Number.NEGATIVE_INFINITY,
      until: found[index + 1]?.at ?? Number.POSITIVE_INFINITY,
    }))
    .slice(-shownCutovers);
}

/** When the newest cutovers happened, in seconds since 1970: the question to the server's access log. */
export const cutoverSeconds = (records: readonly Deployment[]): readonly number[] =>
  moves(records).map(({ at }) => Math.round(at / 1000));

/** The tags before and after. A rollback by an operator is recorded with the tag that it stopped. */
const tagsOf = ({ imageTag, previousVersion, status, tagRefused }: Deployment): Pick<Cutover, "from" | "to"> =>
  status === "rolled_back" && tagRefused
    ? { from: imageTag, to: previousVersion }
    : { from: previousVersion, to: imageTag };

/** Seconds of a point. */
const pointSeconds = 5;

/**
 * Apps that send X-Release say which tag answered, which decides near the switch and after it: the previous release ends
 * its requests. The time of the switch decides for others, for a deployment of the same tag, and long before the switch,
 * where an older release can have the tag.
 */
function sideOf(release: string, offset: number, { from, to }: Pick<Cutover, "from" | "to">): CutoverPoint["side"] {
  if (release !== "" && from !== to && offset >= -pointSeconds) {
    if (release === to) return "new";
    if (release === from) return "previous";
  }
  return offset < 0 ? "previous" : "new";
}

/** Whether the whole point lies between the switches before and after the cutover. */
const isOf = ({ at, since, until }: Move, offset: number): boolean =>
  at + offset * 1000 >= since && at + (offset + pointSeconds) * 1000 <= until;

function pointsOf(found: Traffic["cutovers"], tags: Pick<Cutover, "from" | "to">): readonly CutoverPoint[] {
  const sums = new Map<string, CutoverPoint>();
  for (const { offset, release, requests, errors } of found) {
    const side = sideOf(release, offset, tags);
    const before = sums.get(`${offset} ${side}`) ?? { offset, side, requests: 0, errors: 0 };
    sums.set(`${offset} ${side}`, {
      ...before,
      requests: before.requests + requests,
      errors: before.errors + errors,
    });
  }
  // Bars of one point stand on each other: the previous release is always the lower one.
  return [...sums.values()].toSorted((a, b) => a.offset - b.offset || b.side.localeCompare(a.side));
}

/** The newest cutovers with the requests of one minute before and after each, as far as no other cutover is near. */
export const cutoversOf = (records: readonly Deployment[], { cutovers }: Traffic): readonly Cutover[] =>
  moves(records).map((move, index) => {
    const { deployment, at } = move;
    const tags = tagsOf(deployment);
    const found = cutovers.filter(({ cutover, offset }) => cutover === index && isOf(move, offset));
    return { deployment: deployment.id, at: new Date(at).toISOString(), ...tags, points: pointsOf(found, tags) };
  });
