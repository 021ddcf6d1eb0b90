import type { Asker } from "./guide";
import { InitError } from "./guide";
import type { Question } from "./question";
import { isNone, renderProblem } from "./verdict";

type Prompts = typeof import("@clack/prompts");

/** The library's value of a field in which nothing was typed is undefined, which its types do not say. */
const emptyIfMissing = (value: string | symbol | undefined): string | symbol => value ?? "";

/** The grey text of an empty field: the default, which Enter takes, or an example, which it does not take. */
export const greyText = (initial: string | undefined, example: string | undefined): string | undefined =>
  initial ?? (example === undefined ? undefined : `for example ${example}`);

/** Asks one question with the prompt of its kind. */
function prompt(prompts: Prompts, { kind, example }: Question, message: string, initial: string | undefined) {
  switch (kind) {
    case "hidden":
      return prompts.password({ message }).then(emptyIfMissing);
    case "confirm":
      return prompts
        .confirm({ message, initialValue: initial === "yes" })
        .then((value) => (typeof value === "boolean" ? (value ? "yes" : "no") : value));
    case "text":
      return prompts.text({ message, placeholder: greyText(initial, example) ?? "", defaultValue: initial ?? "" });
  }
}

const stopped = "the guide was ended; nothing was changed";

/** The guide in a terminal. Ctrl-C ends it. */
export function terminalAsker(prompts: Prompts): Asker {
  const keep: Asker["keep"] = async (problem) => {
    prompts.log.warn(renderProblem(problem));
    const kept = await prompts.confirm({ message: "Keep this answer?", initialValue: false });
    if (prompts.isCancel(kept)) throw new InitError(stopped);
    return kept;
  };
  return {
    keep,
    async ask(question, message, initial) {
      const answer = await prompt(prompts, question, message, initial);
      if (typeof answer === "string") return answer;
      throw new InitError(stopped);
    },
    refuse: (_question, problem) => {
      prompts.log.error(renderProblem(problem));
    },
    note: (line) => {
      prompts.log.info(line);
    },
    async during(message, work) {
      const spinner = prompts.spinner();
      // Most checks end at once; only the others show that they run.
      const shown = setTimeout(() => {
        spinner.start(message);
      }, 300);
      try {
        return await work;
      } finally {
        clearTimeout(shown);
        spinner.clear();
      }
    },
  };
}

/** The flag of a question, or its variable where a process list must not show the answer. */
const sourceOf = ({ key, variable }: Question): string =>
  variable === undefined ? `--${key}` : `the variable ${variable}`;

/** The guide without a terminal: flags, the answers file and the existing stack file answer; a wrong answer ends it. */
export const unattendedAsker = (keepDoubts: boolean): Asker => ({
  ask: (question, message, initial) =>
    initial !== undefined && (question.kind !== "confirm" || !isNone(initial))
      ? Promise.resolve(initial)
      : Promise.reject(
          new InitError(`${question.key}: no answer (${message})\n  next: give it with ${sourceOf(question)}`),
        ),
  keep: (problem) =>
    keepDoubts
      ? Promise.resolve(true)
      : Promise.reject(new InitError(`${renderProblem(problem)}\n  to keep the answer anyway: --keep`)),
  refuse: (question, problem) => {
    throw new InitError(`${question.key}: ${renderProblem(problem)}`);
  },
  note: (line) => {
    process.stderr.write(`${line}\n`);
  },
  during: (_message, work) => work,
});
