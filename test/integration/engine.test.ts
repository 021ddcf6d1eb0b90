import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureEngine } from "../../rehearsal/engine/engine";
import type { PulumiSettings } from "../../rehearsal/engine/pulumi-environment";
import { pulumiEnvironment } from "../../rehearsal/engine/pulumi-environment";
import { repositoryRoot } from "../../repository";

interface Finished {
  readonly code: number;
  readonly output: string;
}

let folder: string;
let settings: PulumiSettings;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "engine-"));
  await cp(join(repositoryRoot, "test/integration/engine-project"), folder, { recursive: true });
  await symlink(join(repositoryRoot, "node_modules"), join(folder, "node_modules"));
  await mkdir(join(folder, "state"));
  await writeFile(join(folder, "passphrase"), "correct horse\n");
  settings = {
    engine: await ensureEngine(() => undefined),
    pulumiHome: join(folder, "home"),
    stateFolder: join(folder, "state"),
    passphraseFile: join(folder, "passphrase"),
    sshAgentSocket: undefined,
    standIns: true,
  };
  expect(await pulumi("stack", "init", "dev")).toMatchObject({ code: 0 });
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const pulumi = (...args: string[]): Promise<Finished> => pulumiWith({}, ...args);

const pulumiWith = (variables: NodeJS.ProcessEnv, ...args: string[]): Promise<Finished> =>
  new Promise((finished) => {
    const options = {
      cwd: folder,
      env: { ...pulumiEnvironment(settings, process.env), ...variables },
      timeout: 120_000,
    };
    execFile(settings.engine.binary, [...args, "--non-interactive"], options, (error, stdout, stderr) => {
      finished({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });

const up = (...args: string[]): Promise<Finished> => pulumi("up", "--stack", "dev", "--yes", "--skip-preview", ...args);

const outputs = async (): Promise<unknown> =>
  JSON.parse((await pulumi("stack", "output", "--stack", "dev", "--json")).output);

// The tests depend on their order: each test starts from the state that the previous test left.
describe("the engine with our language host", () => {
  test("runs a program and a project plugin", async () => {
    const { code, output } = await up();
    expect(output).toContain(`working directory: ${folder}`);
    expect({ code, outputs: await outputs() }).toEqual({
      code: 0,
      outputs: { text: "hello", length: 5, before: "nothing" },
    });
  });

  test("prints no warning", async () => {
    expect((await up()).output).not.toContain("warning");
  });

  test("finds no change in the same program", async () => {
    expect(await up("--expect-no-changes")).toMatchObject({ code: 0 });
  });

  test("gives the program its stack's last outputs", async () => {
    expect(await up("-c", "text=good day")).toMatchObject({ code: 0 });
    expect(await outputs()).toEqual({ text: "good day", length: 8, before: "hello" });
  });

  test("previews a change without making it", async () => {
    const { code, output } = await pulumi("preview", "--stack", "dev", "-c", "text=good night");
    expect({ code, changes: output.includes("1 to update"), outputs: await outputs() }).toEqual({
      code: 0,
      changes: true,
      outputs: { text: "good day", length: 8, before: "hello" },
    });
  });

  test("refreshes", async () => {
    expect(await pulumi("refresh", "--stack", "dev", "--yes", "--skip-preview")).toMatchObject({ code: 0 });
  });

  test("reports a program's error and fails", async () => {
    const { code, output } = await pulumiWith({ ENGINE_PROJECT_FAILS: "1" }, "up", "-s", "dev", "--yes");
    expect(code).toBeGreaterThan(0);
    expect(output).toContain("error: the program says no");
    expect(output).not.toContain("non-zero exit code");
  });

  // The second fact is the reason for components/keep-outputs.ts.
  test("keeps the outputs when a resource fails, and prints them all as deleted", async () => {
    const before = await outputs();
    const { code, output } = await up("-c", "text=refused");
    expect({ fails: code > 0, isPrinted: / - text/.test(output) }).toEqual({ fails: true, isPrinted: true });
    expect(await outputs()).toEqual(before);
  });

  test("prints no output as deleted if the program has registered outputs early", async () => {
    const before = await outputs();
    const { code, output } = await pulumiWith(
      { ENGINE_PROJECT_KEEPS: "1" },
      "up",
      "-s",
      "dev",
      "--yes",
      "--skip-preview",
    );
    expect({ fails: code > 0, isPrinted: / - text/.test(output) }).toEqual({ fails: true, isPrinted: false });
    expect(output).toContain(`text  : "good day"`);
    expect(await outputs()).toEqual(before);
  });

  test("encrypts a secret in state and stack file", async () => {
    expect(await pulumi("config", "set", "--stack", "dev", "--secret", "secret", "hunter2")).toMatchObject({ code: 0 });
    expect(await up("-c", "text=farewell")).toMatchObject({ code: 0 });
    const state = await readFile(join(folder, "state/.pulumi/stacks/engine-project/dev.json"), "utf8");
    expect(state).toContain("farewell");
    expect(state + (await readFile(join(folder, "Pulumi.dev.yaml"), "utf8"))).not.toContain("hunter2");
  });

  test("lets a policy pack pass a good program", async () => {
    const { code, output } = await up("--policy-pack", "policy");
    expect(output).toContain("tiny@v1.0.0");
    expect(code).toBe(0);
  });

  test("lets a policy pack refuse a bad program", async () => {
    const { code, output } = await up("--policy-pack", "policy", "-c", "text=HELLO");
    expect(code).toBeGreaterThan(0);
    expect(output).toContain('"HELLO" shouts');
  });

  test("names the module that a policy pack lacks", async () => {
    const bare = await mkdtemp(join(tmpdir(), "policy-"));
    await cp(join(folder, "policy"), bare, { recursive: true });
    const { code, output } = await up("--policy-pack", bare);
    await rm(bare, { recursive: true });
    expect(code).toBeGreaterThan(0);
    expect(output).toContain(
      `Cannot find module '@pulumi/pulumi/cmd/run-policy-pack' from ${bare}: run \`npm ci\` there.`,
    );
  });

  test("destroys everything that it created", async () => {
    expect(await pulumi("destroy", "--stack", "dev", "--yes", "--skip-preview")).toMatchObject({ code: 0 });
    const { output } = await pulumi("stack", "export", "--stack", "dev");
    expect(output).not.toContain("tiny:index:Note");
  });
});
