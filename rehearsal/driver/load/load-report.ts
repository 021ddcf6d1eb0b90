import type { Answered, Exchange, Lost } from "./exchange";

export interface LoadReport {
  readonly sent: number;
  readonly answered: number;
  /** Requests without an answer. Answers with an error status, such as 502, are in `statuses`. */
  readonly lost: readonly Lost[];
  /** Number of answers by release; `none` counts the answers of a proxy itself. */
  readonly byRelease: Readonly<Record<string, number>>;
  readonly statuses: Readonly<Record<number, number>>;
  readonly latencyMs: { readonly p50: number; readonly p99: number };
  /** Time of the first and the last answer of each release, milliseconds since the epoch. */
  readonly switches: Readonly<Record<string, { readonly first: number; readonly last: number }>>;
}

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;

function countBy<Key extends string | number>(answers: readonly Answered[], keyOf: (answer: Answered) => Key) {
  const counts = {} as Record<Key, number>;
  for (const answer of answers) counts[keyOf(answer)] = ((counts[keyOf(answer)] as number | undefined) ?? 0) + 1;
  return counts;
}

function switchesOf(answers: readonly Answered[]): LoadReport["switches"] {
  const switches: Record<string, { first: number; last: number }> = {};
  for (const { release, at } of answers) {
    const { first, last } = switches[release] ?? { first: at, last: at };
    switches[release] = { first: Math.min(first, at), last: Math.max(last, at) };
  }
  return switches;
}

/** The result of a load, from all of its exchanges. */
export function loadReport(exchanges: readonly Exchange[]): LoadReport {
  const answers = exchanges.filter((each) => each.kind === "answered");
  const latencies = answers.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
  return {
    sent: exchanges.length,
    answered: answers.length,
    lost: exchanges.filter((each) => each.kind !== "answered"),
    byRelease: countBy(answers, ({ release }) => release),
    statuses: countBy(answers, ({ status }) => status),
    latencyMs: { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) },
    switches: switchesOf(answers),
  };
}
