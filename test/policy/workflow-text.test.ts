import { describe, expect, test } from "vitest";
import { expressionsIn, parseWorkflow } from "../../policy/workflow-text";

describe("parseWorkflow", () => {
  test.each([
    ["a word", "on: push", ["push"]],
    ["a list", "on: [push, pull_request]", ["push", "pull_request"]],
    ["a mapping", "on: { push: { branches: [main] }, schedule: [] }", ["push", "schedule"]],
    ["nothing", "name: a", []],
  ])("reads triggers from %s", (_, content, expected) => {
    expect(parseWorkflow(content).triggers).toEqual(expected);
  });

  test("reads jobs and their steps", () => {
    const [job] = parseWorkflow(
      "jobs:\n  a:\n    runs-on: x\n    environment: b\n    steps:\n      - run: c\n      - uses: d\n        with: { script: e }\n",
    ).jobs;
    expect(job).toMatchObject({
      name: "a",
      runsOn: "x",
      isInEnvironment: true,
      steps: [
        { at: "jobs.a.steps[0]", run: "c", uses: undefined },
        { at: "jobs.a.steps[1]", uses: "d", with: { script: "e" } },
      ],
    });
    expect(job?.texts).toContainEqual(["jobs.a.steps.1.with.script", "e"]);
  });

  test("refuses what is not YAML", () => {
    expect(() => parseWorkflow("a: [")).toThrow();
  });
});

describe("expressionsIn", () => {
  test("are the texts between the braces", () => {
    expect(expressionsIn("echo ${{ github.sha }} ${{secrets.A}} ${HOME}")).toEqual(["github.sha", "secrets.A"]);
  });
});
