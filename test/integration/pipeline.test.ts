import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { newAccount, type Account, type Token } from "../../rehearsal/emulators/github/account";
import { newKeys } from "../../rehearsal/emulators/github/sealed-box";
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
  scopes: ["secrets", "contents", "workflows", "administration", "packages", "deployments", "issues"],
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

const up = (): Promise<Finished> => pulumi("up", "--stack", "dev", "--yes", "--skip-preview", "--color", "never");
const preview = (): Promise<Finished> =>
  pulumi("preview", "--stack", "dev", "--refresh", "--diff", "--expect-no-changes", "--color", "never");

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const asked = async (what: string): Promise<string> => (await fetch(`${baseUrl}emulator/${what}`)).text();
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
    expect(JSON.parse(await asked("secrets"))).toEqual({ "build/SENTRY_AUTH_TOKEN": sha256(authToken) });
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

  test("shows a workflow changed by hand, and does not overwrite it", async () => {
    (account.branches["main"] ?? {})[ciFile] = base64("name: by hand\n");
    const { code, output } = await preview();
    expect(code).not.toBe(0);
    expect(output).toContain("by hand");
    expect(await up()).toMatchObject({ code: 0 });
    expect(account.branches["main"]?.[ciFile]).toBe(base64("name: by hand\n"));
    (account.branches["main"] ?? {})[ciFile] = base64(readRepositoryFile("workflows", "ci.yml"));
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
