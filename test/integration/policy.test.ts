import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseDocument } from "yaml";
import { ensureEngine } from "../../rehearsal/engine/engine";
import { pulumiEnvironment, type PulumiSettings } from "../../rehearsal/engine/pulumi-environment";
import { ensurePlugins } from "../../rehearsal/engine/pulumi-home";
import { repositoryRoot } from "../../repository";
import { TinyRegistry } from "../../rehearsal/test/conformance/support/tiny-registry";

interface Ended {
  readonly code: number;
  readonly output: string;
}

/** The rehearsal's stack as it is before its first `up`: no host is dialled, and only the registry is asked. */
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
      ANTHROPIC_API_KEY: "opens nothing",
      SENTRY_DSN: "nor this",
      NEXT_PUBLIC_SENTRY_DSN: "nor this",
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

  /** Not synchronous: the registry answers from this process. */
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

/** What each planted violation must be told with: the rule, and resource, value, reason and remedy. */
const plants: Readonly<Record<string, readonly [rule: string, ...told: string[]]>> = {
  privileged: [
    "container-unprivileged",
    "memoryloop: privileged is true.",
    "A privileged container is root on the host (CIS Docker 5.5)",
    "Do: leave privileged out",
  ],
  socket: [
    "container-mounts",
    'memoryloop: mounts[0].source is "/var/run/docker.sock".',
    "Do: mount what the app needs",
  ],
  port: ["container-ports", "memoryloop: ports is [3000].", "Do: leave ports and publishAllPorts out"],
  root: ["container-user", 'memoryloop: user is "root".', "Do: set user to the image's own user"],
  deletesFirst: [
    "container-replacement",
    "memoryloop: option deleteBeforeReplace is true.",
    "Do: set the resource option",
  ],
  credential: [
    "secret-credential",
    "memoryloop: envs.0 is a GitHub token (not shown, 53 characters).",
    "Do: put it into",
  ],
  anyHostKey: ["ssh-host-key", "host-packages: connection is not set.", "Do: give connection.hostKey"],
  acceptNew: [
    "docker-host-key",
    'host-docker: sshOpts is ["StrictHostKeyChecking=no"',
    "Do: give the provider the sshOpts",
  ],
  worldWritable: [
    "file-world-writable",
    'host-files: mode of /opt/memoryloop is "0777".',
    "Do: take the last digit's 2",
  ],
  oldTls: ["nginx-tls", '[["TLSv1","TLSv1.3"]].', "Do: write `ssl_protocols TLSv1.3;`"],
  shortHsts: [
    "nginx-hsts",
    "of /etc/nginx/nginx.conf and its snippets is [3600].",
    "Do: send Strict-Transport-Security",
  ],
  noTimer: ["certificate-renewal", "certificate-lineage: certbot.timer is not set.", "Do: give a FileSet units"],
  gateless: ["rollout-critical-checks", "rollout-release: gate.criticalChecks is [].", 'Do: have "database"'],
};

describe("pulumi preview --policy-pack policy", () => {
  let stack: PreviewedStack;

  beforeAll(async () => {
    stack = await PreviewedStack.create();
  });
  afterAll(() => {
    stack.remove();
  });

  test("passes the rehearsal's stack, and says what waits for up", async () => {
    const { code, output } = await stack.preview("none", ...withPack);
    expect(output).toContain("memoryloop-infra@v1.0.0");
    expect(output).not.toContain("[mandatory]");
    expect(output).toMatch(/\[advisory\].*unknown-at-preview/);
    expect(output).toContain("app-environment: entries, set, for");
    expect(code).toBe(0);
  });

  test.each(Object.entries(plants))("refuses %s", async (plant, [rule, ...told]) => {
    const { code, output } = await stack.preview(plant, ...withPack);
    expect(output).toContain(`- [mandatory]  ${rule}  (`);
    for (const words of told) expect(output).toContain(words);
    expect(code).not.toBe(0);
    expect(output.match(/\[mandatory\]/g)).toHaveLength(1);
  });
});
