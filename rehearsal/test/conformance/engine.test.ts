import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureEngine } from "../../engine/engine";
import { pulumiEnvironment, type PulumiSettings } from "../../engine/pulumi-environment";
import { layOutStandIn, pluginNames, pluginVersion } from "../../engine/pulumi-home";
import { ensureDocker } from "../../world/docker-engine";
import { run, succeeds } from "../../world/run";
import { repositoryRoot } from "../../../repository";
import { PrivateSshd } from "./support/private-sshd";
import { makeRootfs, removeRootfs } from "./support/rootfs";

interface Finished {
  readonly code: number;
  readonly output: string;
}

let folder: string;
let sshd: PrivateSshd;
let settings: PulumiSettings;

beforeAll(async () => {
  await ensureDocker(() => undefined);
  sshd = await PrivateSshd.start();
  await removeLeftovers();
  await makeImages();
  folder = await mkdtemp(join(tmpdir(), "stand-ins-"));
  settings = await prepare(folder, sshd);
  expect(await pulumi("stack", "init", "dev")).toMatchObject({ code: 0 });
});
afterAll(async () => {
  sshd.stop();
  await removeLeftovers();
  await rm(folder, { recursive: true, force: true });
});

async function prepare(project: string, { agentSocket }: PrivateSshd): Promise<PulumiSettings> {
  await cp(join(repositoryRoot, "rehearsal/test/conformance/engine-project"), project, { recursive: true });
  await symlink(join(repositoryRoot, "node_modules"), join(project, "node_modules"));
  await mkdir(join(project, "state"));
  await writeFile(join(project, "passphrase"), "correct horse\n");
  const pulumiHome = join(project, "home");
  for (const name of pluginNames) {
    const program = join(repositoryRoot, "dist/offline", name);
    await layOutStandIn(pulumiHome, name, pluginVersion(name), program);
  }
  return {
    engine: await ensureEngine(() => undefined),
    pulumiHome,
    stateFolder: join(project, "state"),
    passphraseFile: join(project, "passphrase"),
    sshAgentSocket: agentSocket,
    standIns: true,
  };
}

async function makeImages(): Promise<void> {
  const archive = await makeRootfs();
  for (const tag of ["v1", "v2"]) {
    const change = 'CMD ["node","/app.js"]';
    await run(["docker", "import", "--change", change, archive, `standins:${tag}`], { seconds: 60 });
  }
  removeRootfs(archive);
}

async function removeLeftovers(): Promise<void> {
  const found = await run(["docker", "ps", "-aq", "--filter", "label=app=standins"], { seconds: 20 });
  await succeeds(["docker", "rm", "-f", ...found.trim().split("\n")], { seconds: 60 });
  await succeeds(["docker", "network", "rm", "standinsnet"], { seconds: 20 });
  await succeeds(["docker", "rmi", "standins:v1", "standins:v2"], { seconds: 20 });
}

const pulumiWith = (changed: Partial<PulumiSettings>, ...args: string[]): Promise<Finished> =>
  new Promise((finished) => {
    const env = pulumiEnvironment({ ...settings, ...changed }, process.env);
    const options = { cwd: folder, env, timeout: 120_000 };
    execFile(settings.engine.binary, [...args, "--non-interactive"], options, (error, stdout, stderr) => {
      finished({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
const pulumi = (...args: string[]): Promise<Finished> => pulumiWith({}, ...args);

/** Settings of the program; the stack file keeps them. */
function given(values: Readonly<Record<string, string>>): string[] {
  const defaults = { host: "127.0.0.1", port: String(sshd.port), user: sshd.user, hostKey: sshd.hostKey };
  return Object.entries({ ...defaults, ...values }).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
}
const up = (values: Readonly<Record<string, string>>, ...args: string[]): Promise<Finished> =>
  pulumi("up", "-s", "dev", "--yes", "--skip-preview", ...given(values), ...args);

/** The project's containers by name, with their state, newest first. */
async function containers(): Promise<string[]> {
  const format = ["--format", "{{.Names}} {{.State}}"];
  const listed = await run(["docker", "ps", "-a", "--filter", "label=app=standins", ...format], { seconds: 20 });
  return listed.trim().split("\n").filter(Boolean);
}

/** The result of an action, and its number of ssh logins. */
async function loginsDuring(action: () => Promise<Finished>): Promise<{ finished: Finished; logins: number }> {
  const before = sshd.logins();
  const finished = await action();
  return { finished, logins: sshd.logins() - before };
}

// The tests depend on their order: each test starts from the state that the previous test left.
describe("the stand-ins under the real engine", () => {
  test("preview works without server and without agent", async () => {
    const nowhere = given({ host: "127.0.0.1", port: "1", image: "standins:v1" });
    const { code, output } = await pulumiWith({ sshAgentSocket: undefined }, "preview", "-s", "dev", ...nowhere);
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(output).toContain("6 to create");
  });

  test("up creates everything with one login for docker and one for the command", async () => {
    const { finished, logins } = await loginsDuring(() => up({ image: "standins:v1" }));
    expect(finished).toMatchObject({ code: 0 });
    expect(await containers()).toEqual([expect.stringMatching(/^standins-[0-9a-f]{12} running$/)]);
    expect(logins).toBe(2);
  });

  test("the same program again changes nothing and connects to no server", async () => {
    const { finished, logins } = await loginsDuring(() => up({ image: "standins:v1" }, "--expect-no-changes"));
    expect({ ...finished, logins }).toMatchObject({ code: 0, logins: 0 });
  });

  test("a refresh finds no difference", async () => {
    const refresh = (): Promise<Finished> =>
      pulumi(
        "refresh",
        "-s",
        "dev",
        "--yes",
        "--skip-preview",
        "--expect-no-changes",
        ...given({ image: "standins:v1" }),
      );
    const { finished, logins } = await loginsDuring(refresh);
    expect(finished).toMatchObject({ code: 0 });
    expect(logins).toBe(1);
  });

  test("a new image replaces the container: the new one is created before the old one is removed", async () => {
    const { code, output } = await up({ image: "standins:v2" });
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(output.indexOf("created replacement")).toBeLessThan(output.indexOf("deleted original"));
    expect(await containers()).toEqual([expect.stringMatching(/ running$/)]);
  });

  test("a changed secret keeper replaces too, and the secret is not in the state", async () => {
    const before = await containers();
    expect(await up({ image: "standins:v2", environment: "hunter2" })).toMatchObject({ code: 0 });
    expect(await containers()).not.toEqual(before);
    const state = await readFile(join(folder, "state/.pulumi/stacks/stand-ins/dev.json"), "utf8");
    expect(state).not.toContain("hunter2");
  });

  test("a stopped container is drift, and `up --refresh` starts it again", async () => {
    const [running = ""] = await containers();
    const [name = ""] = running.split(" ");
    await run(["docker", "stop", "-t", "5", name], { seconds: 30 });
    const { code, output } = await up({ image: "standins:v2", environment: "hunter2" }, "--refresh", "--diff");
    expect(code).toBe(0);
    expect(output).toContain("mustRun");
    expect(await containers()).toEqual([running]);
  });

  test("a removed container is created again", async () => {
    const [running = ""] = await containers();
    const [name = ""] = running.split(" ");
    await run(["docker", "rm", "-f", name], { seconds: 30 });
    expect(await up({ image: "standins:v2", environment: "hunter2" }, "--refresh")).toMatchObject({ code: 0 });
    expect(await containers()).toEqual([running]);
  });

  test("a changed script runs again: its trigger replaces the command", async () => {
    const { code, output } = await up({ image: "standins:v2", environment: "hunter2", script: "echo second" });
    expect(code).toBe(0);
    expect(output).toContain("second");
  });

  test("the error of a failed command has the command and its output", async () => {
    const { code, output } = await up({ image: "standins:v2", environment: "hunter2", script: "echo oops; exit 3" });
    expect(code).not.toBe(0);
    expect(output).toContain('Process exited with status 3: running "echo oops; exit 3":\n');
    expect(output).toContain("oops");
  });

  test("destroy removes everything", async () => {
    expect(await pulumi("destroy", "-s", "dev", "--yes", "--skip-preview")).toMatchObject({ code: 0 });
    expect(await containers()).toEqual([]);
    expect(await succeeds(["docker", "network", "inspect", "standinsnet"], { seconds: 20 })).toBe(false);
  });
});
