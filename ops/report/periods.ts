import type { Traffic } from "../../host/report/traffic";

/** The requests of a period. */
export interface Period {
  /** ISO 8601, UTC: its start. */
  readonly at: string;
  readonly requests: number;
  readonly errors: number;
  /** Milliseconds within which half of the requests were answered, and 95 %; null without a request. */
  readonly median: number | null;
  readonly p95: number | null;
}

interface Step {
  readonly step: number;
  readonly requests: number;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** The duration of the request at a share of all, in milliseconds: within 10 %, the width of a step. */
export function durationAt(share: number, steps: readonly Step[]): number | null {
  const wanted = share * sum(steps.map(({ requests }) => requests));
  let passed = 0;
  for (const { step, requests } of steps.toSorted((one, other) => one.step - other.step)) {
    passed += requests;
    if (passed >= wanted) return Math.round(2 ** (step / 4));
  }
  return null;
}

/** The requests over time, one entry for each period that has some. */
export function trafficPeriods({ periods, latency }: Traffic): readonly Period[] {
  const starts = [...new Set(periods.map(({ at }) => at))].toSorted((one, other) => one - other);
  return starts.map((start) => {
    const own = periods.filter(({ at }) => at === start);
    const steps = latency.filter(({ at }) => at === start);
    return {
      at: new Date(start * 1000).toISOString(),
      requests: sum(own.map(({ requests }) => requests)),
      errors: sum(own.map(({ errors }) => errors)),
      median: durationAt(0.5, steps),
      p95: durationAt(0.95, steps),
    };
  });
}
