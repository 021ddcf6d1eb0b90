import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname, tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { newAccount, nextId, type Account, type PackageVersion } from "../../rehearsal/emulators/github/account";
import { newKeys } from "../../rehearsal/emulators/github/sealed-box";
import { Emulator } from "../../rehearsal/emulators/github/server";
import { pulumiEnvironment } from "../../rehearsal/engine/pulumi-environment";
import { stackName } from "../../rehearsal/pulumi";
import { repository } from "../../rehearsal/stack";
import { readRepositoryFile, repositoryRoot } from "../../repository";
import { pushIndex, type PushedIndex } from "../support/image-index";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";

const tag = "a0000ac";
const canary = "ghp_canary0123456789abcdef";

let system: DeployedWorld;
let account: Account;
let server: Server;
let apiUrl: string;
const folder = mkdtempSync(join(tmpdir(), "steps-"));

beforeAll(async () => {
  system = await DeployedWorld.open();
  await system.release(tag);
  account = newAccount("owner", "app", await newKeys());
  account.tokens[canary] = { login: "actions", role: "write", scopes: ["issues", "packages", "deployments"] };
  server = await new Emulator(account).listen(0);
  apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v3`;
});

afterAll(() => server.close());

/** The command of the workflow step that runs this program. */
function stepOf(file: string[], program: string): string {
  const { jobs } = parse(readRepositoryFile(...file)) as { jobs: Record<string, { steps?: { run?: string }[] }> };
  const steps = Object.values(jobs).flatMap((job) => job.steps ?? []);
  const found = steps.map(({ run }) => run ?? "").find((run) => run.includes(program));
  if (found === undefined) throw new Error(`${file.join("/")} runs no ${program}`);
  expect(found.split("\n")).toHaveLength(1);
  return found;
}

/** Runs the command of a step as the runner does, with the rehearsal's engine on PATH. */
function runStep(line: string, environment: NodeJS.ProcessEnv): Promise<{ code: number; output: string }> {
  const base = pulumiEnvironment(system.pulumi.settings, process.env);
  const child = spawn("bash", ["-e", "-c", line], {
    cwd: repositoryRoot,
    env: { ...base, PULUMI_STACK: stackName, ...environment },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  return new Promise((resolve) => {
    child.once("close", (code) => {
      resolve({ code: code ?? 1, output });
    });
  });
}

const summaryFile = (name: string): string => join(folder, name);

const github = () => ({ GITHUB_REPOSITORY: "owner/app", GITHUB_API_URL: apiUrl, GITHUB_TOKEN: canary });

const lockFile = (): string =>
  join(system.pulumi.settings.stateFolder, ".pulumi/locks/organization/memoryloop-infra/rehearsal/0.json");

/** Locks the stack in the name of an ended run of this machine, or of another machine. */
function lock(by: { username?: string; hostname?: string }): void {
  const own = { username: userInfo().username, hostname: hostname() };
  mkdirSync(dirname(lockFile()), { recursive: true });
  writeFileSync(lockFile(), JSON.stringify({ pid: 999_999, timestamp: "2026-11-23T22:00:00Z", ...own, ...by }));
}

/** The images in the stack's outputs, deployed and previous, as the oldest versions of the package. */
async function deployedVersions(): Promise<PackageVersion[]> {
  const outputs = await system.outputs();
  const releases = outputs["releases"] as { tag: string; digest: string }[];
  const inUse = [outputs["imageTag"], outputs["previousImageTag"]];
  const at = "2020-01-01T00:00:00Z";
  return releases
    .filter(({ tag: name }) => inUse.includes(name))
    .map(({ tag: name, digest }) => ({ id: nextId(account), name: digest, created_at: at, tags: [name] }));
}

/** The versions of an image in the form of GHCR's list: the index has a tag, its parts have none. */
function versionsOf({ digest, parts }: PushedIndex, age: number): PackageVersion[] {
  const createdAt = `2026-11-0${age + 1}T00:00:00Z`;
  const version = (name: string, tags: string[]) => ({ id: nextId(account), name, created_at: createdAt, tags });
  return [...parts.map((part) => version(part, [])), version(digest, [`b${age + 1}`])];
}

// The tests depend on their order: each test starts from the state that the previous test left.
describe("the steps of the workflows, run on this machine", () => {
  test("deploy.yml deploys the tag and writes it into the summary", async () => {
    const line = stepOf(["github", "workflows", "deploy.yml"], "ci/deploy.js");
    const { code, output } = await runStep(line, { IMAGE_TAG: tag, GITHUB_STEP_SUMMARY: summaryFile("deploy") });
    expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
    expect(await system.health()).toMatchObject({ status: 200, body: { version: tag } });
    const summary = readFileSync(summaryFile("deploy"), "utf8");
    expect(summary).toContain(`Deployed \`${tag}\``);
    expect(summary).toContain("memoryloop-infra@v1.0.0");
    expect(summary).not.toContain("[mandatory]");
  });

  test("the deploy job clears the lock of a killed run of this machine, and names the holder of any other lock", async () => {
    const line = stepOf(["github", "workflows", "deploy.yml"], "ci/deploy.js");
    lock({});
    const cleared = await runStep(line, { IMAGE_TAG: tag });
    expect(cleared.output).toContain("the lock is from a job that was killed");
    expect(cleared.code).toBe(0);
    lock({ username: "somebody", hostname: "elsewhere" });
    const refused = await runStep(line, { IMAGE_TAG: tag });
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain("the stack is locked by somebody on elsewhere (process 999999)");
    expect(refused.output).toContain(`pulumi cancel --yes --stack ${stackName}`);
  });

  test("ops doctor names and keeps the lock of another machine, and clears the lock of a killed run of this machine", async () => {
    const file = system.pulumi.settings.configFile ?? expect.fail("no stack file");
    const doctor = `node dist/ops.cjs doctor --stack ${stackName} --config-file ${file}`;
    lock({ username: "somebody", hostname: "elsewhere" });
    const named = await runStep(doctor, {});
    expect(named.code).toBe(1);
    expect(named.output).toContain("FAIL  the stack is not locked: the stack is locked by somebody on elsewhere");
    expect(named.output).toContain(`pulumi cancel --yes --stack ${stackName}`);
    expect(existsSync(lockFile())).toBe(true);
    lock({});
    const cleared = await runStep(doctor, {});
    expect(cleared.output).toContain("ok    the stack is not locked: the lock of process 999999 of this machine");
    expect(existsSync(lockFile())).toBe(false);
    expect((await runStep(doctor, {})).output).toContain("ok    the stack is not locked\n");
  });

  test("preview.yml creates one comment, and updates it in the next run", async () => {
    const comment = stepOf([".github", "workflows", "preview.yml"], "ci/comment.js");
    const environment = { PULL_REQUEST: "7", ...github() };
    for (const text of ["the first preview", "the second preview"])
      expect(await runStep(comment, { COMMENT: text, ...environment })).toMatchObject({ code: 0 });
    expect(account.comments).toHaveLength(1);
    expect(account.comments[0]?.body).toContain("the second preview");
  });

  test("drift.yml prints nothing without drift, and shows a manual change", async () => {
    const line = stepOf([".github", "workflows", "drift.yml"], "ci/drift.js");
    const quiet = await runStep(line, { GITHUB_STEP_SUMMARY: summaryFile("quiet") });
    expect({ code: quiet.code, output: quiet.code === 0 ? "" : quiet.output }).toEqual({ code: 0, output: "" });
    expect(readFileSync(summaryFile("quiet"), "utf8")).toContain("## No drift");
    const edited = "/etc/nginx/snippets/ssl-params.conf";
    await system.onVps(`echo '# by hand' >> ${edited}`);
    const drifted = await runStep(line, { GITHUB_STEP_SUMMARY: summaryFile("drift") });
    await system.onVps(`sed -i '$d' ${edited}`);
    expect(drifted.code).not.toBe(0);
    expect(readFileSync(summaryFile("drift"), "utf8")).toMatch(/^## Drift\n[^]*# by hand/);
  });

  test("the scan of the state finds nothing, and names a plain-text secret without its value", async () => {
    const line = stepOf([".github", "workflows", "drift.yml"], "ops/state/main.js");
    const good = await runStep(line, {});
    expect(good.output).toMatch(/^\d+ resources scanned, 0 problem\(s\) found$/m);
    expect(good.code).toBe(0);
    const copy = system.otherState();
    const state = (await system.pulumiRun(["stack", "export"], copy)).output;
    const planted = state.replace('"logging": "none"', `"logging": "none", "stdin": "${canary}"`);
    await system.pulumiRun(["stack", "import"], { ...copy, stdin: planted });
    const bad = await runStep(line, copy.environment ?? {});
    expect(bad.code).toBe(1);
    expect(bad.output).toMatch(
      /command:remote:Command::\S+\n  inputs\.stdin stores a GitHub token in plain text \(not shown\)/,
    );
    expect(bad.output).not.toContain(canary);
  });

  test("retention.yml lists the images to delete, deletes them in CI, and never deletes a deployed image of any age", async () => {
    const line = stepOf(["github", "workflows", "retention.yml"], "retention/main.js");
    const { registry } = system.world;
    const place = `http://${registry.address}/v2/${repository}`;
    const images = await Promise.all(["b1", "b2", "b3", "b4", "b5", "b6"].map((name) => pushIndex(place, name)));
    const before = [...(await deployedVersions()), ...images.flatMap((image, age) => versionsOf(image, age))];
    account.packages["memoryloop"] = before;
    const environment = {
      ...github(),
      IMAGE_REPOSITORY: `${registry.address}/${repository}`,
      CI: "",
    };
    const dry = await runStep(line, environment);
    expect({ code: dry.code, output: dry.code === 0 ? "" : dry.output }).toEqual({ code: 0, output: "" });
    expect(dry.output).toContain("nothing was deleted: --no-dry-run deletes");
    expect(account.packages["memoryloop"]).toEqual(before);
    expect(await runStep(line, { ...environment, CI: "true" })).toMatchObject({ code: 0 });
    const gone = new Set([images[0]?.digest, ...(images[0]?.parts ?? [])]);
    expect(account.packages["memoryloop"]).toEqual(before.filter(({ name }) => !gone.has(name)));
    const again = await runStep(line, { ...environment, CI: "true" });
    expect(again.output).toContain(" 0 to delete");
  });

  test("no secret is in a comment, a summary or GitHub's log", async () => {
    const log = await (await fetch(apiUrl.replace("api/v3", "emulator/log"))).text();
    const files = readdirSync(folder).map((name) => readFileSync(summaryFile(name), "utf8"));
    expect(files.length).toBeGreaterThanOrEqual(3);
    const texts = [log, JSON.stringify(account.comments), ...files];
    const passphrase = readFileSync(system.pulumi.settings.passphraseFile, "utf8");
    for (const text of texts) {
      expect(text).not.toContain(canary);
      expect(text).not.toContain(passphrase);
      expect(text).not.toMatch(/rehearsal-[0-9a-f]{24}/);
    }
  });
});
