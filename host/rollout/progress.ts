import type { Step } from "./plan";

/** Gets each line that tells how far a run is. */
export type Report = (line: string) => void;

/** For runs that nobody watches. */
export const silent: Report = () => undefined;

export const stepStarted = (kind: Step["kind"]): string => `${kind} ...`;

/** Steps that tell more than their time: kept files, healthy answers, connections that are left. */
const telling: ReadonlySet<Step["kind"]> = new Set(["keep", "gate", "drain"]);

const warningStart = "warning: ";

/** A line about a fault that does not end the run. */
export const warning = (text: string): string => `${warningStart}${text}`;

/** The text of a line that is a warning; undefined for any other line. */
export const warningIn = (line: string): string | undefined =>
  line.startsWith(warningStart) ? line.slice(warningStart.length) : undefined;

/** `gate: 2 of 2 healthy, 0.4 s`, or `switch: 0.1 s`. */
export const stepEnded = (kind: Step["kind"], milliseconds: number, result: unknown): string =>
  `${kind}: ${telling.has(kind) ? `${String(result)}, ` : ""}${(milliseconds / 1000).toFixed(1)} s`;
