import { cpSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { ensurePulumi, PulumiFailure, runPulumi, stackFile, type Pulumi, type PulumiRun } from "../pulumi";
import { buildRelease, type Behaviour } from "../release/release";
import { buildSecond } from "../release/second";
import { firstSample, secondSample, type Sample } from "../samples";
import { getFromSite, siteOf } from "../site";
import { ensureStack } from "../stack";
import { withValues } from "../stack-values";
import { ensureWorld, sshCommand, type World } from "../world/world";
import type { HostKind } from "../world/hosts";
import { run } from "../world/run";
import { quote } from "../../host/ssh/quote";
import { repositoryRoot } from "../../repository";
import { keepAliveLoad, type KeepAliveLoad, type LoadReport, type Target } from "./load";

/** The result of a run of the engine. */
export interface Ended {
  readonly code: number;
  readonly output: string;
}

/** An `up` that waits at a step of its rollout. */
export interface PausedUp {
  /** Process ids of the engine and of our plugin. */
  readonly engine: number;
  readonly plugin: number;
  readonly ended: Promise<Ended>;
  /** Lets the run continue. */
  release(): Promise<void>;
}

const itemsSchema = z.object({ count: z.int() });

const quiet = (): void => undefined;

/** A separate rehearsal for tests, with the real engine. It does not touch the rehearsal of a developer. */
export class DeployedWorld {
  private constructor(
    readonly world: World,
    readonly pulumi: Pulumi,
  ) {}

  /** The world of the integration tests. It is created if it is missing. */
  static async open(suffix = "test", host?: HostKind): Promise<DeployedWorld> {
    const world = await ensureWorld({ checkout: repositoryRoot, suffix, ...(host && { host }) }, quiet);
    return DeployedWorld.of(world, firstSample);
  }

  /** A world of its own with the servers of a cluster. */
  static async openCluster(): Promise<DeployedWorld> {
    const world = await ensureWorld({ checkout: repositoryRoot, suffix: "cluster", cluster: true }, quiet);
    return DeployedWorld.of(world, firstSample);
  }

  private static async of(world: World, sample: Sample): Promise<DeployedWorld> {
    const pulumi = await ensurePulumi(world, quiet, sample);
    await ensureStack(world, pulumi);
    const system = new DeployedWorld(world, pulumi);
    // A failed test may have left the lock of the state. No other run uses this state.
    await system.pulumiRun(["cancel", "--yes"]);
    return system;
  }

  /** The second sample app on the same server, with a stack of its own. */
  beside(): Promise<DeployedWorld> {
    return DeployedWorld.of(this.world, secondSample);
  }

  private get domain(): string {
    return this.pulumi.sample.domain(this.world);
  }

  /** Address of the site for the load clients. */
  get target(): Target {
    const { vps, acme } = this.world;
    const ca = readFileSync(acme.caFile, "utf8");
    return { address: vps.address, port: vps.httpsPort, serverName: this.domain, ca };
  }

  /** The site as each further server of a cluster answers it. */
  get peerTargets(): Target[] {
    return (this.world.cluster?.peers ?? []).map(({ httpsPort }) => ({ ...this.target, port: httpsPort }));
  }

  /** From now on the engine connects to the VPS through this port of loopback, for example the port of a TcpProxy. */
  overLine(sshPort: number): Promise<void> {
    return ensureStack({ ...this.world, vps: { ...this.world.vps, sshPort } }, this.pulumi);
  }

  /** Sends requests to the site while the work runs, and returns the report. */
  async underLoad(clients: Omit<KeepAliveLoad, "target" | "stop">, work: () => Promise<unknown>): Promise<LoadReport> {
    const [load] = await this.underLoads([this.target], clients, work);
    if (load === undefined) throw new Error("the load has no report");
    return load;
  }

  /** As `underLoad`, with the clients at each of the targets. */
  async underLoads(
    targets: readonly Target[],
    clients: Omit<KeepAliveLoad, "target" | "stop">,
    work: () => Promise<unknown>,
  ): Promise<LoadReport[]> {
    const end = new AbortController();
    const loads = targets.map((target) => keepAliveLoad({ ...clients, target, stop: end.signal }));
    try {
      await work();
    } finally {
      end.abort();
    }
    return Promise.all(loads);
  }

  release(tag: string, behaviour: Behaviour = "normal", seconds?: number): Promise<unknown> {
    const { sample } = this.pulumi;
    const image = { tag, registry: this.world.registry.address, repository: sample.repository };
    if (sample === secondSample) return buildSecond(image, quiet);
    return buildRelease({ ...image, behaviour, ...(seconds && { seconds }) }, quiet);
  }

  /** Runs the engine on the stack. A failure is a result, not an error. */
  async pulumiRun(words: readonly string[], options: PulumiRun = {}): Promise<Ended> {
    try {
      return { code: 0, output: await runPulumi(this.pulumi, [...words, "--color", "never"], options) };
    } catch (error) {
      if (error instanceof PulumiFailure) return { code: error.code, output: error.output };
      throw error;
    }
  }

  up(tag?: string, options: PulumiRun & { extraWords?: readonly string[] } = {}): Promise<Ended> {
    const asked = tag === undefined ? [] : ["--config", `imageTag=${tag}`];
    return this.pulumiRun(["up", "--yes", "--skip-preview", ...asked, ...(options.extraWords ?? [])], options);
  }

  /**
   * `up` that must succeed. It deploys a tag also if an earlier test rolled it back.
   * @throws Error with the engine's whole output.
   */
  async deploy(tag?: string, options: Parameters<DeployedWorld["up"]>[1] = {}): Promise<string> {
    const force = tag === undefined ? [] : ["--config", `force=${tag}`];
    const { code, output } = await this.up(tag, { ...options, extraWords: [...force, ...(options.extraWords ?? [])] });
    if (code !== 0) throw new Error(`pulumi up ${tag ?? ""} failed:\n${output}`);
    return output;
  }

  async outputs(): Promise<Record<string, unknown>> {
    const text = await runPulumi(this.pulumi, ["stack", "output", "--json"]);
    return JSON.parse(text) as Record<string, unknown>;
  }

  /** Adds an item to the data of the first sample app. @throws Error when the app does not take it. */
  async addItem(text: string): Promise<void> {
    const { url, curl } = siteOf(this.world);
    await run(["curl", "--silent", "--show-error", "--fail", ...curl, "--data", text, `${url}/api/items`], {
      seconds: 60,
    });
  }

  /** Number of items in the data of the first sample app. */
  async countItems(): Promise<number> {
    return itemsSchema.parse(JSON.parse((await this.get("/api/items")).body)).count;
  }

  /** Status and body of a GET of the public site. */
  get(path: string): Promise<{ status: number; body: string }> {
    return getFromSite({ ...this.world, domain: this.domain }, path);
  }

  /** Status and parsed body of the public health endpoint. */
  async health(): Promise<{ status: number; body: Record<string, unknown> }> {
    const { status, body } = await this.get("/api/health");
    return { status, body: JSON.parse(body) as Record<string, unknown> };
  }

  /** Runs a command line on the VPS as root and returns what it prints. */
  async onVps(command: string): Promise<string> {
    const asRoot = this.world.vps.user === "root" ? command : `sudo -n bash -c ${quote(command)}`;
    return (await run([...sshCommand(this.world), asRoot], { seconds: 60 })).trim();
  }

  /** Starts `up` and returns when its rollout has reached the step. It waits there for `release`. */
  async upPausedAt(step: string, tag: string, options: PulumiRun = {}): Promise<PausedUp> {
    const file = join(mkdtempSync(join(tmpdir(), "hold-")), "held");
    const environment = { ...options.environment, VPS_BREAKPOINT: step, VPS_BREAKPOINT_FILE: file };
    let engine: number | undefined;
    const ended = this.up(tag, { ...options, environment, started: (pid) => (engine = pid) });
    for (let tries = 0; !existsSync(file); tries++) {
      if (tries === 600) throw new Error(`the rollout did not reach ${step}:\n${(await ended).output}`);
      await sleep(100);
    }
    await sleep(100);
    const plugin = Number(await readFile(file, "utf8"));
    return { engine: engine ?? 0, plugin, ended, release: () => rm(file, { force: true }) };
  }

  /** Environment of another checkout with the same state and a separate stack file with these values. */
  otherCheckout(values: Readonly<Record<string, unknown>> = {}): PulumiRun {
    const file = join(this.world.folder, "Pulumi.other.yaml");
    writeFileSync(file, withValues(readFileSync(stackFile(this.world, this.pulumi.sample), "utf8"), values));
    return { environment: { PULUMI_OPTION_CONFIG_FILE: file } };
  }

  /** Environment with a copy of the present state, so that one server has two states. */
  otherState(): PulumiRun {
    const folder = mkdtempSync(join(tmpdir(), "state-"));
    cpSync(this.pulumi.settings.stateFolder, folder, { recursive: true });
    const { environment } = this.otherCheckout();
    return { environment: { ...environment, PULUMI_BACKEND_URL: `file://${folder}` } };
  }

  /** Removes the resource of a type from the state, as if the engine was killed before it recorded the resource. */
  async forget(type: string): Promise<void> {
    const text = await runPulumi(this.pulumi, ["stack", "export"]);
    const state = JSON.parse(text) as { deployment: { resources: { urn: string; type: string }[] } };
    const { resources } = state.deployment;
    const urn = resources.find((resource) => resource.type === type)?.urn ?? "";
    const others = JSON.stringify(
      resources.filter((resource) => resource.urn !== urn),
      (_, value: unknown) => {
        if (value === urn) return undefined;
        return Array.isArray(value) ? value.filter((part) => part !== urn) : value;
      },
    );
    const forgotten = { ...state, deployment: { ...state.deployment, resources: JSON.parse(others) as unknown } };
    await runPulumi(this.pulumi, ["stack", "import"], { stdin: JSON.stringify(forgotten) });
  }
}
