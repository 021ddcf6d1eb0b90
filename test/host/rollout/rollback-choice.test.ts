import { expect, test } from "vitest";
import { chooseRollback, engineCommand, rollbackTags } from "../../../host/rollout/rollback-choice";
import { deployment } from "../../support/deployment";
import { container, hostState } from "../../support/host-state";

const state = hostState({
  active: "22",
  previous: "11",
  containers: [container("11", "bbbbbbb", false), container("22", "ccccccc", true)],
  records: ["aaaaaaa", "bbbbbbb", "ccccccc"].map((imageTag) => deployment({ imageTag })),
});

test("the tags to choose from are those that served, newest first, without the active one", () => {
  expect(rollbackTags(state)).toEqual(["bbbbbbb", "aaaaaaa"]);
});

test.each([
  ["bbbbbbb", { kind: "now", tag: "bbbbbbb", isRefused: false }],
  ["aaaaaaa", { kind: "engine", tag: "aaaaaaa", isRefused: false }],
  ["ccccccc", { kind: "none", cause: "ccccccc serves already", hint: "ops status" }],
])("%s", (tag, choice) => {
  expect(chooseRollback(state, tag)).toEqual(choice);
});

test("a refused tag needs force", () => {
  expect(engineCommand({ tag: "aaaaaaa", isRefused: true })).toBe("pulumi up -c imageTag=aaaaaaa -c force=aaaaaaa");
});
