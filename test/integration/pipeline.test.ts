import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { newAccount, scopes, type Account, type Token } from "../../rehearsal/emulators/github/account";
import { newKeys } from "../../rehearsal/emulators/github/sealed-box";
import { sealed } from "../../github/sealed";
import { Emulator } from "../../rehearsal/emulators/github/server";
import { ensureEngine } from "../../rehearsal/engine/engine";
import { pulumiEnvironment, type PulumiSettings } from "../../rehearsal/engine/pulumi-environment";
import { ensurePlugins } from "../../rehearsal/engine/pulumi-home";
import { readRepositoryFile, repositoryRoot } from "../../repository";

interface Finished {
  readonly code: number;
  readonly output: string;
}

const dsn = "https://canary-dsn@o1.ingest.example/1";
const authToken = "canary-sentry-auth-token";
const admin: Token = {
  login: "owner",
  role: "admin",
  scopes,
};

let folder: string;
let settings: PulumiSettings;
let account: Account;
let server: Server;
let baseUrl: string;
let args: Record<string, unknown>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pipeline-"));
  await cp(join(repositoryRoot, "test/integration/pipeline-project"), folder, { recursive: true });
  await symlink(join(repositoryRoot, "node_modules"), join(folder, "node_modules"));
  await mkdir(join(folder, "state"));
  await writeFile(join(folder, "passphrase"), "correct horse\n");
  const engine = await ensureEngine(() => undefined);
  const pulumiHome = join(folder, "home");
  await ensurePlugins(engine, pulumiHome, () => undefined);
  settings = {
    engine,
    pulumiHome,
    stateFolder: join(folder, "state"),
    passphraseFile: join(folder, "passphrase"),
    sshAgentSocket: undefined,
    githubToken: "ghp_canary",
    standIns: true,
  };
  account = newAccount("owner", "app", await newKeys());
  server = await new Emulator(account).listen(0);
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await pulumi("stack", "init", "dev");
});

beforeEach(() => {
  account.tokens["ghp_canary"] = admin;
  args = {
    app: { name: "memoryloop", domain: "memoryloop.test" },
    image: { repository: "ghcr.io/owner/app" },
    stack: "organization/memoryloop-infra/prod",
    owner: "owner",
    repository: "app",
    branch: "main",
    infra: { repository: "owner/infra", ref: "0".repeat(40) },
    workflowsBy: "commit",
    overwriteWorkflows: false,
    writeDelayMs: 0,
    baseUrl,
    sentryDsn: dsn,
    sentryAuthToken: authToken,
  };
});

afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const pulumi = (...words: string[]): Promise<Finished> =>
  new Promise((finished) => {
    const environment = { ...pulumiEnvironment(settings, process.env), CHECKOUT: repositoryRoot };
    const options = { cwd: folder, env: { ...environment, PIPELINE_ARGS: JSON.stringify(args) }, timeout: 120_000 };
    execFile(settings.engine.binary, [...words, "--non-interactive"], options, (error, stdout, stderr) => {
      finished({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });

const up = (...words: string[]): Promise<Finished> =>
  pulumi("up", "--stack", "dev", "--yes", "--skip-preview", "--color", "never", ...words);
const preview = (): Promise<Finished> =>
  pulumi("preview", "--stack", "dev", "--refresh", "--diff", "--expect-no-changes", "--color", "never");

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const asked = async (what: string): Promise<string> => (await fetch(`${baseUrl}emulator/${what}`)).text();
const sealedNow = async (): Promise<unknown> => JSON.parse(await asked("secrets"));
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const faults = (...planned: object[]) =>
  fetch(`${baseUrl}emulator/faults`, { method: "POST", body: JSON.stringify({ faults: planned }) });

const ciFile = ".github/workflows/ci.yml";

// One story in order: each test starts from the state the one before has left.
describe("the component Pipeline under the real engine, against the emulated GitHub", () => {
  test("refuses to overwrite a workflow that is there already", async () => {
    account.branches["main"] = { [ciFile]: base64("name: theirs\n") };
    const { code, output } = await up();
    expect(output).toContain("refusing to overwrite existing file");
    expect(code).not.toBe(0);
    expect(account.branches["main"][ciFile]).toBe(base64("name: theirs\n"));
    Reflect.deleteProperty(account.branches["main"], ciFile);
  });

  test("creates everything", async () => {
    const { code, output } = await up();
    expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
    expect(Object.keys(account.branches["main"] ?? {}).sort()).toEqual(
      ["ci", "deploy", "retention"].map((name) => `.github/workflows/${name}.yml`),
    );
    expect(Object.keys(account.environments).sort()).toEqual(["build", "production", "retention"]);
    expect(Object.values(account.environments).map(({ policies }) => policies.map(({ name }) => name))).toEqual(
      Array.from({ length: 3 }, () => ["main"]),
    );
    expect(account.variables["NEXT_PUBLIC_SENTRY_DSN"]?.value).toBe(dsn);
    expect(account.rulesets).toHaveLength(1);
  });

  test("commits the workflows as they are in this repository, so that no push of it deploys", () => {
    expect(account.branches["main"]?.[ciFile]).toBe(base64(readRepositoryFile("workflows", "ci.yml")));
    expect(account.commits.map(({ message }) => message)).toEqual(
      account.commits.map(() => expect.stringContaining("[skip ci]") as string),
    );
  });

  test("seals secrets that open to the right values", async () => {
    expect(await sealedNow()).toEqual({ "build/SENTRY_AUTH_TOKEN": sha256(authToken) });
  });

  test("is quiet afterwards, refreshed", async () => {
    expect(await preview()).toMatchObject({ code: 0 });
  });

  test("leaves no secret and no token in the emulator's log or the state", async () => {
    const state = await readFile(join(folder, "state/.pulumi/stacks/pipeline-project/dev.json"), "utf8");
    for (const text of [await asked("log"), state]) {
      expect(text).not.toContain(authToken);
      expect(text).not.toContain("ghp_canary");
    }
    expect(state).not.toContain(dsn);
  });

  test("the token is no input, not an encrypted one either: another one is no change", async () => {
    const { output } = await pulumi("stack", "export", "--stack", "dev");
    const { resources } = (JSON.parse(output) as { deployment: { resources: { type: string; inputs?: object }[] } })
      .deployment;
    const provider = resources.find(({ type }) => type === "pulumi:providers:github");
    expect(provider?.inputs).toMatchObject({ owner: "owner" });
    expect(provider?.inputs).not.toHaveProperty("token");
    account.tokens["ghp_another"] = admin;
    settings = { ...settings, githubToken: "ghp_another" };
    const another = await preview();
    settings = { ...settings, githubToken: "ghp_canary" };
    expect({ code: another.code, output: another.code === 0 ? "" : another.output }).toEqual({ code: 0, output: "" });
  });

  test("shows a workflow changed by hand, and does not overwrite it", async () => {
    (account.branches["main"] ?? {})[ciFile] = base64("name: by hand\n");
    const { code, output } = await preview();
    expect(code).not.toBe(0);
    expect(output).toContain("by hand");
    expect(await up()).toMatchObject({ code: 0 });
    expect(account.branches["main"]?.[ciFile]).toBe(base64("name: by hand\n"));
    (account.branches["main"] ?? {})[ciFile] = base64(readRepositoryFile("workflows", "ci.yml"));
  });

  test("shows a secret changed by hand, by its time: its value is for nobody to read", async () => {
    const secret = account.environments["build"]?.secrets["SENTRY_AUTH_TOKEN"] ?? expect.fail("no secret");
    const updatedAt = new Date(Date.parse(secret.updatedAt) + 60_000).toISOString();
    Object.assign(secret, { sealed: await sealed("by hand", account.keys.publicKey), updatedAt });
    const { code, output } = await preview();
    expect(code).not.toBe(0);
    expect(output).toContain("updatedAt");
    expect(await up()).toMatchObject({ code: 0 });
    expect(await sealedNow()).toEqual({ "build/SENTRY_AUTH_TOKEN": sha256("by hand") });
    expect(await up("--refresh")).toMatchObject({ code: 0 });
    expect(await sealedNow()).toEqual({ "build/SENTRY_AUTH_TOKEN": sha256(authToken) });
    expect(await preview()).toMatchObject({ code: 0 });
  });

  test("shows an environment changed by hand", async () => {
    const { production } = account.environments;
    const { settings: before } = production ?? { settings: {} };
    if (production) production.settings = { ...before, can_admins_bypass: false };
    const { code, output } = await preview();
    expect(code).not.toBe(0);
    expect(output).toContain("canAdminsBypass");
    if (production) production.settings = before;
  });

  test("keeps to the ruleset: only who may pass it commits to the branch", async () => {
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

  test("names the call that a token without the scope is refused, and goes on where it stopped", async () => {
    account.tokens["ghp_canary"] = { ...admin, scopes: ["contents"] };
    args = { ...args, infra: { repository: "owner/other", ref: "0".repeat(40) } };
    const { code, output } = await up();
    expect(code).not.toBe(0);
    expect(output).toContain("403 Resource not accessible by personal access token");
    account.tokens["ghp_canary"] = admin;
    expect(await up()).toMatchObject({ code: 0 });
    expect(account.variables["INFRA_REPOSITORY"]?.value).toBe("owner/other");
  });

  test("a rate limit is named and loses nothing", async () => {
    await faults({ call: "PATCH", times: 9, status: 403, message: "API rate limit exceeded for user ID 1." });
    args = { ...args, infra: { repository: "owner/third", ref: "0".repeat(40) } };
    const { code, output } = await up();
    expect(code).not.toBe(0);
    expect(output).toContain("API rate limit exceeded");
    await faults();
    expect(await up()).toMatchObject({ code: 0 });
    expect(account.variables["INFRA_REPOSITORY"]?.value).toBe("owner/third");
  });

  test("names a repository that does not exist", async () => {
    args = { ...args, repository: "nowhere" };
    const { code, output } = await preview();
    expect(code).not.toBe(0);
    expect(output).toContain("nowhere");
    const updated = await up();
    expect(updated.code).not.toBe(0);
    expect(updated.output).toContain("/repos/owner/nowhere");
  });
});

/** The pull requests that there were, the newest last. */
const pulls = () => account.pulls.map(({ state, merged, title }) => ({ state, merged, title }));
const opened = { state: "open", merged: false, title: "Workflows of memoryloop-infra [skip ci]" };
const mergedOne = { ...opened, state: "closed", merged: true };
const closedOne = { ...opened, state: "closed" };

/** Merges the newest as a person with the button, after which GitHub deletes the branch. */
async function merge(): Promise<void> {
  const { number } = account.pulls.at(-1) ?? { number: 0 };
  const headers = { authorization: "Bearer ghp_canary" };
  const address = `${baseUrl}api/v3/repos/owner/app`;
  const answer = await fetch(`${address}/pulls/${number}/merge`, { method: "PUT", headers });
  expect({ status: answer.status, text: answer.ok ? "" : await answer.text() }).toEqual({ status: 200, text: "" });
  await fetch(`${address}/git/refs/heads/infra/workflows`, { method: "DELETE", headers });
}

const main = (): Record<string, string> => account.branches["main"] ?? {};

// The same story, told on: nobody may pass the ruleset any more.
describe("the workflows by a pull request", () => {
  beforeEach(() => {
    args = { ...args, workflowsBy: "pull-request" };
  });

  test("the files that were committed are forgotten, not deleted, as docs/pipeline.md says", async () => {
    const before = { ...main() };
    const exported = await pulumi("stack", "--stack", "dev", "--show-urns");
    const urns = exported.output.match(/urn:\S+repositoryFile:RepositoryFile::\S+/g) ?? [];
    expect(urns).toHaveLength(3);
    for (const urn of urns)
      expect(await pulumi("state", "delete", urn, "--yes", "--stack", "dev")).toMatchObject({ code: 0 });
    expect(await up()).toMatchObject({ code: 0 });
    expect(main()).toEqual(before);
    expect(pulls()).toEqual([]);
  });

  test("one is opened for a branch that lacks them, and one only", async () => {
    main()[ciFile] = base64("name: theirs\n");
    const planned = await preview();
    expect(planned.output).toContain("github:index/repositoryPullRequest:RepositoryPullRequest");
    account.tokens["ghp_canary"] = { ...admin, scopes: scopes.filter((scope) => scope !== "pulls") };
    const refused = await up();
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain("403 Resource not accessible by personal access token");
    expect(pulls()).toEqual([]);
    account.tokens["ghp_canary"] = admin;
    expect(await up()).toMatchObject({ code: 0 });
    expect(pulls()).toEqual([opened]);
    expect(main()[ciFile]).toBe(base64("name: theirs\n"));
    expect(account.branches["infra/workflows"]?.[ciFile]).toBe(base64(readRepositoryFile("workflows", "ci.yml")));
    const again = await up();
    expect(again.output).toContain("main has another .github/workflows/ci.yml than this program");
    expect(pulls()).toEqual([opened]);
    expect(await preview()).toMatchObject({ code: 0 });
  });

  test("nobody else gets them past the ruleset, an admin neither", async () => {
    const answer = await fetch(`${baseUrl}api/v3/repos/owner/app/contents/x`, {
      method: "PUT",
      headers: { authorization: "Bearer ghp_canary" },
      body: JSON.stringify({ message: "x", content: "", branch: "main", sha: "" }),
    });
    expect(answer.status).toBe(409);
  });

  test("merged: nothing to do, no diff, with the branch gone, and the merge deploys nothing", async () => {
    await merge();
    expect(main()[ciFile]).toBe(base64(readRepositoryFile("workflows", "ci.yml")));
    expect(account.commits.at(-1)?.message).toContain("[skip ci]");
    expect(await preview()).toMatchObject({ code: 0 });
    expect(await up()).toMatchObject({ code: 0 });
    expect(await preview()).toMatchObject({ code: 0 });
    expect(pulls()).toEqual([mergedOne]);
  });

  test("a workflow changed by hand shows, is not overwritten, and gets a pull request of its own", async () => {
    main()[ciFile] = base64("name: by hand\n");
    const { code, output } = await preview();
    expect(code).not.toBe(0);
    expect(output).toContain("pipeline-workflows");
    expect(await up()).toMatchObject({ code: 0 });
    expect(main()[ciFile]).toBe(base64("name: by hand\n"));
    expect(pulls()).toEqual([mergedOne, opened]);
  });

  test("one that a person closed is not opened again: a warning says what is missing", async () => {
    const last = account.pulls.at(-1);
    if (last) last.state = "closed";
    const { code, output } = await up("--refresh");
    expect(code).toBe(0);
    expect(output).toContain("or see why it was closed");
    expect(pulls()).toEqual([mergedOne, closedOne]);
  });

  test("without a token nobody looks, and a preview goes on as things stand", async () => {
    settings = { ...settings, githubToken: undefined };
    const { code, output } = await pulumi("preview", "--stack", "dev", "--diff", "--expect-no-changes");
    settings = { ...settings, githubToken: "ghp_canary" };
    expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
  });

  test("one that waits is closed when the stack goes", async () => {
    main()[ciFile] = base64("name: by another hand\n");
    expect(await up()).toMatchObject({ code: 0 });
    expect(pulls()).toEqual([mergedOne, closedOne, opened]);
    expect(await pulumi("destroy", "--stack", "dev", "--yes", "--skip-preview")).toMatchObject({ code: 0 });
    expect(pulls()).toEqual([mergedOne, closedOne, closedOne]);
  });

  test("no token in the emulator's log or the state", async () => {
    const state = await readFile(join(folder, "state/.pulumi/stacks/pipeline-project/dev.json"), "utf8");
    for (const text of [await asked("log"), state]) expect(text).not.toContain("ghp_canary");
  });
});
