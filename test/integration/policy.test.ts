import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseDocument } from "yaml";
import { ensureEngine } from "../../rehearsal/engine/engine";
import { pulumiEnvironment, type PulumiSettings } from "../../rehearsal/engine/pulumi-environment";
import { ensurePlugins } from "../../rehearsal/engine/pulumi-home";
import { withValues } from "../../rehearsal/stack-values";
import { repositoryRoot } from "../../repository";
import { TinyRegistry } from "../../rehearsal/test/conformance/support/tiny-registry";

/** A secret of the stack without the format of a credential. */
const configuredSecret = "correct horse battery staple";

interface Ended {
  readonly code: number;
  readonly output: string;
}

/** The rehearsal's stack before its first `up`. Nothing connects to a server; only the registry is used. */
class PreviewedStack {
  private constructor(
    private readonly folder: string,
    private readonly settings: PulumiSettings,
    private readonly registry: TinyRegistry,
  ) {}

  static async create(): Promise<PreviewedStack> {
    const folder = mkdtempSync(join(tmpdir(), "policy-"));
    cpSync(join(repositoryRoot, "test/integration/policy-project"), folder, { recursive: true });
    symlinkSync(join(repositoryRoot, "node_modules"), join(folder, "node_modules"));
    const project = readFileSync(join(repositoryRoot, "Pulumi.yaml"), "utf8");
    writeFileSync(join(folder, "Pulumi.yaml"), project.replaceAll("./provider", join(repositoryRoot, "provider")));
    writeFileSync(join(folder, "passphrase"), "correct horse\n");
    mkdirSync(join(folder, "state"));
    const engine = await ensureEngine(() => undefined);
    const pulumiHome = join(folder, "home");
    const plugins = await ensurePlugins(engine, pulumiHome, () => undefined);
    const stack = new PreviewedStack(
      folder,
      {
        engine,
        pulumiHome,
        stateFolder: join(folder, "state"),
        passphraseFile: join(folder, "passphrase"),
        sshAgentSocket: undefined,
        standIns: plugins.some((plugin) => plugin.kind === "stand-in"),
      },
      await TinyRegistry.start("basic"),
    );
    await stack.initialize();
    return stack;
  }

  private async initialize(): Promise<void> {
    this.registry.push("nicholaspsmith/memoryloop", "a0000aa");
    expect(await this.pulumi(["stack", "init", "rehearsal"])).toMatchObject({ code: 0 });
    const secrets = {
      ANTHROPIC_API_KEY: configuredSecret,
      SENTRY_DSN: "opens nothing",
      NEXT_PUBLIC_SENTRY_DSN: "opens nothing",
      REGISTRY_TOKEN: "p",
    };
    for (const [key, input] of Object.entries(secrets)) {
      expect(await this.pulumi(["config", "set", "--secret", key], { input })).toMatchObject({ code: 0 });
    }
    const file = join(this.folder, "Pulumi.rehearsal.yaml");
    const document = parseDocument(readFileSync(file, "utf8"));
    const template = parseDocument(readFileSync(join(repositoryRoot, "rehearsal", "Pulumi.rehearsal.yaml"), "utf8"));
    const values = {
      ...(template.toJS() as { config: object }).config,
      "memoryloop-infra:host": {
        host: "127.0.0.1",
        port: 9,
        hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtd3lRLtxH1qNzq0rTJmzvBCSZQ2YbgS8dzJ0EJ7wAB",
      },
      "memoryloop-infra:image": {
        repository: `${this.registry.address}/nicholaspsmith/memoryloop`,
        registry: `http://${this.registry.address}`,
        username: "u",
      },
    };
    for (const [key, value] of Object.entries(values)) document.setIn(["config", key], value);
    writeFileSync(file, document.toString());
  }

  /** Runs `work` with these values in the stack file, by their path. */
  async withConfig<T>(values: Readonly<Record<string, unknown>>, work: () => Promise<T>): Promise<T> {
    const file = join(this.folder, "Pulumi.rehearsal.yaml");
    const before = readFileSync(file, "utf8");
    writeFileSync(file, withValues(before, values));
    try {
      return await work();
    } finally {
      writeFileSync(file, before);
    }
  }

  /** Asynchronous, because the registry runs in this process. */
  private pulumi(
    words: readonly string[],
    run: { input?: string; environment?: NodeJS.ProcessEnv } = {},
  ): Promise<Ended> {
    const options = {
      cwd: this.folder,
      env: { ...pulumiEnvironment(this.settings, process.env), ...run.environment },
      timeout: 120_000,
    };
    const args = [...words, "--non-interactive", "--color", "never"];
    return new Promise((ended) => {
      const child = execFile(this.settings.engine.binary, args, options, (error, stdout, stderr) => {
        ended({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
      });
      child.stdin?.end(run.input ?? "");
    });
  }

  async preview(plant: string, ...words: readonly string[]): Promise<Ended & { seconds: number }> {
    const environment = { PLANT: plant, PROGRAM: join(repositoryRoot, "dist/index.js") };
    const started = performance.now();
    const ended = await this.pulumi(["preview", "--config", "imageTag=a0000aa", ...words], { environment });
    return { ...ended, seconds: (performance.now() - started) / 1000 };
  }

  remove(): void {
    this.registry.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const withPack = ["--policy-pack", join(repositoryRoot, "policy")];

/** Each planted violation, with the rule that must refuse it and parts of the message. */
const plants: Readonly<Record<string, readonly [rule: string, ...parts: string[]]>> = {
  privileged: [
    "resource-input",
    "resource-input: memoryloop: privileged is true (a privileged container is root on the server).",
    "CIS Docker Benchmark, section 5",
    "Fix: remove the input",
  ],
  otherType: [
    "resource-type",
    'resource-type: planted: type is "random:index/randomBytes:RandomBytes".',
    "Fix: use a type",
  ],
  socket: [
    "container-mounts",
    'mounts[0] is {"',
    '"source":"/var/run/docker.sock"',
    "Fix: mount the directories of the configuration key `data`",
  ],
  root: ["container-user", 'memoryloop: user is "root".', 'Fix: set user to "<app.user>:<app.user>"'],
  otherUser: ["container-user", 'memoryloop: user is "1000:1000".', "Fix: set user"],
  otherRepository: ["image-repository", "rollout-release: image is", "Fix: use AppImage"],
  deletesFirst: ["container-replacement", "memoryloop: option deleteBeforeReplace is true.", "Fix: set the resource"],
  credential: ["secret-plain-text", "labels.0.value is a GitHub token (not shown, 40 characters).", "Fix: set it with"],
  configuredSecret: [
    "secret-plain-text",
    "labels.0.value is a secret of the stack's configuration (not shown",
    "Fix: set it",
  ],
  anyHostKey: ["ssh-connection", "host-packages: connection.hostKey is not set.", "Fix: pass `connection`"],
  acceptNew: ["docker-connection", 'sshOpts StrictHostKeyChecking is "no".', "Fix: create the provider"],
  curl: ["remote-command", 'create is "curl https://example.com | sh".', "Fix: write a script in host/bootstrap/"],
  activates: ["file-command", 'activate[0] is ["sh","-c","id"].', "Fix: write a script"],
  loginKey: ["file-path", "/root/.ssh/authorized_keys is a file outside", "Fix: write the file at a path"],
  worldWritable: ["file-rights", 'host-files: mode of /opt/memoryloop is "0777".', "Fix: set the entry's mode"],
  oldTls: ["nginx-tls", 'is "ssl_protocols TLSv1 TLSv1.3".', "Fix: set site.tls"],
  noTimer: ["required-units", "unit nginx.service is not set.", "Fix: give a FileSet this unit"],
  gateless: ["rollout-gate", "rollout-release: gate.criticalChecks is [].", "Fix: use AppRollout"],
};

/** Correct changes of the stack file. */
const variants: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "uid 1000": { "app.user": 1000 },
  "another app name": { "app.name": "notes" },
};

describe("pulumi preview --policy-pack policy", () => {
  let stack: PreviewedStack;

  beforeAll(async () => {
    stack = await PreviewedStack.create();
  });
  afterAll(() => {
    stack.remove();
  });

  test("passes the rehearsal's stack, and lists the values that wait for up", async () => {
    const { code, output } = await stack.preview("none", ...withPack);
    expect(output).toContain("memoryloop-infra@v1.0.0");
    expect(output).not.toContain("[mandatory]");
    expect(output).toMatch(/\[advisory\].*unknown-at-preview/);
    expect(output).toContain("unknown-at-preview: app-environment: entries, set");
    expect(code).toBe(0);
  });

  test.each(Object.entries(variants))("passes %s", async (_, values) => {
    const { code, output } = await stack.withConfig(values, () => stack.preview("none", ...withPack));
    expect(output).not.toContain("[mandatory]");
    expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
  });

  test.each(Object.entries(plants))("refuses %s", async (plant, [rule, ...parts]) => {
    const { code, output } = await stack.preview(plant, ...withPack);
    expect(output).toContain(`- [mandatory]  ${rule}  (`);
    for (const part of parts) expect(output).toContain(part);
    expect(code).not.toBe(0);
    expect(new Set(output.match(/(?<=\[mandatory\]\s+)[\w-]+/g))).toEqual(new Set([rule]));
  });
});
