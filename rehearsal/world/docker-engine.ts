import { spawn } from "node:child_process";
import { existsSync, openSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { run, succeeds } from "./run";

const querySeconds = 10;
const installSeconds = 300;
const startSeconds = 60;
const pollMilliseconds = 250;
const logFile = "/var/log/dockerd.log";
const logLines = 10;

export interface EngineHost {
  readonly hasDockerd: boolean;
  readonly isDebian: boolean;
  readonly isRoot: boolean;
  readonly runsSystemd: boolean;
  /** DOCKER_HOST: an engine on another machine, which this program does not start. */
  readonly dockerHost: string | undefined;
}

export type EngineStep = "install" | "start unit" | "start process";

/**
 * The way to start a Docker engine that does not answer.
 * @throws Error with the next command when this program cannot start one.
 */
export function engineSteps(host: EngineHost): readonly EngineStep[] {
  if (host.dockerHost !== undefined) {
    throw new Error(`no Docker engine answers at DOCKER_HOST=${host.dockerHost}: start it there, or unset DOCKER_HOST`);
  }
  if (!host.isDebian || !host.isRoot) {
    throw new Error(
      "no Docker engine answers, and one can be started here only as root on Debian: start Docker (`docker version` must show a server), then try again",
    );
  }
  const start = host.runsSystemd ? "start unit" : "start process";
  return host.hasDockerd ? [start] : ["install", start];
}

/** Whether a Docker engine answers now. */
export const engineAnswers = (): Promise<boolean> =>
  succeeds(["docker", "version", "--format", "{{.Server.Version}}"], { seconds: querySeconds });

const thisHost = (): EngineHost => ({
  hasDockerd: existsSync("/usr/sbin/dockerd") || existsSync("/usr/bin/dockerd"),
  isDebian: existsSync("/etc/debian_version"),
  isRoot: process.getuid?.() === 0,
  runsSystemd: existsSync("/run/systemd/system"),
  dockerHost: process.env["DOCKER_HOST"],
});

async function installEngine(): Promise<void> {
  const environment = { DEBIAN_FRONTEND: "noninteractive" };
  await run(["apt-get", "-qq", "update"], { seconds: installSeconds });
  const install = ["apt-get", "-qq", "install", "-y", "--no-install-recommends", "docker.io", "iptables"];
  await run(install, { seconds: installSeconds, environment });
}

/** Whether the process of a pid file exists and runs that program. */
export function runsProgram(pidFile: string, program: string): boolean {
  try {
    return basename(readlinkSync(`/proc/${readFileSync(pidFile, "utf8").trim()}/exe`)) === program;
  } catch {
    return false;
  }
}

/**
 * In a session of its own, so that the engine outlives the command that started it. Pid files of an engine that died are
 * removed first: dockerd refuses to start when any process at all has that id by now.
 */
function startProcess(): void {
  if (runsProgram("/var/run/docker.pid", "dockerd")) return;
  rmSync("/var/run/docker.pid", { force: true });
  const containerd = "/var/run/docker/containerd/containerd.pid";
  if (!runsProgram(containerd, "containerd")) rmSync(containerd, { force: true });
  const log = openSync(logFile, "a");
  spawn("dockerd", [], { detached: true, stdio: ["ignore", log, log] }).unref();
}

async function execute(step: EngineStep, report: (line: string) => void): Promise<void> {
  switch (step) {
    case "install":
      report("installing the Docker engine (docker.io)");
      return installEngine();
    case "start unit":
      report("starting the Docker engine");
      await run(["systemctl", "start", "docker"], { seconds: startSeconds });
      return;
    case "start process":
      report(`starting the Docker engine (log: ${logFile})`);
      startProcess();
  }
}

async function engineStarted(): Promise<void> {
  const deadline = Date.now() + startSeconds * 1000;
  while (!(await engineAnswers())) {
    if (Date.now() > deadline) {
      const log = existsSync(logFile)
        ? readFileSync(logFile, "utf8").trim().split("\n").slice(-logLines).join("\n")
        : "";
      throw new Error(
        `the Docker engine did not answer within ${startSeconds} s of its start; see ${logFile}:\n${log}`,
      );
    }
    await delay(pollMilliseconds);
  }
}

/**
 * Ensures that a Docker engine answers. Without one, and as root on Debian, it installs `docker.io` if necessary and starts
 * it. The engine continues after this process.
 * @throws Error with the next command when no engine is available.
 */
export async function ensureDocker(report: (line: string) => void): Promise<void> {
  if (await engineAnswers()) return;
  for (const step of engineSteps(thisHost())) await execute(step, report);
  await engineStarted();
}
