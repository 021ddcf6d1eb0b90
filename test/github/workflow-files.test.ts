import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { variablesSchema } from "../../config/variables";
import { workflowFiles, type WorkflowValues } from "../../github/workflow-files";

const values: WorkflowValues = {
  app: { name: "memoryloop", domain: "memoryloop.test" },
  host: { host: "203.0.113.7", port: 22, hostKey: "ssh-ed25519 AAAA", deployKeys: [] },
  image: { repository: "ghcr.io/owner/app", platforms: [] },
  variables: variablesSchema.parse({
    PUBLIC_URL: { scope: "both", default: "https://notes.example.com" },
    DSN: { scope: "both" },
    UPLOAD_TOKEN: { scope: "build", secret: true },
    API_KEY: { secret: true },
  }),
  ...{ checks: "node", checksWorkflow: "checks.yml" },
  branch: "trunk",
  infra: { repository: "owner/infra", ref: "a".repeat(40) },
  stack: "organization/memoryloop-infra/prod",
  stateUrl: "s3://state?region=eu",
  codeOwners: [],
};

interface Step {
  readonly run?: string;
  readonly with?: Record<string, string>;
  readonly env?: Record<string, string>;
}
interface Workflow {
  readonly on: unknown;
  readonly jobs: Record<string, { readonly steps?: readonly Step[] }>;
}

const deploy = (of = values): Workflow => parse(workflowFiles(of)[".github/workflows/deploy.yml"] ?? "") as Workflow;

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

  test("with a deploy key, the deploy job is one ssh command to the literal server, and has one secret", () => {
    const keys = ["ssh-ed25519 AAAA ci@github"];
    const job = deploy({ ...values, host: { ...values.host, deployKeys: keys } }).jobs["deploy"];
    expect(job?.steps).toEqual([
      {
        run: String.raw`ssh-agent bash -c "ssh-add -q - <<<\"\$DEPLOY_SSH_KEY\" && exec ssh -T -p 22 -l memoryloop-deploy -o BatchMode=yes -o ServerAliveInterval=15 -o StrictHostKeyChecking=yes -o UserKnownHostsFile=/dev/null -o HostKeyAlias=vps -o 'KnownHostsCommand=/bin/echo vps ssh-ed25519 AAAA' 203.0.113.7 \"deploy \$IMAGE_TAG\""`,
        env: { IMAGE_TAG: "${{ github.sha }}", DEPLOY_SSH_KEY: "${{ secrets.DEPLOY_SSH_KEY }}" },
      },
    ]);
    expect(JSON.stringify(job).match(/secrets\.\w+/g)).toEqual(["secrets.DEPLOY_SSH_KEY"]);
  });

  test("both kinds of deploy.yml differ in the deploy job only", () => {
    const byServer = deploy({ ...values, deployBy: "server" });
    const byEngine = deploy({ ...values, deployBy: "engine" });
    expect(deploy()).toEqual(byEngine);
    expect({ ...byServer, jobs: { ...byServer.jobs, deploy: byEngine.jobs["deploy"] } }).toEqual(byEngine);
  });

  test("the branch reaches the triggers", () => {
    expect(deploy().on).toEqual({ push: { branches: ["trunk"], "paths-ignore": [".github/**"] } });
    const ci = parse(workflowFiles(values)[".github/workflows/ci.yml"] ?? "") as Workflow;
    expect(ci.on).toMatchObject({ push: { "branches-ignore": ["trunk"] } });
  });

  const buildStep = (change: Partial<WorkflowValues> = {}) => {
    const text = workflowFiles({ ...values, ...change })[".github/workflows/deploy.yml"] ?? "";
    return (parse(text) as Workflow).jobs["build"]?.steps?.at(-1)?.with;
  };

  test("the build gets its variables: plain ones as arguments, secrets as build secrets, values from GitHub where the stack file has none", () => {
    expect(buildStep()).toMatchObject({
      platforms: "",
      "build-args": "PUBLIC_URL=https://notes.example.com\nDSN=${{ secrets.DSN }}\n",
      secrets: "UPLOAD_TOKEN=${{ secrets.UPLOAD_TOKEN }}\n",
    });
    expect(buildStep({ variables: {} })).toMatchObject({ "build-args": "", secrets: "" });
  });

  test("the platforms reach the build", () => {
    const image = { repository: "ghcr.io/owner/app", platforms: ["linux/amd64", "linux/arm64"] };
    expect(buildStep({ image })?.["platforms"]).toBe("linux/amd64,linux/arm64");
  });

  test("the checks are those of Node.js, of Python, or of the app's own workflow", () => {
    const ciOf = (checks: WorkflowValues["checks"]) => {
      const files = workflowFiles({ ...values, checks });
      const { jobs } = parse(files[".github/workflows/deploy.yml"] ?? "") as { jobs: { ci: { uses: string } } };
      const ci = files[".github/workflows/ci.yml"];
      return { uses: jobs.ci.uses, jobs: ci && Object.keys((parse(ci) as Workflow).jobs) };
    };
    expect(ciOf("node")).toEqual({ uses: "./.github/workflows/ci.yml", jobs: ["lint", "typecheck", "test"] });
    expect(ciOf("python")).toEqual({ uses: "./.github/workflows/ci.yml", jobs: ["lint", "test"] });
    expect(ciOf("own")).toEqual({ uses: "./.github/workflows/checks.yml", jobs: undefined });
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
