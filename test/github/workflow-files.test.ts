import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { workflowFiles, type WorkflowValues } from "../../github/workflow-files";

const values: WorkflowValues = {
  app: { domain: "memoryloop.test" },
  image: { repository: "ghcr.io/owner/app" },
  branch: "trunk",
  infra: { repository: "owner/infra", ref: "a".repeat(40) },
  stack: "organization/memoryloop-infra/prod",
  stateUrl: "s3://state?region=eu",
  codeOwners: [],
};

interface Step {
  readonly with?: Record<string, string>;
  readonly env?: Record<string, string>;
}
interface Workflow {
  readonly on: unknown;
  readonly jobs: Record<string, { readonly steps?: readonly Step[] }>;
}

const deploy = (): Workflow => parse(workflowFiles(values)[".github/workflows/deploy.yml"] ?? "") as Workflow;

describe("workflowFiles", () => {
  test("no file depends on a variable of the repository, which every collaborator can change", () => {
    for (const text of Object.values(workflowFiles(values))) expect(text).not.toMatch(/\bvars\./);
  });

  test("the deploy job checks out the literal commit of the literal repository", () => {
    const [checkout] = deploy().jobs["deploy"]?.steps ?? [];
    expect(checkout?.with).toMatchObject({ repository: "owner/infra", ref: "a".repeat(40) });
  });

  test("stack and state are literals, too: another backend would get the jobs' keys", () => {
    const environments = (deploy().jobs["deploy"]?.steps ?? []).flatMap(({ env }) => (env ? [env] : []));
    expect(environments).toMatchObject([{ PULUMI_STACK: values.stack, PULUMI_BACKEND_URL: values.stateUrl }]);
  });

  test("the deploy job gets no token that could change the GitHub side", () => {
    expect(JSON.stringify(deploy().jobs["deploy"])).not.toContain("PIPELINE_TOKEN");
  });

  test("the branch reaches the triggers", () => {
    expect(deploy().on).toEqual({ push: { branches: ["trunk"], "paths-ignore": [".github/**"] } });
    const ci = parse(workflowFiles(values)[".github/workflows/ci.yml"] ?? "") as Workflow;
    expect(ci.on).toMatchObject({ push: { "branches-ignore": ["trunk"] } });
  });

  test("no placeholder is left", () => {
    for (const text of Object.values(workflowFiles(values))) expect(text).not.toMatch(/(?<!\$)\{\{/);
  });

  test("code owners own .github/, and without any there is no such file", () => {
    expect(workflowFiles(values)).not.toHaveProperty(".github/CODEOWNERS");
    const owned = workflowFiles({ ...values, codeOwners: ["@a", "@o/team"] })[".github/CODEOWNERS"];
    expect(owned?.split("\n").at(-2)).toBe("/.github/ @a @o/team");
  });
});
