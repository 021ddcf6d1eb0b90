/** A program to run with `node`, its folder, and its variables beside the inherited ones. */
export interface NodeCommand {
  readonly args: readonly string[];
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** One run of the program, as the engine asks for it (`pulumirpc.RunRequest`). */
export interface ProgramRun {
  readonly monitorAddress: string;
  readonly engineAddress: string;
  readonly organization: string;
  readonly project: string;
  readonly stack: string;
  readonly rootDirectory: string;
  readonly workingDirectory: string;
  readonly entryPoint: string;
  readonly programArguments: readonly string[];
  readonly dryRun: boolean;
  readonly parallel: number;
  readonly config: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
  readonly typescript: boolean;
}

/** Starts a program as Pulumi's own language host does; `runner` is the path of `@pulumi/pulumi/cmd/run`. */
export const programCommand = (runner: string, run: ProgramRun): NodeCommand => ({
  args: [
    runner,
    ...flag("monitor", run.monitorAddress),
    ...flag("engine", run.engineAddress),
    ...flag("organization", run.organization),
    ...flag("project", run.project),
    ...flag("root-directory", run.rootDirectory),
    ...flag("stack", run.stack),
    ...flag("pwd", run.workingDirectory),
    ...(run.dryRun ? ["--dry-run"] : []),
    ...flag("parallel", run.parallel.toString()),
    run.entryPoint,
    ...run.programArguments,
  ],
  workingDirectory: run.workingDirectory,
  environment: {
    PULUMI_CONFIG: JSON.stringify(run.config),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(run.secretKeys),
    ...(run.typescript ? { PULUMI_NODEJS_TYPESCRIPT: "true" } : {}),
  },
});

const flag = (name: string, value: string): string[] => (value === "" ? [] : [`--${name}`, value]);

/** One run of a plugin that is a Node.js package (`pulumirpc.RunPluginRequest`). */
export interface PluginRun {
  readonly kind: string;
  readonly programDirectory: string;
  readonly workingDirectory: string;
  readonly pluginArguments: readonly string[];
  readonly environment: readonly string[];
}

/** The module of `@pulumi/pulumi` that runs plugins of this kind. */
export const pluginRunner = (kind: string): string =>
  kind === "analyzer" ? "@pulumi/pulumi/cmd/run-policy-pack" : "@pulumi/pulumi/cmd/run-plugin";

/**
 * Starts a plugin. A policy pack runs in its own folder, where `PolicyPack` reads its version, and takes the engine's
 * address before its own path; any other plugin runs in the engine's folder.
 */
export const pluginCommand = (runner: string, run: PluginRun): NodeCommand => ({
  args:
    run.kind === "analyzer"
      ? [runner, ...run.pluginArguments, run.programDirectory]
      : [runner, run.programDirectory, ...run.pluginArguments],
  workingDirectory: run.kind === "analyzer" ? run.programDirectory : run.workingDirectory,
  environment: Object.fromEntries(run.environment.map(assignment)),
});

function assignment(variable: string): [string, string] {
  const split = variable.indexOf("=");
  return [variable.slice(0, split), variable.slice(split + 1)];
}

/** Result of a program for the engine. `bail`: the error is already shown, so the engine prints nothing more. */
export interface ProgramOutcome {
  readonly bail: boolean;
  readonly error: string;
}

// @pulumi/pulumi/cmd/run exits with this once it has logged the error.
const exitAfterLoggedError = 32;

/** Reads an exit code, or the signal that ended the program. */
export function programOutcome(code: number | null, signal: string | null): ProgramOutcome {
  if (code === 0) return { bail: false, error: "" };
  if (code === exitAfterLoggedError) return { bail: true, error: "" };
  return {
    bail: false,
    error:
      code === null
        ? `Program was ended by ${signal ?? "an unknown signal"}`
        : `Program exited with non-zero exit code: ${code}`,
  };
}
