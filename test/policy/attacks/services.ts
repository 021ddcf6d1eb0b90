/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return -- attacks change inputs of every shape */
import {
  addResource,
  assign,
  fileLine,
  inputs,
  inputText,
  resource,
  type Attack,
  type Attacks,
  type Props,
} from "../../support/attack";

const bucket = (values: object): Attack => assign("backups-bucket", values);
const lifecycle = (values: object): Attack =>
  inputs("backups-bucket", ({ lifecycleRules }: Props) => {
    Object.assign((lifecycleRules as object[])[0] ?? {}, values);
  });
const key = (values: object): Attack => assign("backups-key", values);
const certificate = (values: object): Attack => assign("certificate-lineage", values);
const rollout = (values: object): Attack => assign("rollout-release", values);
const gate = (values: object): Attack =>
  inputs("rollout-release", (props: Props) => {
    Object.assign((props as { gate: object }).gate, values);
  });
const ruleset = (change: (props: Props) => void): Attack => inputs("pipeline-checks", change);

const ci = (from: string | RegExp, to: string): Attack => inputText("pipeline-ci", "content", from, to);
const deploy = (from: string | RegExp, to: string): Attack => inputText("pipeline-deploy", "content", from, to);
const ciStep = (step: string): Attack => ci("- run: npm ci", `${step}\n      - run: npm ci`);
const script = (expression: string): Attack => ciStep(`- run: echo "\${{ ${expression} }}"`);
const token = `ghp_${"a1".repeat(18)}`;
const privateKey = "-----BEGIN OPENSSH PRIVATE KEY-----\n";

export const serviceAttacks: Attacks = {
  "certificate-for-name": {
    "another name": certificate({ domains: ["other.test"] }),
    "second certificate": addResource("vps:index:Certificate", { domains: ["memoryloop.test"] }),
  },
  "certificate-remaining": {
    "ten days": certificate({ expiresAt: new Date(Date.now() + 10.5 * 86_400_000).toISOString() }),
  },
  "certificate-authority": { "plain http": certificate({ server: "http://acme.test/directory" }) },

  "secret-plain-text": {
    "token in a label": inputs("memoryloop", ({ labels }) => (labels[0].value = token)),
    "secret of the configuration in a label": inputs("memoryloop", ({ labels }) => {
      labels[0].value = "correct horse battery staple";
    }),
    "secret of the configuration in a workflow": inputText(
      "pipeline-ci",
      "content",
      /$/,
      "# correct horse battery staple",
    ),
    "token in a unit": fileLine("host-app-logs", "/etc/systemd/system/memoryloop-logs.timer", `# ${token}`),
    "password in an address": fileLine(
      "host-app-logs",
      "/etc/systemd/system/memoryloop-logs.timer",
      "# postgres://app:horse@db.example.com/app",
    ),
    "token in a configuration file": fileLine("nginx-files", "/etc/nginx/nginx.conf", `# ${token}`),
    "token in a trigger": inputs("host-packages", ({ triggers }) => triggers.push(token)),
  },
  "secret-private-key": {
    "in an environment file": fileLine("backups-environment", "/opt/memoryloop/config/backup.env", privateKey),
    "in a label": inputs("memoryloop", ({ labels }) => (labels[0].value = privateKey)),
  },

  "rollout-serves": {
    "container without a Rollout": (stack) => (resource(stack, "rollout-release").dependencies = []),
  },
  "rollout-gate": {
    "any version": inputs("rollout-release", (props) => delete props.gate.version),
    "previous version": gate({ version: "0000000" }),
    "no check of the database": gate({ criticalChecks: [] }),
  },
  "rollout-assets": {
    "data of the app": rollout({ keepAssets: { "/files/": "/app/data" } }),
    "variables of the app": rollout({ keepAssets: { "/files/": "/app" } }),
    "folder of nobody": rollout({ keepAssets: { "/": "/" } }),
  },
  "rollout-limits": {
    "slow answers": gate({ answerSeconds: 31 }),
    "more retries": gate({ retries: 4 }),
    "gate of an hour": gate({ deadlineSeconds: 3600 }),
    "no drain": rollout({ drainSeconds: 0 }),
    "late revert": rollout({ confirmSeconds: 600 }),
    "hard stop": rollout({ stopSeconds: 1 }),
    "few images": rollout({ keepImages: 2 }),
    "many processes": rollout({ pidsLimit: 100_000 }),
  },

  "bucket-settings": {
    public: bucket({ bucketType: "allPublic" }),
    unencrypted: inputs("backups-bucket", (props) => delete props.defaultServerSideEncryption),
    "not protected": (stack) => (resource(stack, "backups-bucket").protect = false),
  },
  "bucket-lifecycle": {
    "permanent backups deleted": lifecycle({ fileNamePrefix: "" }),
    "permanent backups deleted by name": lifecycle({ fileNamePrefix: "permanent/2026" }),
    "backups hidden by age": lifecycle({ daysFromUploadingToHiding: 7 }),
    "hidden backups deleted after a day": lifecycle({ daysFromHidingToDeleting: 1 }),
  },
  "backup-key": {
    "can delete": key({ capabilities: ["listFiles", "writeFiles", "deleteFiles"] }),
    "can make keys": key({ capabilities: ["listBuckets", "writeKeys"] }),
    "all buckets": inputs("backups-key", (props) => delete props.bucketIds),
    "second bucket": inputs("backups-key", ({ bucketIds }) => bucketIds.push("other")),
  },

  "github-repository": {
    "another repository": assign("pipeline-ci", { repository: "other" }),
    "another repository of an environment": assign("pipeline-production", { repository: "other" }),
    "code of the app": assign("pipeline-ci", { file: "package.json" }),
    "action of the app": assign("pipeline-ci", { file: ".github/actions/setup/action.yml" }),
    "another branch": assign("pipeline-ci", { branch: "feature" }),
  },
  "github-provider": {
    "another owner": assign("pipeline-github", { owner: "somebody" }),
    "plain http": assign("pipeline-github", { baseUrl: "http://github.example.com/" }),
    "token as an input": assign("pipeline-github", { token: "opaque" }),
  },
  "ruleset-active": {
    disabled: ruleset((props) => (props.enforcement = "disabled")),
    "only evaluated": ruleset((props) => (props.enforcement = "evaluate")),
    "for tags": ruleset((props) => (props.target = "tag")),
    "for another branch": ruleset((props) => (props.conditions.refName.includes = ["refs/heads/other"])),
    "with an exception": ruleset((props) => (props.conditions.refName.excludes = ["~DEFAULT_BRANCH"])),
    "deletion allowed": ruleset((props) => (props.rules.deletion = false)),
    "history can change": ruleset((props) => delete props.rules.nonFastForward),
    "no checks": ruleset((props) => delete props.rules.requiredStatusChecks),
    "writers may pass": ruleset((props) =>
      props.bypassActors.push({ actorId: 4, actorType: "RepositoryRole", bypassMode: "always" }),
    ),
    "an app may pass": ruleset((props) =>
      props.bypassActors.push({ actorId: 99, actorType: "Integration", bypassMode: "always" }),
    ),
  },
  "environment-branch": {
    "no policy": inputs("pipeline-production", (props) => delete props.deploymentBranchPolicy),
    "protected branches": inputs("pipeline-production", (props) => {
      props.deploymentBranchPolicy = { protectedBranches: true, customBranchPolicies: false };
    }),
    "every branch": assign("pipeline-production-branch", { branchPattern: "*" }),
    "pattern of branches": assign("pipeline-production-branch", { branchPattern: "release/*" }),
    "another branch": assign("pipeline-production-branch", { branchPattern: "feature" }),
    "every tag": assign("pipeline-production-branch", { tagPattern: "*" }),
  },

  "workflow-pinned": {
    "action by tag": ci(/actions\/checkout@[0-9a-f]{40}/, "actions/checkout@v5"),
    "action by branch": ci(/actions\/checkout@[0-9a-f]{40}/, "actions/checkout@main"),
    "action in quotes": ciStep('- uses: "somebody/action@v1"'),
    "action in a mapping": ciStep("- { uses: somebody/action@v1 }"),
    "image by tag": ciStep("- uses: docker://alpine:3"),
    "workflow of somebody": deploy(
      "uses: ./.github/workflows/ci.yml",
      "uses: somebody/workflows/.github/workflows/ci.yml@main",
    ),
  },
  "workflow-permissions": {
    "write all": ci("permissions:\n  contents: read", "permissions: write-all"),
    "default of the repository": ci("permissions:\n  contents: read\n", ""),
    "write at the top": ci("contents: read", "contents: write"),
    "write all at a job": deploy(
      "    permissions:\n      contents: read\n      packages: write # pushes the image",
      "    permissions: write-all",
    ),
    "contents at a job": deploy("contents: read\n      packages: write", "contents: write\n      packages: write"),
    "actions at a job": deploy("packages: write # pushes", "actions: write # pushes"),
  },
  "workflow-triggers": Object.fromEntries(
    ["pull_request_target", "workflow_run", "issue_comment", "issues", "repository_dispatch"].map((trigger) => [
      trigger,
      deploy("on:\n", `on:\n  ${trigger}:\n`),
    ]),
  ),
  "workflow-injection": {
    ...Object.fromEntries(
      [
        ...["github.head_ref", "github.event.pull_request.title", "github.event.head_commit.message"],
        ...["github.event.issue.body", "github.event['comment'].body", "github['head_ref']", "github.ref_name"],
        ...["toJSON(github)", "toJSON(github.event)", "inputs.name", "format('{0}', github.head_ref)"],
      ].map((expression) => [expression, script(expression)]),
    ),
    "script of an action": ciStep(
      `- uses: actions/github-script@${"0a".repeat(20)}\n        with:\n          script: console.log("\${{ github.event.pull_request.title }}")`,
    ),
  },
  "workflow-runner": {
    "runner of one's own": ci("runs-on: ubuntu-24.04", "runs-on: self-hosted"),
    "runner of one's own in a list": ci("runs-on: ubuntu-24.04", "runs-on: [self-hosted, linux]"),
    "runner of a group": ci("runs-on: ubuntu-24.04", "runs-on: { group: own }"),
    "runner that an expression names": ci("runs-on: ubuntu-24.04", "runs-on: ${{ vars.RUNNER }}"),
  },
  "workflow-secrets": {
    "in env of the workflow": deploy("permissions:\n", "env:\n  TOKEN: ${{ secrets.TOKEN }}\npermissions:\n"),
    "in env of a job": deploy(
      "    environment: build\n",
      "    environment: build\n    env:\n      TOKEN: ${{ secrets.TOKEN }}\n",
    ),
    "in a job for pull requests": ciStep("- run: npm ci\n        env:\n          TOKEN: ${{ secrets.TOKEN }}"),
    "in a job without an environment": deploy("    environment: build\n", ""),
    "all of them": deploy("${{ secrets.SENTRY_AUTH_TOKEN }}", "${{ toJSON(secrets) }}"),
    "all of them for another workflow": deploy(
      "    uses: ./.github/workflows/ci.yml",
      "    secrets: inherit\n    uses: ./.github/workflows/ci.yml",
    ),
  },
};
