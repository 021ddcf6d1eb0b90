import * as pulumi from "@pulumi/pulumi";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { ConfigError, parseConfig, type Config } from "../config";
import { isForApp } from "../config/variables";
import type { Connection } from "../host/connection";
import type { Sharing } from "../host/file-set/inputs";
import { sharingOf } from "../host/sets/file-set-spec";
import { stackFile } from "./stack-file";
import { userError } from "./user-error";

/** The stack's configuration, read once: typed, complete, with defaults filled in. */
export interface StackConfig extends Omit<Config, "host"> {
  readonly connection: Connection;
  /** Decisions of the server's owner. */
  readonly host: Pick<Config["host"], "adopt" | "allow" | "deployKeys">;
  /** Values of variables that `pulumi config set --secret <NAME>` set. */
  readonly secrets: Readonly<Record<string, pulumi.Output<string>>>;
  readonly registryToken: pulumi.Output<string> | undefined;
}

/** The configuration with the decisions that the server's inventory made. */
export interface ServerConfig extends StackConfig {
  /** With the user id under which the app runs, from the configuration or from the image. */
  readonly app: Config["app"] & { readonly uid: number };
  readonly network: { readonly subnet: string };
  /** Id of the app's data. */
  readonly identity: string;
  /** How strictly the apps of the server must agree on shared files. */
  readonly sharing: Sharing;
}

export const onServer = (
  config: StackConfig,
  { subnet, user, identity }: { readonly subnet: string; readonly user: number; readonly identity: string },
): ServerConfig => ({
  ...config,
  identity,
  app: { ...config.app, uid: user },
  network: { subnet },
  sharing: sharingOf(config.host.adopt),
});

const secretKeysOfStack = (): ReadonlySet<string> =>
  new Set(JSON.parse(process.env["PULUMI_CONFIG_SECRET_KEYS"] ?? "[]") as string[]);

/** The keys of this project, without their namespace. Keys of other namespaces belong to other programs. */
const keysOfStack = (namespace: string): string[] =>
  Object.keys(pulumi.runtime.allConfig())
    .filter((key) => key.startsWith(`${namespace}:`))
    .map((key) => key.slice(namespace.length + 1));

const requireModule = createRequire(__filename);

/** The texts that the author of the stack file wrote, where the engine may have read another value: `00123` is 83 for it. */
function textsOfStackFile(project: string) {
  const file = stackFile();
  if (!existsSync(file)) return {};
  // Loaded here because few stacks need it: it takes a tenth of a second.
  const { writtenTexts } = requireModule("../config/written-texts") as typeof import("../config/written-texts");
  return writtenTexts(readFileSync(file, "utf8"), project);
}

function sourceOf(config: pulumi.Config) {
  const secretKeys = secretKeysOfStack();
  return {
    get: (key: string) => config.get(key),
    isSecret: (key: string) => secretKeys.has(`${config.name}:${key}`),
    keys: keysOfStack(config.name),
    writtenTexts: () => textsOfStackFile(config.name),
  };
}

function parsed(config: pulumi.Config): Config {
  try {
    return parseConfig(sourceOf(config), pulumi.getStack());
  } catch (error) {
    throw error instanceof ConfigError ? userError(error.message) : error;
  }
}

/** Reads the stack's configuration. @throws pulumi.RunError that names every problem at once. */
export function readConfig(): StackConfig {
  const config = new pulumi.Config();
  const {
    host: { adopt, allow, deployKeys, ...connection },
    ...plain
  } = parsed(config);
  const given = Object.entries(plain.variables).filter(([name, variable]) => isForApp(variable) && config.get(name));
  return {
    ...plain,
    connection,
    host: { adopt, allow, deployKeys },
    secrets: Object.fromEntries(given.map(([name]) => [name, config.requireSecret(name)])),
    registryToken: config.getSecret("REGISTRY_TOKEN"),
  };
}
