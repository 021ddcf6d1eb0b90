import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Argument, Command, Option } from "commander";
import { repositoryRoot } from "../repository";
import { ensureGithub } from "./github";
import { report, step } from "./progress";
import { byHand, ensurePulumi, runPulumi, type Pulumi } from "./pulumi";
import { behaviours, buildRelease, type Behaviour } from "./release/release";
import { buildSecond } from "./release/second";
import { firstSample, secondSample } from "./samples";
import { siteVariables } from "./site";
import { ensureStack, repository } from "./stack";
import { rehearsalStatus, renderStatus } from "./status";
import { hostKinds, type HostKind } from "./world/hosts";
import { findSettings } from "./world/settings";
import { ensureWorld, findWorld, removeWorld, type World } from "./world/world";

const options = { checkout: repositoryRoot };
/** The image of the first deployment. */
const firstTag = "a000001";

async function buildImage(world: World, tag: string, behaviour: Behaviour): Promise<void> {
  await step(`image ${tag} of the sample app`, () =>
    buildRelease({ tag, behaviour, registry: world.registry.address, repository }, report),
  );
}

/** Without a terminal the engine prints a row of dots for its progress. */
const quietly = ["--yes", "--skip-preview", "--color", "never", "--suppress-progress"];

async function deploy(pulumi: Pulumi, tag: string | undefined): Promise<void> {
  const words = ["up", ...quietly, ...(tag ? ["--config", `imageTag=${tag}`] : [])];
  await step(`pulumi up${tag ? ` with image tag ${tag}` : ""}`, () =>
    runPulumi(pulumi, words, { show: (text) => process.stderr.write(text) }),
  );
}

/** The tag to deploy: the requested tag; without one the first image, if nothing is deployed yet. */
async function tagToDeploy(world: World, asked: string | undefined): Promise<string | undefined> {
  if (asked !== undefined) return asked;
  const status = await rehearsalStatus(options);
  if (status.state === "up" && status.imageTag !== null) return undefined;
  await buildImage(world, firstTag, "normal");
  return firstTag;
}

async function up(asked: string | undefined, isCluster = false): Promise<void> {
  const wanted = { ...options, ...(isCluster && { cluster: true }) };
  const world = await step("world: VPS, registry, certificate authority", () => ensureWorld(wanted, report));
  await step("GitHub", () => ensureGithub(world));
  const pulumi = await step("engine and plugins", () => ensurePulumi(world, report));
  await step("stack", () => ensureStack(world, pulumi));
  await deploy(pulumi, await tagToDeploy(world, asked));
  process.stderr.write(`\n${renderStatus(await rehearsalStatus(options))}\n`);
}

/** Deploys the second sample app beside the first one. Another tag makes another release of it. */
async function secondApp(tag: string): Promise<void> {
  const world = await runningWorld();
  const pulumi = await step("engine and plugins", () => ensurePulumi(world, report, secondSample));
  await step("stack of the second app", () => ensureStack(world, pulumi));
  await step(`image ${tag} of the second sample app`, () =>
    buildSecond({ tag, registry: world.registry.address, repository: secondSample.repository }, report),
  );
  await deploy(pulumi, tag);
  const { domain, vps, acme } = { ...world, domain: secondSample.domain(world) };
  const curl = `curl --resolve ${domain}:${vps.httpsPort}:${vps.address} --cacert ${acme.caFile}`;
  process.stderr.write(`\ntry       ${curl} https://${domain}:${vps.httpsPort}/healthz\n`);
}

async function runningWorld(): Promise<World> {
  const world = await findWorld(options);
  if (world) return world;
  throw new Error("the rehearsal is not up: run `npm run rehearse` first");
}

const program = new Command("rehearse")
  .enablePositionalOptions()
  .description("Runs the real `pulumi up` against a disposable server on this machine.");

program
  .command("up", { isDefault: true })
  .description("start the missing parts of the world, and deploy")
  .argument("[tag]", "image tag to deploy; without it the deployed image stays")
  .action((tag: string | undefined) => up(tag));

program
  .command("cluster")
  .description("as `up`, in a new world with two more servers: the app runs on three servers, as one Docker Swarm")
  .argument("[tag]", "image tag to deploy; without it the deployed image stays")
  .action((tag: string | undefined) => {
    if (findSettings(options)?.peers.length === 0)
      throw new Error("this world has one server, and no cluster can be made of it; next: npm run rehearse -- down");
    return up(tag, true);
  });

program
  .command("host")
  .description("replace the world by one with a server of this kind, without a deployment")
  .addArgument(new Argument("<kind>", "the kind of server").choices(hostKinds))
  .action(async (host: HostKind) => {
    await step("down", () => removeWorld(options, report));
    const world = await step(`world with a server ${host}`, () => ensureWorld({ ...options, host }, report));
    const pulumi = await step("engine and plugins", () => ensurePulumi(world, report));
    await step("stack", () => ensureStack(world, pulumi));
    process.stderr.write(`\n${renderStatus(await rehearsalStatus(options))}\n`);
  });

program
  .command("status")
  .description("show addresses, commands and the deployed image")
  .option("--json", "print one JSON object")
  .action(async ({ json }: { json?: boolean }) => {
    const status = await rehearsalStatus(options);
    process.stdout.write(json ? `${JSON.stringify(status, undefined, 2)}\n` : `${renderStatus(status)}\n`);
  });

/** The command that builds an image. */
const buildCommand = (name: string): Command =>
  new Command(name)
    .description("build an image of the sample app and push it to the registry of the world")
    .addArgument(new Argument("<tag>", "the image tag, and the version that the app reports"))
    .addOption(new Option("--behaviour <name>", "what the app does wrong").choices(behaviours).default("normal"))
    .action(async (tag: string, { behaviour }: { behaviour: Behaviour }) => {
      await buildImage(await runningWorld(), tag, behaviour);
    });

program
  .command("app")
  .description("deploy another sample app beside the first one, on the same server")
  .addArgument(new Argument("<name>", "the app").choices([secondSample.stack]))
  .argument("[tag]", "image tag to build and deploy", "a0000a2")
  .action((_: string, tag: string) => secondApp(tag));

program.addCommand(buildCommand("build"));
// The earlier name of the command still works.
program.addCommand(buildCommand("release"), { hidden: true });

program
  .command("down")
  .description("remove the world and everything in it")
  .action(() => step("down", () => removeWorld(options, report)));

/**
 * Runs a program with the environment of the rehearsal's stack and passes its exit code on. REHEARSAL_APP=second: of the
 * second app's stack.
 */
async function runOnStack(words: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<void> {
  const sample = process.env["REHEARSAL_APP"] === secondSample.stack ? secondSample : firstSample;
  const { environment, stack } = byHand(await ensurePulumi(await runningWorld(), () => undefined, sample));
  const [program = "", ...args] = words;
  const variables = { ...process.env, ...environment, PULUMI_STACK: stack, ...more };
  const child = spawn(program, args, { cwd: repositoryRoot, env: variables, stdio: "inherit" });
  const [code] = (await once(child, "close")) as [number | null];
  process.exitCode = code ?? 1;
}

program
  .command("ops")
  .description("run a command of the operator's CLI on the stack of the rehearsal, such as `ops status`")
  .helpOption(false)
  .passThroughOptions()
  .allowUnknownOption()
  .argument("[words...]")
  .action(async (words: string[]) =>
    runOnStack([process.execPath, join(repositoryRoot, "dist/ops.cjs"), ...words], siteVariables(await runningWorld())),
  );

program
  .command("pulumi")
  .description("run pulumi on the stack of the rehearsal, such as `pulumi preview`")
  .helpOption(false)
  .passThroughOptions()
  .allowUnknownOption()
  .argument("[words...]")
  .action((words: string[]) => runOnStack(["pulumi", ...words]));

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
