import "./array-methods";
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import * as commands from "../rollout/commands";
import { activeTag, containerOf, parseHostState, type HostState } from "../rollout/host-state";
import { previousRelease } from "../rollout/plan";
import { rollBack, type RollbackSettings } from "../rollout/rollback";
import { deployTag } from "./deploy";
import { localDocker } from "./docker";
import { LocalShell } from "./local-shell";
import { parseRequest, type DeployRequest } from "./request";
import {
  deploySettingsSchema,
  gateFor,
  registryFile,
  registryLoginSchema,
  settingsFile,
  type DeploySettings,
} from "./settings";

// The program behind a deploy key. It runs on the server as root:   main.cjs SETTINGS_FOLDER WORDS

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));
const shell = new LocalShell();

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Writes a line into the system's journal, for the server's owner. */
function log(app: string, priority: "notice" | "warning", text: string): void {
  const by = process.env["VPS_OPERATOR"] ?? "unknown";
  const words = ["--tag", `${app}-deploy`, "--priority", `auth.${priority}`, "--", `${by}: ${text}`];
  // Nobody waits for it, and it outlives this program.
  spawn("logger", words, { stdio: "ignore", detached: true })
    .on("error", () => undefined)
    .unref();
}

function renderStatus(state: HostState): string {
  const previous = containerOf(state, previousRelease(state))?.imageTag ?? "none";
  const last = state.records.at(-1);
  const ended = last ? `${last.imageTag} ${last.status} at ${last.completedAt || last.startedAt}` : "none";
  return `active: ${activeTag(state) || "none"} (release ${state.active || "none"})\nprevious: ${previous}\nlast deployment: ${ended}`;
}

const rollbackSettings = (settings: DeploySettings): RollbackSettings => ({
  connection: settings.connection,
  app: settings.app,
  domain: settings.domain,
  drainSeconds: settings.drainSeconds,
  stopSeconds: settings.stopSeconds,
  keepAssets: settings.keepAssets,
  repository: settings.repository,
  gateFor: (tag) => gateFor(settings, tag),
});

async function perform(request: DeployRequest, settings: DeploySettings, folder: string): Promise<string> {
  switch (request.kind) {
    case "deploy": {
      const login = existsSync(registryFile(folder))
        ? registryLoginSchema.parse(readJson(registryFile(folder)))
        : undefined;
      const host = { settings, shell, docker: localDocker(login), report: print };
      const { deployment } = await deployTag(request.tag, host);
      return `the site runs ${request.tag} (release ${deployment.release})`;
    }
    case "rollback": {
      const { serving, release, rolledBack } = await rollBack(
        rollbackSettings(settings),
        { reason: "rollback with a deploy key" },
        shell,
        print,
      );
      return `the site runs ${serving} again (release ${release}); ${rolledBack} is stopped`;
    }
    case "status":
      return renderStatus(parseHostState(await shell.run(commands.observe(settings.app))));
  }
}

const refusedExitCode = 2;

async function main([folder = "", words = ""]: readonly string[]): Promise<void> {
  const settings = deploySettingsSchema.parse(readJson(settingsFile(folder)));
  const request = parseRequest(words, settings.repository);
  if (request.kind === "refused") {
    log(settings.app, "warning", `refused ${request.reason}: ${JSON.stringify(words.slice(0, 200))}`);
    process.stderr.write(`refused: ${request.reason}\n`);
    process.exitCode = refusedExitCode;
    return;
  }
  log(settings.app, "notice", words);
  try {
    print(await perform(request, settings, folder));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    log(settings.app, "warning", `${words} failed: ${message.split("\n")[0] ?? ""}`);
    process.stderr.write(`${message}\n`);
    process.exitCode = 1;
  }
}

// The client may die at any moment. The deployment continues, and its words reach nobody.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
for (const signal of ["SIGHUP", "SIGINT", "SIGTERM", "SIGPIPE"] as const) process.on(signal, () => undefined);
void main(process.argv.slice(2));
