import type { Found } from "./found";
import type { Verdict } from "./verdict";

/** A question of the guide. The flag `--<key>` and the key of an answers file give its answer in advance. */
export interface Question {
  readonly key: string;
  readonly message: string | ((found: Found) => string);
  readonly kind: "text" | "hidden" | "confirm";
  /** Shown in grey, as an example, while the field is empty and has no default. */
  readonly example?: string;
  /** Environment variable with the answer of a hidden question, which has no flag: a process list shows flags. */
  readonly variable?: string;
  /** Whether it is asked, by the answers so far. @default always */
  readonly isAsked?: (found: Found) => boolean;
  /** The default, by the answers so far. */
  readonly initial?: (found: Found) => string | undefined;
  /** Checks an answer against the real thing. A good one adds to the answers. */
  readonly judge: (answer: string, found: Found) => Promise<Verdict<Partial<Found>>>;
}

export const messageOf = ({ message }: Question, found: Found): string =>
  typeof message === "string" ? message : message(found);

/** A verdict with another value. */
export function mapped<A, B>(verdict: Verdict<A>, change: (value: A) => B): Verdict<B> {
  switch (verdict.kind) {
    case "bad":
      return verdict;
    case "doubtful":
      return { ...verdict, value: change(verdict.value) };
    case "good":
      return { ...verdict, value: change(verdict.value) };
  }
}
