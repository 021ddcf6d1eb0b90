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
}

/** The newest deployments whose traffic moved, oldest first. */
const moves = (records: readonly Deployment[]): readonly Move[] =>
  records
    .flatMap((deployment) => {
      const at = switchedAt(deployment);
      return at === undefined ? [] : [{ deployment, at }];
    })
    .slice(-shownCutovers);

/** When the newest cutovers happened, in seconds since 1970: the question to the server's access log. */
export const cutoverSeconds = (records: readonly Deployment[]): readonly number[] =>
  moves(records).map(({ at }) => Math.round(at / 1000));

/** The tags before and after. A rollback by an operator is recorded with the tag that it stopped. */
const tagsOf = ({ imageTag, previousVersion, status, tagRefused }: Deployment): Pick<Cutover, "from" | "to"> =>
  status === "rolled_back" && tagRefused
    ? { from: imageTag, to: previousVersion }
    : { from: previousVersion, to: imageTag };

/** Apps that send X-Release say which release answered. For others the time of the switch decides. */
function sideOf(release: string, offset: number, { from, to }: Pick<Cutover, "from" | "to">): CutoverPoint["side"] {
  if (release !== "" && release === to) return "new";
  if (release !== "" && release === from) return "previous";
  return offset < 0 ? "previous" : "new";
}

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
  return [...sums.values()];
}

/** The newest cutovers with the requests of one minute before and after each. */
export const cutoversOf = (records: readonly Deployment[], { cutovers }: Traffic): readonly Cutover[] =>
  moves(records).map(({ deployment, at }, index) => {
    const tags = tagsOf(deployment);
    const found = cutovers.filter(({ cutover }) => cutover === index);
    return { deployment: deployment.id, at: new Date(at).toISOString(), ...tags, points: pointsOf(found, tags) };
  });
