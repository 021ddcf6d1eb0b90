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

// The SDKs name plugin and version with every resource; this list only lets an engine download them ahead.
const getRequiredPackages: handleUnaryCall<rpc.GetRequiredPackagesRequest, rpc.GetRequiredPackagesResponse> = (
  _call,
  reply,
) => {
  reply(null, new rpc.GetRequiredPackagesResponse());
};

const run =
  (engineAddress: string): handleUnaryCall<rpc.RunRequest, rpc.RunResponse> =>
  (call, reply) => {
    const program = programRun(call.request, engineAddress);
    const command = programCommand(resolveFrom(programDirectory(call.request), "@pulumi/pulumi/cmd/run"), program);
    const child = start(command, { stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", (error) => {
      reply({ code: status.INTERNAL, details: error.message });
    });
    child.on("exit", (code, signal) => {
      const { bail, error } = programOutcome(code, signal);
      reply(null, new rpc.RunResponse().setBail(bail).setError(error));
    });
    call.on("cancelled", () => child.kill());
  };

const runPlugin: handleServerStreamingCall<rpc.RunPluginRequest, rpc.RunPluginResponse> = (call) => {
  const request = pluginRun(call.request);
  const command = pluginCommand(resolveFrom(request.programDirectory, pluginRunner(request.kind)), request);
  const child = start(command, { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout?.on("data", (text: Buffer) => call.write(new rpc.RunPluginResponse().setStdout(text)));
  child.stderr?.on("data", (text: Buffer) => call.write(new rpc.RunPluginResponse().setStderr(text)));
  child.on("error", (error) => call.destroy(error));
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

function start(command: NodeCommand, options: SpawnOptions): ChildProcess {
  return spawn(process.execPath, command.args, {
    ...options,
    cwd: command.workingDirectory,
    env: { ...process.env, ...command.environment },
  });
}

/** Finds a module as the program in this folder would, so that the program's own @pulumi/pulumi runs it. */
const resolveFrom = (folder: string, module: string): string => createRequire(join(folder, "index.js")).resolve(module);

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
