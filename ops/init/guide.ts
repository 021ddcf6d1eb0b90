import type { Answers } from "./existing";
import type { Found } from "./found";
import { messageOf, type Question } from "./question";
import type { Questions } from "./questions";
import type { Verdict } from "./verdict";

/** How the guide speaks with the operator. */
export interface Asker {
  /** @throws InitError when nobody can answer. */
  ask(question: Question, message: string, initial: string | undefined): Promise<string>;
  /** Whether a doubtful answer is kept. */
  keep(verdict: { readonly problem: string; readonly next: string }): Promise<boolean>;
  /** Shows why an answer is refused. @throws InitError when nobody can answer again. */
  refuse(question: Question, verdict: { readonly problem: string; readonly next: string }): void;
  note(line: string): void;
  /** Shows that work goes on. */
  during<T>(message: string, work: Promise<T>): Promise<T>;
}

/** The guide cannot go on; nothing was changed. */
export class InitError extends Error {}

/** Answers that are known in advance, and the defaults of the questions. */
export interface Prepared {
  readonly given: Answers;
  readonly defaults: Answers;
  readonly environment: NodeJS.ProcessEnv;
}

const givenAnswer = ({ key, variable }: Question, { given, environment }: Prepared): string | undefined =>
  given[key] ?? (variable === undefined ? undefined : environment[variable]);

async function accepted(verdict: Verdict<Partial<Found>>, question: Question, asker: Asker) {
  switch (verdict.kind) {
    case "good":
      for (const line of verdict.notes) asker.note(line);
      return verdict.value;
    case "doubtful":
      return (await asker.keep(verdict)) ? verdict.value : undefined;
    case "bad":
      asker.refuse(question, verdict);
      return undefined;
  }
}

/** Asks until an answer is good, or kept. A given answer is the first one. */
async function answered(question: Question, found: Found, prepared: Prepared, asker: Asker): Promise<Partial<Found>> {
  const message = messageOf(question, found);
  let next = givenAnswer(question, prepared);
  for (;;) {
    const initial = prepared.defaults[question.key] ?? question.initial?.(found);
    const answer = next ?? (await asker.ask(question, message, initial));
    next = undefined;
    const verdict = await asker.during("checking", question.judge(answer, found));
    const value = await accepted(verdict, question, asker);
    if (value !== undefined) return value;
  }
}

/** Asks the questions one after the other. Each answer is checked before the next question. */
export async function askAll(questions: Questions, start: Found, prepared: Prepared, asker: Asker): Promise<Found> {
  let found = start;
  for (const questionsOf of questions)
    for (const question of questionsOf(found))
      if (question.isAsked?.(found) ?? true)
        found = { ...found, ...(await answered(question, found, prepared, asker)) };
  return found;
}
