import { expect, test } from "vitest";
import { checksProblems, requiredChecks } from "../../config/checks";

test.each([
  ["node", [], ["lint", "typecheck", "test"]],
  ["python", [], ["lint", "test"]],
  ["own", ["all tests"], ["all tests"]],
] as const)("the checks %s with %j require %j", (checks, checkNames, required) => {
  expect(requiredChecks({ checks, checkNames })).toEqual(required);
  expect(checksProblems({ checks, checkNames })).toEqual([]);
});

test("the app's own workflow needs a name, and a preset has its own", () => {
  expect(checksProblems({ checks: "own", checkNames: [] })).toEqual([
    "pipeline.checkNames: is empty, so a pull request would need no check\n    try: pulumi config set --path 'pipeline.checkNames[0]' test",
  ]);
  expect(checksProblems({ checks: "python", checkNames: ["x"] })).toEqual([
    "pipeline.checkNames: the preset python has its own names\n    try: pulumi config set --path 'pipeline.checks' own, or: pulumi config rm --path 'pipeline.checkNames'",
  ]);
});
