interface Good<T> {
  readonly kind: "good";
  readonly value: T;
  readonly notes: readonly string[];
}

interface Problem {
  readonly problem: string;
  readonly next: string;
}

interface Bad extends Problem {
  readonly kind: "bad";
}

interface Doubtful<T> extends Problem {
  readonly kind: "doubtful";
  readonly value: T;
}

/** The judgement of an answer's form. `good`: the guide goes on. `bad`: it asks again. */
export type Form<T> = Good<T> | Bad;

/** The judgement of an answer. `doubtful`: it can be kept, but a person must say so. */
export type Verdict<T> = Form<T> | Doubtful<T>;

export const good = <T>(value: T, ...notes: readonly string[]): Good<T> => ({ kind: "good", value, notes });

export const doubtful = <T>(value: T, problem: string, next: string): Doubtful<T> => ({
  kind: "doubtful",
  value,
  problem,
  next,
});

export const bad = (problem: string, next: string): Bad => ({ kind: "bad", problem, next });

/** Whether an answer to an optional question declines. */
export const isNone = (answer: string): boolean => /^(none|no|-)?$/i.test(answer.trim());

/** A problem and its next step, as lines for a person. */
export const renderProblem = ({ problem, next }: Problem): string => `${problem}\n  next: ${next}`;
