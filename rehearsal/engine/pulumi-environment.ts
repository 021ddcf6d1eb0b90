import { delimiter, join } from "node:path";
import { repositoryRoot } from "../../repository";
import type { Engine } from "./engine";

/** Settings of a run of the engine beside the project and its stack. */
export interface PulumiSettings {
  readonly engine: Engine;
  /** Absolute path of the folder with plugins, credentials and logs. */
  readonly pulumiHome: string;
  /** Absolute path of the folder with the state. It must exist. */
  readonly stateFolder: string;
  /** File with the passphrase of the stack's secrets. */
  readonly passphraseFile: string;
  /** The stack's configuration, where it is not the project's own `Pulumi.<stack>.yaml`. */
  readonly configFile?: string;
  /** Socket of the ssh agent; undefined when the run connects to no server. */
  readonly sshAgentSocket: string | undefined;
  /** Token of the rehearsal's GitHub; undefined without one. */
  readonly githubToken?: string | undefined;
  /** Whether any plugin is a stand-in, which the engine must not try to replace by a download. */
  readonly standIns: boolean;
  /** Further variables, such as the master key of the world's B2. @default none */
  readonly variables?: Readonly<Record<string, string>>;
}

/** The compiled language host that an engine of kind `built` starts through its launcher. */
export const languageHostProgram = join(repositoryRoot, "dist/offline/language-host/index.js");

/** The variables that make `pulumi` run with these settings, on top of `path`, the PATH to extend. */
export const pulumiVariables = (settings: PulumiSettings, path: string): Record<string, string> => ({
  PATH: settings.engine.pathPrefix === "" ? path : `${settings.engine.pathPrefix}${delimiter}${path}`,
  PULUMI_HOME: settings.pulumiHome,
  PULUMI_BACKEND_URL: `file://${settings.stateFolder}`,
  PULUMI_CONFIG_PASSPHRASE_FILE: settings.passphraseFile,
  PULUMI_SKIP_UPDATE_CHECK: "true",
  // Unlike --config-file it reaches the program, and commands that do not know the option.
  ...(settings.configFile === undefined ? {} : { PULUMI_OPTION_CONFIG_FILE: settings.configFile }),
  ...(settings.standIns ? { PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" } : {}),
  ...(settings.engine.kind === "built" ? { MEMORYLOOP_LANGUAGE_HOST: languageHostProgram } : {}),
  ...(settings.githubToken === undefined ? {} : { GITHUB_TOKEN: settings.githubToken }),
  ...(settings.sshAgentSocket === undefined ? {} : { SSH_AUTH_SOCK: settings.sshAgentSocket }),
  ...settings.variables,
});

/**
 * The whole environment for `pulumi`: `inherited` with {@link pulumiVariables} over it, and without the inherited
 * variables that could lead it elsewhere (`PULUMI_*`, such as a passphrase or an access token; the agent's socket).
 */
export const pulumiEnvironment = (settings: PulumiSettings, inherited: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(
    Object.entries(inherited).filter(([name]) => !name.startsWith("PULUMI_") && name !== "SSH_AUTH_SOCK"),
  ),
  ...pulumiVariables(settings, inherited["PATH"] ?? ""),
});
