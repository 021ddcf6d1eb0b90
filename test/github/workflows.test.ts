import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readRepositoryFile, repositoryRoot } from "../../repository";

interface Workflow {
  readonly on: unknown;
  readonly permissions: Readonly<Record<string, string>>;
  readonly concurrency: { readonly "cancel-in-progress": boolean | string };
  readonly jobs: Readonly<Record<string, { name?: string; steps?: { run?: string }[]; permissions?: object }>>;
}

const files = ["github/workflows", ".github/workflows"].flatMap((folder) =>
  readdirSync(join(repositoryRoot, folder)).map((file) => `${folder}/${file}`),
);
const workflow = (file: string): Workflow => parse(readRepositoryFile(file)) as Workflow;

describe.each(files)("%s", (file) => {
  test("pins every action by its full commit hash, with the version beside it", () => {
    const uses = [...readRepositoryFile(file).matchAll(/uses: (?!\.\/)(.*)/g)].map(([, action]) => action);
    expect(uses.filter((action) => !/^[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action ?? ""))).toEqual([]);
  });

  test("may only read, unless a job says otherwise", () => {
    expect(workflow(file).permissions).toEqual({ contents: "read" });
  });

  test("runs one line in each step: the work is in programs that a person can run, too", () => {
    const steps = Object.values(workflow(file).jobs).flatMap((job) => job.steps ?? []);
    expect(steps.filter(({ run }) => run?.includes("\n"))).toEqual([]);
  });
});

describe("one action", () => {
  test("has one pin everywhere", () => {
    const pins = files.flatMap((file) => [...readRepositoryFile(file).matchAll(/uses: ([\w/-]+)(@[0-9a-f]{40}.*)/g)]);
    const byAction = new Map(pins.map(([, action = "", pin = ""]) => [action, pin]));
    expect(pins.map(([, action = "", pin]) => [action, pin])).toEqual(
      pins.map(([, action = ""]) => [action, byAction.get(action)]),
    );
  });
});

describe("github/workflows/deploy.yml", () => {
  test("is never cancelled mid-way", () => {
    expect(workflow("github/workflows/deploy.yml").concurrency["cancel-in-progress"]).toBe(false);
  });
});

describe("github/workflows/ci.yml", () => {
  test("has the jobs that the ruleset requires", () => {
    expect(Object.values(workflow("github/workflows/ci.yml").jobs).map(({ name }) => name)).toEqual([
      "lint",
      "typecheck",
      "test",
    ]);
  });
});
