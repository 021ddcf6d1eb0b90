import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { run } from "../world/run";
import { cached, cacheFolder } from "../cache";
import { buildEngine, builtBinary } from "../offline/engine/build";
import { installedVersion, isEngineVersion } from "./version";

/** A Pulumi engine on this machine. */
export interface Engine {
  /** Absolute path of the `pulumi` binary, or only its name when it is on PATH. */
  readonly binary: string;
  readonly version: string;
  /** On PATH already; downloaded by the npm package `pulumi`; or built from Go modules, with our language host. */
  readonly kind: "installed" | "npm" | "built";
  /** Folder at the start of PATH; empty when the engine is already on PATH. */
  readonly pathPrefix: string;
}

const installSeconds = 2 * 60;
const downloadSeconds = 5 * 60;
const answerSeconds = 30;

/**
 * Finds or gets an engine of the version of the program's `@pulumi/pulumi`: from PATH, from the cache, with the npm package
 * `pulumi` (which downloads a release), or built from Go modules (some minutes, once for this machine).
 * @throws Error that names the program to install when no engine is available.
 */
export async function ensureEngine(report: (line: string) => void): Promise<Engine> {
  const version = installedVersion("@pulumi/pulumi");
  return (
    (await installedEngine(version)) ??
    cachedEngine(version) ??
    (await downloadEngine(version, report)) ??
    (await builtNow(version, report))
  );
}

async function installedEngine(required: string): Promise<Engine | undefined> {
  const version = await engineVersion("pulumi");
  if (version === undefined || !isEngineVersion(required, version)) return undefined;
  return { binary: "pulumi", version: version.replace(/^v/, ""), kind: "installed", pathPrefix: "" };
}

function cachedEngine(version: string): Engine | undefined {
  const engines = [downloadedEngine(version), builtEngine(version)];
  return engines.find((engine) => existsSync(engine.binary));
}

async function downloadEngine(version: string, report: (line: string) => void): Promise<Engine | undefined> {
  report(`Pulumi ${version} is not on this machine: trying to download it`);
  try {
    await cached(downloadName(version), async (folder) => {
      const quiet = ["--ignore-scripts", "--no-audit", "--no-fund"];
      await run(["npm", "install", "--prefix", folder, ...quiet, `pulumi@${version}`], { seconds: installSeconds });
      // The package downloads the release at its first run, into PULUMI_HOME/versions.
      await run(["node", join(folder, "node_modules", "pulumi", "run.js"), "version"], {
        environment: { PULUMI_HOME: folder, PULUMI_VERSION: version },
        seconds: downloadSeconds,
      });
    });
    return downloadedEngine(version);
  } catch {
    report("The release cannot be downloaded from here");
    return undefined;
  }
}

async function builtNow(version: string, report: (line: string) => void): Promise<Engine> {
  await buildEngine(version, report);
  return builtEngine(version);
}

const downloadName = (version: string): string => `pulumi-download-${version}`;

const downloadedEngine = (version: string): Engine =>
  cacheEngine(version, "npm", join(cacheFolder(), downloadName(version), "versions", version, "bin", "pulumi"));

const builtEngine = (version: string): Engine => cacheEngine(version, "built", builtBinary(version));

const cacheEngine = (version: string, kind: Engine["kind"], binary: string): Engine => ({
  binary,
  version,
  kind,
  pathPrefix: dirname(binary),
});

/** The output of `<binary> version`; undefined when it cannot run. */
async function engineVersion(binary: string): Promise<string | undefined> {
  try {
    const environment = { PULUMI_SKIP_UPDATE_CHECK: "true" };
    return (await run([binary, "version"], { environment, seconds: answerSeconds })).trim();
  } catch {
    return undefined;
  }
}
