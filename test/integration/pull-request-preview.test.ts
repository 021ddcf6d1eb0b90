import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { beforeAll, describe, expect, test } from "vitest";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";
import { pulumiEnvironment, pulumiVariables } from "../../rehearsal/engine/pulumi-environment";
import { stackFile, stackName } from "../../rehearsal/pulumi";
import { readRepositoryFile, repositoryRoot } from "../../repository";
import { leaks } from "../support/canary";

const tag = "a0000ad";
const folder = mkdtempSync(join(tmpdir(), "pull-request-"));
const scrubbed = join(folder, "state.json");

let system: DeployedWorld;
/** Every secret that the trusted job can read. */
let planted: Record<string, string>;

/** The command of the workflow step that runs this program. */
function stepOf(workflow: string, program: string): string {
  const { jobs } = parse(readRepositoryFile(".github", "workflows", workflow)) as {
    jobs: Record<string, { steps?: { run?: string }[] }>;
  };
  const runs = Object.values(jobs).flatMap(({ steps = [] }) => steps.map(({ run }) => run ?? ""));
  return runs.find((run) => run.includes(program)) ?? expect.fail(`${workflow} runs no ${program}`);
}

function shell(line: string, environment: NodeJS.ProcessEnv): Promise<{ code: number; output: string }> {
  const child = spawn("bash", ["-e", "-c", line], { cwd: repositoryRoot, env: environment });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  return new Promise((resolve) => {
    child.once("close", (code) => {
      resolve({ code: code ?? 1, output });
    });
  });
}

/** The environment of the untrusted job: the engine and its plugins, and no credential. */
function untrusted(configFile: string): NodeJS.ProcessEnv {
  const { PATH, PULUMI_HOME, MEMORYLOOP_LANGUAGE_HOST } = pulumiVariables(
    system.pulumi.settings,
    process.env["PATH"] ?? "",
  );
  return {
    PATH,
    HOME: folder,
    PULUMI_HOME,
    ...(MEMORYLOOP_LANGUAGE_HOST && { MEMORYLOOP_LANGUAGE_HOST }),
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_STACK: stackName,
    PULUMI_OPTION_CONFIG_FILE: configFile,
    SCRUBBED_STATE: scrubbed,
  };
}

/** The pull request's stack file: the real one, with encrypted secrets, and a change. */
function pullRequest(change: (text: string) => string = (text) => text): string {
  const file = join(folder, "Pulumi.rehearsal.yaml");
  writeFileSync(file, change(readFileSync(stackFile(system.world), "utf8")));
  return file;
}

async function secretsOfStack(): Promise<Record<string, string>> {
  const { output } = await system.pulumiRun(["config", "--show-secrets", "--json"]);
  const config = JSON.parse(output) as Record<string, { value?: string; secret?: boolean }>;
  const configured = Object.entries(config).flatMap(([key, { value = "", secret }]) => (secret ? [[key, value]] : []));
  const { output: exported } = await system.pulumiRun(["stack", "export", "--show-secrets"]);
  const { resources } = (
    JSON.parse(exported) as { deployment: { resources: Record<string, Record<string, unknown>>[] } }
  ).deployment;
  const born = resources.flatMap(({ type, outputs }) =>
    [outputs?.["result"], outputs?.["bcryptHash"], outputs?.["applicationKey"]].flatMap((one, index) =>
      one ? [[`${JSON.stringify(type)} ${index}`, JSON.parse((one as { plaintext: string }).plaintext) as string]] : [],
    ),
  );
  const passphrase = readFileSync(system.pulumi.settings.passphraseFile, "utf8");
  return Object.fromEntries([...configured, ...born, ["passphrase", passphrase]]) as Record<string, string>;
}

beforeAll(async () => {
  system = await DeployedWorld.open();
  await system.release(tag);
  await system.deploy(tag);
  planted = await secretsOfStack();
  const environment = { ...pulumiEnvironment(system.pulumi.settings, process.env), PULUMI_STACK: stackName };
  const line = stepOf("preview-state.yml", "ci/publish-state.js");
  const published = await shell(line, { ...environment, SCRUBBED_STATE: scrubbed });
  expect(published, published.output).toMatchObject({ code: 0 });
});

describe("the preview of a pull request", () => {
  test("the test knows the secrets that a leak would show", () => {
    expect(Object.keys(planted).length).toBeGreaterThanOrEqual(6);
    expect(leaks(`x${Object.values(planted)[0] ?? ""}`, planted)).toHaveLength(1);
  });

  test("the published state contains none of them in any form", () => {
    expect(leaks(readFileSync(scrubbed, "utf8"), planted)).toEqual([]);
  });

  test("a pull request without a change shows no change", async () => {
    const line = stepOf("preview.yml", "ci/preview.js");
    const { code, output } = await shell(line, untrusted(pullRequest()));
    expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
    expect(output).toMatch(/Resources:\n\s+\d+ unchanged/);
    expect(output).toContain("this pull request would do this\n\n```text\nmemoryloop: nothing changes\n```\n");
    expect(output).toMatch(/Policy Packs run:\n.*\n\s+memoryloop-infra\|/);
  });

  test("the preview shows a changed setting and the changed environment of the release", async () => {
    const change = (text: string) => text.replace("LOG_LEVEL: info", "LOG_LEVEL: debug");
    const { output } = await shell(stepOf("preview.yml", "ci/preview.js"), untrusted(pullRequest(change)));
    expect(output).toContain(`memoryloop: ${tag} stays, and these change: the variables of the app`);
    expect(output).toContain("app-release");
    expect(output).not.toMatch(/Resources:\n\s+\d+ unchanged/);
    expect(output).not.toContain("registryAuth");
  });

  test("a hostile program learns no secret: environment, state, files and git configuration", async () => {
    const hostile = [
      "env; cat .git/config; cat $SCRUBBED_STATE; cat $PULUMI_OPTION_CONFIG_FILE",
      // The job's own steps run first, so that the hostile program can read all their files.
      stepOf("preview.yml", "ci/preview.js"),
      "for folder in /tmp/preview-*; do find $folder -type f -exec cat {} +; done",
    ].join("; ");
    const { output } = await shell(hostile, untrusted(pullRequest()));
    expect(output).toContain("SCRUBBED_STATE=");
    expect(leaks(output, planted)).toEqual([]);
  });

  test("the untrusted job has no GitHub environment and names no secret", () => {
    const { jobs } = parse(readRepositoryFile(".github", "workflows", "preview.yml")) as {
      jobs: Record<string, Record<string, unknown>>;
    };
    expect(jobs["preview"]).not.toHaveProperty("environment");
    expect(JSON.stringify(jobs["preview"])).not.toContain("secrets.");
  });
});
