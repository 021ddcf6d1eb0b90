import { expect, test } from "vitest";
import { nothingFound, type Found } from "../../../ops/init/found";
import { askAll, InitError, type Asker } from "../../../ops/init/guide";
import type { Question } from "../../../ops/init/question";
import { unattendedAsker } from "../../../ops/init/terminal";
import { bad, doubtful, good } from "../../../ops/init/verdict";

const nameQuestion: Question = {
  key: "name",
  message: "Name",
  kind: "text",
  initial: () => "shop",
  judge: (answer) =>
    Promise.resolve(
      answer === "wrong"
        ? bad("wrong name", "give another")
        : answer === "odd"
          ? doubtful({ name: answer }, "odd name", "give another")
          : good({ name: answer }, `named ${answer}`),
    ),
};
const secretQuestion: Question = {
  key: "token",
  message: "Token",
  kind: "hidden",
  variable: "TOKEN",
  isAsked: ({ name }) => name === "private",
  judge: (answer) => Promise.resolve(good({ secrets: { TOKEN: answer } })),
};
const questions = [() => [nameQuestion], () => [secretQuestion]];

/** A person with answers; records what the guide shows. */
function person(...answers: string[]): { asker: Asker; shown: string[] } {
  const shown: string[] = [];
  const asker: Asker = {
    ask: (_, message, initial) => {
      shown.push(`${message} [${initial ?? ""}]`);
      return Promise.resolve(answers.shift() ?? "");
    },
    keep: ({ problem }) => {
      shown.push(`keep? ${problem}`);
      return Promise.resolve(answers.shift() === "yes");
    },
    refuse: (_, { problem }) => shown.push(problem),
    note: (line) => shown.push(line),
    during: (_, work) => work,
  };
  return { asker, shown };
}

const prepared = { given: {}, defaults: {}, environment: {} };
const ask = (asker: Asker, parts: Partial<typeof prepared> = {}): Promise<Found> =>
  askAll(questions, nothingFound, { ...prepared, ...parts }, asker);

test("asks again until an answer is good, and keeps a doubtful one only if the operator says so", async () => {
  const { asker, shown } = person("wrong", "odd", "no", "odd", "yes");
  expect(await ask(asker)).toMatchObject({ name: "odd" });
  expect(shown).toEqual([
    "Name [shop]",
    "wrong name",
    "Name [shop]",
    "keep? odd name",
    "Name [shop]",
    "keep? odd name",
  ]);
});

test("asks nothing that a flag or a variable answers; the stack file's answer is the default", async () => {
  const { asker, shown } = person();
  const found = await ask(asker, { given: { name: "private" }, environment: { TOKEN: "abc" } });
  expect(found).toMatchObject({ name: "private", secrets: { TOKEN: "abc" } });
  expect(shown).toEqual(["named private"]);
  const second = person("");
  await ask(second.asker, { defaults: { name: "before" } });
  expect(second.shown[0]).toBe("Name [before]");
});

test("a wrong given answer is asked again in a terminal, and ends the guide without one", async () => {
  const { asker } = person("right");
  expect(await ask(asker, { given: { name: "wrong" } })).toMatchObject({ name: "right" });
  await expect(ask(unattendedAsker(false), { given: { name: "wrong" } })).rejects.toThrow(
    new InitError("name: wrong name\n  next: give another"),
  );
});

test("without a terminal, defaults answer; doubts need --keep; a hidden answer needs its variable", async () => {
  expect(await ask(unattendedAsker(false))).toMatchObject({ name: "shop" });
  await expect(ask(unattendedAsker(false), { given: { name: "odd" } })).rejects.toThrow(
    "to keep the answer anyway: --keep",
  );
  expect(await ask(unattendedAsker(true), { given: { name: "odd" } })).toMatchObject({ name: "odd" });
  await expect(ask(unattendedAsker(false), { given: { name: "private" } })).rejects.toThrow(
    "token: no answer (Token)\n  next: give it with the variable TOKEN",
  );
});
