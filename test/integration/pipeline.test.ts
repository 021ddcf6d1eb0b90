import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { workflowFiles } from "../../github/workflow-files";
import { newAccount, scopes, type Account, type Token } from "../../rehearsal/emulators/github/account";
import { newKeys } from "../../rehearsal/emulators/github/sealed-box";
import { Emulator } from "../../rehearsal/emulators/github/server";
import { ensureEngine } from "../../rehearsal/engine/engine";
import { pulumiEnvironment, type PulumiSettings } from "../../rehearsal/engine/pulumi-environment";
import { ensurePlugins } from "../../rehearsal/engine/pulumi-home";
import { repositoryRoot } from "../../repository";

interface Finished {
  readonly code: number;
  readonly output: string;
}

const admin: Token = { login: "owner", role: "admin", scopes };
const stack = "organization/memoryloop-infra-github/dev";
const stackArguments = ["--stack", stack];
const project = join(repositoryRoot, "ops/github");

let folder: string;
let settings: PulumiSettings;
let account: Account;
let server: Server;
let baseUrl: string;
/** The section `pipeline` of the app's stack file. */
let pipeline: Record<string, unknown>;

const app = { name: "memoryloop", domain: "memoryloop.test" };
const host = { host: "203.0.113.7", port: 22, hostKey: "ssh-ed25519 AAAA", deployKeys: [] };
const image = { repository: "ghcr.io/owner/app" };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pipeline-"));
  await copyFile(join(project, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
  await mkdir(join(folder, "state"));
  await writeFile(join(folder, "passphrase"), "correct horse\n");
  const engine = await ensureEngine(() => undefined);
  const pulumiHome = join(folder, "home");
  await ensurePlugins(engine, pulumiHome, () => undefined);
  settings = {
    engine,
    pulumiHome,
    stateFolder: join(folder, "state"),
    configFile: join(folder, "Pulumi.dev.yaml"),
    passphraseFile: join(folder, "passphrase"),
    sshAgentSocket: undefined,
    githubToken: "ghp_canary",
    standIns: true,
  };
  account = newAccount("owner", "app", await newKeys());
  server = await new Emulator(account).listen(0);
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await run(folder, ["stack", "init", stack]);
  salt = await readFile(join(folder, "Pulumi.dev.yaml"), "utf8");
});

/** The text that `stack init` wrote into the stack file. */
let salt = "";

beforeEach(() => {
  account.tokens["ghp_canary"] = admin;
  pipeline = {
    owner: "owner",
    repository: "app",
    branch: "main",
    infra: { repository: "owner/infra", ref: "0".repeat(40) },
    workflowsBy: "commit",
    writeDelayMs: 0,
    baseUrl,
  };
});

afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const run = (cwd: string, words: readonly string[]): Promise<Finished> =>
  new Promise((finished) => {
    const options = { cwd, env: pulumiEnvironment(settings, process.env), timeout: 120_000 };
    execFile(settings.engine.binary, [...words, "--non-interactive"], options, (error, stdout, stderr) => {
      finished({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });

/** Writes the app's stack file with the present settings, and runs the engine on the stack of the GitHub side. */
async function pulumi(...words: string[]): Promise<Finished> {
  const config = {
    "memoryloop-infra:app": app,
    "memoryloop-infra:host": host,
    "memoryloop-infra:image": image,
    "memoryloop-infra:pipeline": pipeline,
  };
  await writeFile(join(folder, "Pulumi.dev.yaml"), `${salt}${stringify({ config })}`);
  return run(project, words);
}

const up = (...words: string[]): Promise<Finished> =>
  pulumi("up", ...stackArguments, "--yes", "--skip-preview", "--color", "never", ...words);
const preview = (): Promise<Finished> =>
  pulumi("preview", ...stackArguments, "--refresh", "--diff", "--expect-no-changes", "--color", "never");

/** The files that the app's repository should have with the present settings. */
const wanted = () =>
  workflowFiles({
    app,
    host,
    image: { ...image, platforms: [] },
    ...{ variables: {}, checks: "node", checksWorkflow: "ci.yml" },
    stack: "organization/memoryloop-infra/dev",
    branch: String(pipeline["branch"]),
    infra: pipeline["infra"] as { repository: string; ref: string },
    codeOwners: (pipeline["codeOwners"] as string[] | undefined) ?? [],
  });

const asked = async (what: string): Promise<string> => (await fetch(`${baseUrl}emulator/${what}`)).text();
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const text = (content: string | undefined): string => Buffer.from(content ?? "", "base64").toString();
const faults = (...planned: object[]) =>
  fetch(`${baseUrl}emulator/faults`, { method: "POST", body: JSON.stringify({ faults: planned }) });
const good = ({ code, output }: Finished) => ({ code, output: code === 0 ? "" : output });
const succeeded = { code: 0, output: "" };

const ciFile = ".github/workflows/ci.yml";
const main = (): Record<string, string> => account.branches["main"] ?? {};
const filesOnMain = () => Object.fromEntries(Object.entries(main()).map(([path, content]) => [path, text(content)]));

interface Resource {
  readonly type: string;
  readonly inputs?: Record<string, unknown>;
}

const state = (): Promise<string> =>
  readFile(join(folder, "state/.pulumi/stacks/memoryloop-infra-github/dev.json"), "utf8");

// The tests depend on their order: each test starts from the state that the previous test left.
describe("the GitHub side as a separate stack, with the real engine and the emulated GitHub", () => {
  test("refuses to overwrite a workflow that exists already", async () => {
    account.branches["main"] = { [ciFile]: base64("name: theirs\n") };
    account.rulesets = [{ id: 7, settings: { name: "checks", enforcement: "disabled" } }];
    const { code, output } = await up();
    expect(output).toContain("refusing to overwrite existing file");
    expect(code).not.toBe(0);
    expect(account.branches["main"][ciFile]).toBe(base64("name: theirs\n"));
    Reflect.deleteProperty(account.branches["main"], ciFile);
  });

  test("creates everything, and replaces an older ruleset of the same name", async () => {
    expect(good(await up())).toEqual(succeeded);
    expect(filesOnMain()).toEqual(wanted());
    expect(Object.keys(account.environments).sort()).toEqual(["build", "production", "retention"]);
    expect(Object.values(account.environments).map(({ policies }) => policies.map(({ name }) => name))).toEqual(
      Array.from({ length: 3 }, () => ["main"]),
    );
    expect(account.rulesets.map(({ settings }) => settings)).toMatchObject([
      { enforcement: "active", conditions: { ref_name: { include: ["refs/heads/main"] } } },
    ]);
  });

  test("commits the values that decide about the deployment as literals, with messages that start no deployment", () => {
    const deploy = filesOnMain()[".github/workflows/deploy.yml"];
    expect(deploy).toContain(`repository: "owner/infra"\n          ref: "${"0".repeat(40)}"`);
    expect(account.variables).toEqual({});
    expect(account.commits.map(({ message }) => message)).toEqual(
      account.commits.map(() => expect.stringContaining("[skip ci]") as string),
    );
  });

  test("shows no change afterwards, also after a refresh", async () => {
    expect(good(await preview())).toEqual(succeeded);
  });

  test("leaves no token in the emulator's log or the state", async () => {
    for (const where of [await asked("log"), await state()]) expect(where).not.toContain("ghp_canary");
  });

  test("the token is not an input, not even an encrypted one, so another token is not a change", async () => {
    const { resources } = (JSON.parse(await state()) as { checkpoint: { latest: { resources: Resource[] } } })
      .checkpoint.latest;
    const provider = resources.find(({ type }) => type === "pulumi:providers:github");
    expect(provider?.inputs).toMatchObject({ owner: "owner" });
    expect(provider?.inputs).not.toHaveProperty("token");
    account.tokens["ghp_another"] = admin;
    settings = { ...settings, githubToken: "ghp_another" };
    const another = await preview();
    settings = { ...settings, githubToken: "ghp_canary" };
    expect(good(another)).toEqual(succeeded);
  });

  test("shows a manual change of a workflow, and does not overwrite it", async () => {
    main()[ciFile] = base64("name: by hand\n");
    const { code, output } = await preview();
    expect(code).not.toBe(0);
    expect(output).toContain("by hand");
    expect(good(await up())).toEqual(succeeded);
    expect(main()[ciFile]).toBe(base64("name: by hand\n"));
    main()[ciFile] = base64(wanted()[ciFile] ?? "");
  });

  test("shows a manual change of an environment", async () => {
    const { production } = account.environments;
    const { settings: before } = production ?? { settings: {} };
    if (production) production.settings = { ...before, can_admins_bypass: false };
    const { code, output } = await preview();
    expect(code).not.toBe(0);
    expect(output).toContain("canAdminsBypass");
    if (production) production.settings = before;
  });

  test("only an administrator's token may commit to the branch past the ruleset", async () => {
    const put = (token: string) =>
      fetch(`${baseUrl}api/v3/repos/owner/app/contents/x`, {
        method: "PUT",
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify({ message: "x", content: "", branch: "main" }),
      });
    account.tokens["ghp_writer"] = { ...admin, login: "writer", role: "write" };
    const refused = await put("ghp_writer");
    expect(refused.status).toBe(409);
    expect(await refused.text()).toContain('Required status check \\"lint\\" is expected');
    expect((await put("ghp_canary")).status).toBe(201);
  });

  test("names the call that GitHub refuses to a token without the permission; the next up continues from there", async () => {
    account.tokens["ghp_canary"] = { ...admin, scopes: ["contents"] };
    pipeline["infra"] = { repository: "owner/other", ref: "0".repeat(40) };
    const { code, output } = await up();
    expect(code).not.toBe(0);
    expect(output).toContain("403 Resource not accessible by personal access token");
    account.tokens["ghp_canary"] = admin;
    expect(good(await up())).toEqual(succeeded);
    expect(filesOnMain()).toEqual({ ...wanted(), x: "" });
  });

  test("the message names a rate limit, and nothing is lost", async () => {
    await faults({ call: "PUT", times: 9, status: 403, message: "API rate limit exceeded for user ID 1." });
    pipeline["infra"] = { repository: "owner/third", ref: "0".repeat(40) };
    const { code, output } = await up();
    expect(code).not.toBe(0);
    expect(output).toContain("API rate limit exceeded");
    await faults();
    expect(good(await up())).toEqual(succeeded);
    expect(filesOnMain()).toEqual({ ...wanted(), x: "" });
  });

  test("another branch changes triggers, environments and ruleset", async () => {
    pipeline["branch"] = "release/next";
    account.branches["release/next"] = {};
    expect(good(await up())).toEqual(succeeded);
    const deploy = text(account.branches["release/next"][".github/workflows/deploy.yml"]);
    expect(deploy).toContain('branches: ["release/next"]');
    expect(text(account.branches["release/next"][ciFile])).toContain("github.ref_name != 'release/next'");
    expect(Object.values(account.environments).map(({ policies }) => policies.map(({ name }) => name))).toEqual(
      Array.from({ length: 3 }, () => ["release/next"]),
    );
    expect(account.rulesets[0]?.settings).toMatchObject({
      conditions: { ref_name: { include: ["refs/heads/release/next"] } },
    });
    pipeline["branch"] = "main";
    expect(good(await up())).toEqual(succeeded);
  });

  test("code owners review changes in .github/, and reviewers approve each deployment", async () => {
    Object.assign(pipeline, { codeOwners: ["@owner", "@team/infra"], reviewers: [12, 34] });
    expect(good(await up())).toEqual(succeeded);
    expect(filesOnMain()[".github/CODEOWNERS"]).toMatch(/^\/\.github\/ @owner @team\/infra$/m);
    expect(account.rulesets[0]?.settings["rules"]).toContainEqual({
      type: "pull_request",
      parameters: {
        dismiss_stale_reviews_on_push: true,
        require_code_owner_review: true,
        require_last_push_approval: false,
        required_approving_review_count: 0,
        required_review_thread_resolution: false,
      },
    });
    const reviewers = [12, 34].map((id) => ({ type: "User", id }));
    expect(account.environments["production"]?.settings).toMatchObject({ reviewers });
    expect(account.environments["build"]?.settings["reviewers"]).toBeNull();
    expect(good(await preview())).toEqual(succeeded);
    Object.assign(pipeline, { codeOwners: [], reviewers: [] });
    expect(good(await up())).toEqual(succeeded);
    expect(filesOnMain()).not.toHaveProperty(".github/CODEOWNERS");
  });

  test("names a repository that does not exist", async () => {
    pipeline["repository"] = "nowhere";
    for (const { code, output } of [await preview(), await up()]) {
      expect(code).not.toBe(0);
      expect(output).toContain("/repos/owner/nowhere");
      expect(output).not.toContain("    at ");
    }
  });

  test("names the missing key of the stack file", async () => {
    Reflect.deleteProperty(pipeline, "infra");
    const { code, output } = await preview();
    expect(code).not.toBe(0);
    expect(output).toContain("pipeline.infra");
    expect(output).toContain('next: docs/pipeline.md, "Set up"');
  });
});

/** All pull requests, the newest last. */
const pulls = () => account.pulls.map(({ state, merged, title }) => ({ state, merged, title }));
const opened = { state: "open", merged: false, title: "Workflows of memoryloop-infra [skip ci]" };
const mergedOne = { ...opened, state: "closed", merged: true };
const closedOne = { ...opened, state: "closed" };

/** Merges the newest pull request like a person with the button. GitHub then deletes the branch. */
async function merge(): Promise<void> {
  const { number } = account.pulls.at(-1) ?? { number: 0 };
  const headers = { authorization: "Bearer ghp_canary" };
  const address = `${baseUrl}api/v3/repos/owner/app`;
  const answer = await fetch(`${address}/pulls/${number}/merge`, { method: "PUT", headers });
  expect({ status: answer.status, text: answer.ok ? "" : await answer.text() }).toEqual({ status: 200, text: "" });
  await fetch(`${address}/git/refs/heads/infra/workflows`, { method: "DELETE", headers });
}

// These tests continue from the state above, but now nobody may bypass the ruleset.
describe("the workflows in a pull request", () => {
  beforeEach(() => {
    pipeline["workflowsBy"] = "pull-request";
  });

  test("the committed files are removed from the state, not deleted, as docs/pipeline.md says", async () => {
    const before = { ...main() };
    const exported = await pulumi("stack", ...stackArguments, "--show-urns");
    const urns = exported.output.match(/urn:\S+repositoryFile:RepositoryFile::\S+/g) ?? [];
    expect(urns).toHaveLength(3);
    for (const urn of urns)
      expect(good(await pulumi("state", "delete", urn, "--yes", ...stackArguments))).toEqual(succeeded);
    expect(good(await up())).toEqual(succeeded);
    expect(main()).toEqual(before);
    expect(pulls()).toEqual([]);
  });

  test("the program opens one pull request, and only one, for a branch without the workflows", async () => {
    main()[ciFile] = base64("name: theirs\n");
    const planned = await preview();
    expect(planned.output).toContain("github:index/repositoryPullRequest:RepositoryPullRequest");
    account.tokens["ghp_canary"] = { ...admin, scopes: scopes.filter((scope) => scope !== "pulls") };
    const refused = await up();
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain("403 Resource not accessible by personal access token");
    expect(pulls()).toEqual([]);
    account.tokens["ghp_canary"] = admin;
    expect(good(await up())).toEqual(succeeded);
    expect(pulls()).toEqual([opened]);
    expect(main()[ciFile]).toBe(base64("name: theirs\n"));
    expect(account.branches["infra/workflows"]?.[ciFile]).toBe(base64(wanted()[ciFile] ?? ""));
    const again = await up();
    expect(again.output).toContain("main does not have .github/workflows/ci.yml with this program's content");
    expect(pulls()).toEqual([opened]);
    expect(good(await preview())).toEqual(succeeded);
  });

  test("nobody can commit them directly, not even an admin", async () => {
    const answer = await fetch(`${baseUrl}api/v3/repos/owner/app/contents/x`, {
      method: "PUT",
      headers: { authorization: "Bearer ghp_canary" },
      body: JSON.stringify({ message: "x", content: "", branch: "main", sha: "" }),
    });
    expect(answer.status).toBe(409);
  });

  test("after the merge and without the branch: no change, no diff, and the merge starts no deployment", async () => {
    await merge();
    expect(main()[ciFile]).toBe(base64(wanted()[ciFile] ?? ""));
    expect(account.commits.at(-1)?.message).toContain("[skip ci]");
    expect(good(await preview())).toEqual(succeeded);
    expect(good(await up())).toEqual(succeeded);
    expect(good(await preview())).toEqual(succeeded);
    expect(pulls()).toEqual([mergedOne]);
  });

  test("a manual change of a workflow is shown, is not overwritten, and gets a separate pull request", async () => {
    main()[ciFile] = base64("name: by hand\n");
    const { code, output } = await preview();
    expect(code).not.toBe(0);
    expect(output).toContain("pipeline-workflows");
    expect(good(await up())).toEqual(succeeded);
    expect(main()[ciFile]).toBe(base64("name: by hand\n"));
    expect(pulls()).toEqual([mergedOne, opened]);
  });

  test("a pull request that a person closed is not opened again: a warning names the missing files", async () => {
    const last = account.pulls.at(-1);
    if (last) last.state = "closed";
    const { code, output } = await up("--refresh");
    expect(code).toBe(0);
    expect(output).toContain("or, if it is closed, read there why");
    expect(pulls()).toEqual([mergedOne, closedOne]);
  });

  test("the destroy of the stack closes an open pull request", async () => {
    main()[ciFile] = base64("name: by another hand\n");
    expect(good(await up())).toEqual(succeeded);
    expect(pulls()).toEqual([mergedOne, closedOne, opened]);
    expect(good(await pulumi("destroy", ...stackArguments, "--yes", "--skip-preview"))).toEqual(succeeded);
    expect(pulls()).toEqual([mergedOne, closedOne, closedOne]);
  });

  test("no token in the emulator's log or the state", async () => {
    for (const where of [await asked("log"), await state()]) expect(where).not.toContain("ghp_canary");
  });
});

describe("a private repository on GitHub Free", () => {
  test("gets the workflows, without environments and ruleset, and a warning names the plan", async () => {
    Object.assign(account, { environments: {}, rulesets: [], branches: { main: {} } });
    pipeline["workflowsBy"] = "commit";
    const message = "Upgrade to GitHub Pro or make this repository public to enable this feature.";
    await faults(
      { call: "rulesets", times: 99, status: 403, message },
      {
        call: "PUT .*environments",
        times: 99,
        status: 422,
        message: "Failed to create the environment protection rule",
      },
    );
    const { code, output } = await up();
    await faults();
    expect(code, output).toBe(0);
    expect(output).toContain("owner/app is private, and its GitHub plan has no environments and no rulesets");
    expect(filesOnMain()).toEqual(wanted());
    expect([account.environments, account.rulesets]).toEqual([{}, []]);
  });
});
