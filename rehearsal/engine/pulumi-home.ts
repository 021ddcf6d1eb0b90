import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, readlink, rm, symlink } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { b2Package } from "../../components/resources/b2-package";
import { repositoryRoot } from "../../repository";
import { sdkVersion } from "../offline/plugins/sdk-version";
import { run } from "../world/run";
import type { Engine } from "./engine";

/** A resource plugin in a PULUMI_HOME: the real one, or our stand-in for it. */
export interface EnsuredPlugin {
  readonly name: string;
  readonly version: string;
  readonly kind: "real" | "stand-in";
}

/** The plugins of the program that have a stand-in under `rehearsal/offline/plugins/`. */
export const pluginNames = ["command", "docker", "github", "random", "terraform-provider"] as const;

/** The version that the program needs. */
export const pluginVersion = (name: string): string =>
  name === b2Package.baseProviderName ? b2Package.baseProviderVersion : sdkVersion(name);

const installSeconds = 5 * 60;

/**
 * Puts the program's plugins, in the versions of its SDKs, into a PULUMI_HOME, which is made where it is missing. With
 * an engine that was downloaded they are the real ones wherever the download works; otherwise stand-ins of this checkout.
 */
export async function ensurePlugins(
  engine: Engine,
  pulumiHome: string,
  report: (line: string) => void,
): Promise<readonly EnsuredPlugin[]> {
  const plugins: EnsuredPlugin[] = [];
  for (const name of pluginNames) {
    const version = pluginVersion(name);
    const real = await installRealPlugin(engine, pulumiHome, name, version);
    if (!real) await layOutStandIn(pulumiHome, name, version, standInFolder(name));
    report(`Plugin ${name} ${version}: ${real ? "the real one" : "stand-in"}`);
    plugins.push({ name, version, kind: real ? "real" : "stand-in" });
  }
  return plugins;
}

/** Where the engine looks for a resource plugin. */
export const pluginFolder = (pulumiHome: string, name: string, version: string): string =>
  join(pulumiHome, "plugins", `resource-${name}-v${version}`);

/** Where `npm run build` puts the stand-in for a plugin. */
const standInFolder = (name: string): string => join(repositoryRoot, "dist/offline", name);

/**
 * Lays a stand-in out as an installed plugin: an executable that runs the `index.js` of `program`, a folder with its
 * compiled code. It does not change an existing one, so that a running engine is not disturbed.
 * @throws Error when the program is not compiled.
 */
export async function layOutStandIn(pulumiHome: string, name: string, version: string, program: string): Promise<void> {
  const entry = join(program, "index.js");
  if (!existsSync(entry))
    throw new Error(`The stand-in for the plugin ${name} is not compiled: run \`npm run build\`.`);
  const folder = pluginFolder(pulumiHome, name, version);
  const link = join(folder, "index.js");
  if ((await linkTarget(link)) === entry) return;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const launcher = join(folder, `pulumi-resource-${name}`);
  await copyFile(join(repositoryRoot, "rehearsal/offline/plugins/pulumi-resource-stand-in.sh"), launcher);
  await chmod(launcher, 0o755);
  await symlink(entry, link);
}

/** Downloads the real plugin if it is missing. Returns whether it is in PULUMI_HOME. */
async function installRealPlugin(engine: Engine, pulumiHome: string, name: string, version: string): Promise<boolean> {
  if (engine.kind === "built") return false;
  const folder = pluginFolder(pulumiHome, name, version);
  if ((await linkTarget(join(folder, "index.js"))) !== undefined) await rm(folder, { recursive: true });
  try {
    await run([engine.binary, "plugin", "install", "resource", name, version], {
      environment: {
        PATH: [engine.pathPrefix, process.env["PATH"]].filter(Boolean).join(delimiter),
        PULUMI_HOME: pulumiHome,
        PULUMI_SKIP_UPDATE_CHECK: "true",
      },
      seconds: installSeconds,
    });
    return true;
  } catch {
    return false;
  }
}

const linkTarget = (path: string): Promise<string | undefined> => readlink(path).catch(() => undefined);
