import type { ChildProcess, SpawnOptions } from "node:child_process";
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { handleServerStreamingCall, handleUnaryCall } from "@grpc/grpc-js";
import { status } from "@grpc/grpc-js";
import * as rpc from "@pulumi/pulumi/proto/language_pb";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { NodeCommand, PluginRun, ProgramRun } from "./node-command";
import { requiredPackages, type RequiredPackage } from "./required-packages";
import { pluginCommand, pluginRunner, programCommand, programOutcome } from "./node-command";

const handshake: handleUnaryCall<rpc.LanguageHandshakeRequest, rpc.LanguageHandshakeResponse> = (_call, reply) => {
  reply(null, new rpc.LanguageHandshakeResponse());
};

const getPluginInfo: handleUnaryCall<Empty, plugin.PluginInfo> = (_call, reply) => {
  reply(null, new plugin.PluginInfo());
};

const about: handleUnaryCall<rpc.AboutRequest, rpc.AboutResponse> = (_call, reply) => {
  reply(null, new rpc.AboutResponse().setExecutable(process.execPath).setVersion(process.version));
};

const packageDependency = ({ name, version, server }: RequiredPackage): plugin.PackageDependency =>
  new plugin.PackageDependency().setName(name).setKind("resource").setVersion(`v${version}`).setServer(server);

const getRequiredPackages: handleUnaryCall<rpc.GetRequiredPackagesRequest, rpc.GetRequiredPackagesResponse> = (
  { request },
  reply,
) => {
  const packages = requiredPackages(request.getInfo()?.getProgramDirectory() ?? "").map(packageDependency);
  reply(null, new rpc.GetRequiredPackagesResponse().setPackagesList(packages));
};

const run =
  (engineAddress: string): handleUnaryCall<rpc.RunRequest, rpc.RunResponse> =>
  (call, reply) => {
    const program = programRun(call.request, engineAddress);
    const runner = resolveFrom(programDirectory(call.request), "@pulumi/pulumi/cmd/run");
    if (runner instanceof Error) {
      reply(runner);
      return;
    }
    const child = start(programCommand(runner, program), { stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", (error) => {
      reply(callError(error.message));
    });
    child.on("exit", (code, signal) => {
      const { bail, error } = programOutcome(code, signal);
      reply(null, new rpc.RunResponse().setBail(bail).setError(error));
    });
    call.on("cancelled", () => child.kill());
  };

const runPlugin: handleServerStreamingCall<rpc.RunPluginRequest, rpc.RunPluginResponse> = (call) => {
  const request = pluginRun(call.request);
  const runner = resolveFrom(request.programDirectory, pluginRunner(request.kind));
  if (runner instanceof Error) {
    call.emit("error", runner);
    return;
  }
  const child = start(pluginCommand(runner, request), { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout?.on("data", (text: Buffer) => call.write(new rpc.RunPluginResponse().setStdout(text)));
  child.stderr?.on("data", (text: Buffer) => call.write(new rpc.RunPluginResponse().setStderr(text)));
  child.on("error", (error) => call.emit("error", callError(error.message)));
  child.on("close", (code) => {
    call.write(new rpc.RunPluginResponse().setExitcode(code ?? 1));
    call.end();
  });
  call.on("cancelled", () => child.kill());
};

/**
 * The calls of `pulumirpc.LanguageRuntime` that `up`, `preview`, `refresh`, `destroy`, plugins and policy packs need.
 * Every other one (installing dependencies, generating code) answers "unimplemented", which the engine understands.
 */
export const languageRuntime = (engineAddress: string) => ({
  handshake,
  getPluginInfo,
  about,
  getRequiredPackages,
  run: run(engineAddress),
  runPlugin,
});

/** Starts a child process that ends with this process. */
function start(command: NodeCommand, options: SpawnOptions): ChildProcess {
  const child = spawn(process.execPath, command.args, {
    ...options,
    cwd: command.workingDirectory,
    env: { ...process.env, ...command.environment },
  });
  const end = (): void => void child.kill();
  process.on("exit", end);
  child.on("exit", () => process.off("exit", end));
  return child;
}

/** Finds a module as the program in this folder would, so that the program's own @pulumi/pulumi runs it. */
function resolveFrom(folder: string, module: string): string | Error {
  try {
    return createRequire(join(folder, "index.js")).resolve(module);
  } catch {
    return callError(`Cannot find module '${module}' from ${folder}: run \`npm ci\` there.`);
  }
}

/** An error in the form of gRPC, which hides the message of any other error. */
const callError = (details: string): Error =>
  Object.assign(new Error(details), { code: status.FAILED_PRECONDITION, details });

const programDirectory = (request: rpc.RunRequest): string =>
  request.getInfo()?.getProgramDirectory() ?? request.getPwd();

function programRun(request: rpc.RunRequest, engineAddress: string): ProgramRun {
  const info = request.getInfo();
  return {
    engineAddress,
    monitorAddress: request.getMonitorAddress(),
    organization: request.getOrganization(),
    project: request.getProject(),
    stack: request.getStack(),
    rootDirectory: info?.getRootDirectory() ?? "",
    workingDirectory: request.getPwd(),
    entryPoint: info?.getEntryPoint() ?? ".",
    programArguments: request.getArgsList(),
    dryRun: request.getDryrun(),
    parallel: request.getParallel(),
    config: Object.fromEntries(request.getConfigMap().getEntryList()),
    secretKeys: request.getConfigsecretkeysList(),
    typescript: info?.getOptions()?.toJavaScript()["typescript"] !== false,
  };
}

const pluginRun = (request: rpc.RunPluginRequest): PluginRun => ({
  kind: request.getKind(),
  programDirectory: request.getInfo()?.getProgramDirectory() ?? request.getProgram(),
  workingDirectory: request.getPwd(),
  pluginArguments: request.getArgsList(),
  environment: request.getEnvList(),
});
