/**
 * Runs the compiled program (dist/index.js) without engine, plugins and network, and prints the inputs of each resource.
 * Reads a {@link ProgramRun} from standard input. Whoever starts it gives it an environment without secrets.
 */
import { join } from "node:path";
import { text } from "node:stream/consumers";
import * as pulumi from "@pulumi/pulumi";
import { getMonitor } from "@pulumi/pulumi/runtime/settings";
import { isRpcSecret, unwrapRpcSecret } from "@pulumi/pulumi/runtime/rpc";
import { repositoryRoot } from "../../repository";
import { resourceKey, type KnownResource } from "./scrub-state";

/** One run of the program. */
export interface ProgramRun {
  readonly organization: string;
  readonly project: string;
  readonly stack: string;
  /** Configuration with its namespace, as texts. */
  readonly config: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
  /** The state's resources: what the plugins would answer. */
  readonly resources: Readonly<Record<string, KnownResource>>;
}

function plain(value: unknown): unknown {
  if (isRpcSecret(value)) return plain(unwrapRpcSecret(value));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
}

/** The outputs of this stack, which the program reads about its last update. */
const stackOutputs = ({ resources }: ProgramRun): object =>
  Object.entries(resources).find(([key]) => key.startsWith("pulumi:pulumi:Stack::"))?.[1].outputs ?? {};

const answerFromState = (run: ProgramRun, into: Record<string, unknown>): pulumi.runtime.Mocks => ({
  newResource({ type, name, inputs }) {
    const registered = plain(inputs) as Record<string, unknown>;
    into[resourceKey(type, name)] = registered;
    const known = run.resources[resourceKey(type, name)];
    return { id: known?.id ?? name, state: { ...registered, ...withoutInputs(known, registered) } };
  },
  call: ({ token }) => (token === "pulumi:pulumi:readStackOutputs" ? { outputs: stackOutputs(run) } : {}),
});

/** Values that a plugin computed: the outputs that are no inputs. */
const withoutInputs = (known: KnownResource | undefined, inputs: object): object =>
  Object.fromEntries(Object.entries(known?.outputs ?? {}).filter(([key]) => !(key in inputs)));

async function main(): Promise<void> {
  const run = JSON.parse(await text(process.stdin)) as ProgramRun;
  const registered: Record<string, unknown> = {};
  const { project, stack, organization } = run;
  await pulumi.runtime.setMocks(answerFromState(run, registered), project, stack, true, organization);
  // The SDK's own monitor for such runs (3.250) knows no resource hooks.
  Object.assign(getMonitor() ?? {}, {
    registerResourceHook(_: unknown, done: (error: null) => void): void {
      done(null);
    },
  });
  pulumi.runtime.setAllConfig({ ...run.config }, [...run.secretKeys]);
  process.env["PULUMI_CONFIG_SECRET_KEYS"] = JSON.stringify(run.secretKeys);
  const program = (await import(join(repositoryRoot, "dist", "index.js"))) as { default: () => Promise<unknown> };
  await program.default();
  // Not in the public types: waits for all registrations.
  await (pulumi.runtime as unknown as { waitForRPCs: () => Promise<void> }).waitForRPCs();
  process.stdout.write(JSON.stringify(registered));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
