import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { oneError } from "../bridge/one-error";
import { Secret, isProperties, text, type Properties, type Value } from "../value";
import { Daemon } from "./daemon";

/** A login to one registry. */
export interface RegistryLogin {
  /** With its scheme: `https://` is the default. */
  readonly address: string;
  readonly username: string;
  readonly password: string;
}

/** The machine that the plugin runs on. */
export interface Machine {
  readonly environment: NodeJS.ProcessEnv;
  /** Home of the user, from the user database: the real plugin does not read HOME. */
  readonly home: string;
}

const thisMachine = (): Machine => ({ environment: process.env, home: userInfo().homedir });

/** The provider as its resources see it. It connects at the first call only, so a preview needs no host. */
export class DockerHost {
  private address = "";
  private sshOpts: readonly string[] = [];
  private logins: readonly RegistryLogin[] = [];
  private connection: Daemon | undefined;

  constructor(private readonly machine: Machine = thisMachine()) {}

  /**
   * Takes the provider's configuration as the engine sends it: lists are JSON texts.
   * @throws Error in the words of the real plugin for an unknown Docker context, or a login that it cannot load.
   */
  configure(args: Properties): void {
    this.address = hostAddress(args, this.machine);
    this.sshOpts = listOf(args["sshOpts"]).map(String);
    this.logins = listOf(args["registryAuth"])
      .filter(isProperties)
      .map((entry) => login(entry, this.machine));
  }

  /** The host's Docker. */
  daemon(): Daemon {
    this.connection ??= new Daemon({ address: this.address, sshOpts: this.sshOpts });
    return this.connection;
  }

  /** The login for a registry, if the configuration has one. */
  login(registry: string): RegistryLogin | undefined {
    return this.logins.find(({ address }) => new URL(address).host === registry);
  }

  /** Ends the connection. A later call connects again. */
  close(): void {
    this.connection?.close();
    this.connection = undefined;
  }
}

/** The provider's inputs as the real CheckConfig returns them: fields of logins in order, and secret with a password. */
export function checkedConfig(inputs: Properties): Properties {
  const { registryAuth, ...rest } = inputs;
  if (registryAuth === undefined) return rest;
  const plainAuth = registryAuth instanceof Secret ? registryAuth.value : registryAuth;
  if (typeof plainAuth !== "string") return inputs;
  const entries = JSON.parse(plainAuth) as Record<string, unknown>[];
  const json = JSON.stringify(entries.map((entry) => Object.fromEntries(Object.entries(entry).sort())));
  const isSecret = registryAuth instanceof Secret || entries.some(({ password }) => password !== undefined);
  return { ...rest, registryAuth: isSecret ? new Secret(json) : json };
}

/**
 * A Docker context wins over the input `host`. Its name comes from the input `context`, and without that input from
 * DOCKER_CONTEXT: an empty input keeps the variable out (terraform-provider-docker 4.5, `configure`).
 */
function hostAddress(args: Properties, { environment, home }: Machine): string {
  const context = args["context"] === undefined ? (environment["DOCKER_CONTEXT"] ?? "") : text(args, "context");
  if (context === "") return text(args, "host");
  const folder = join(home, ".docker/contexts/meta");
  const failure = (why: string): Error => oneError(`Error loading Docker context '${context}': ${why}`);
  if (!existsSync(folder)) {
    throw failure(`could not read contexts directory: open ${folder}: no such file or directory`);
  }
  const found = readdirSync(folder).flatMap((name) => contextAddress(join(folder, name, "meta.json"), context));
  if (found[0] === undefined) throw failure(`context '${context}' not found`);
  return found[0];
}

/** The address in a context's file, if the file is readable and of this context. */
function contextAddress(file: string, context: string): string[] {
  try {
    const meta = JSON.parse(readFileSync(file, "utf8")) as {
      Name?: string;
      Endpoints?: { docker?: { Host?: string } };
    };
    return meta.Name === context && meta.Endpoints?.docker ? [meta.Endpoints.docker.Host ?? ""] : [];
  } catch {
    return [];
  }
}

function listOf(value: Value | undefined): readonly Value[] {
  const parsed: unknown = typeof value === "string" && value !== "" ? JSON.parse(value) : value;
  return Array.isArray(parsed) ? (parsed as Value[]) : [];
}

function login(entry: Properties, machine: Machine): RegistryLogin {
  const given = text(entry, "address");
  const address = /^https?:\/\//.test(given) ? given : `https://${given}`;
  if (entry["authDisabled"] === true) return { address, username: "username", password: "password" };
  const { environment } = machine;
  const username = text(entry, "username") || (environment["DOCKER_REGISTRY_USER"] ?? "");
  if (username === "") return { address, ...storedLogin(new URL(address).host, machine) };
  return { address, username, password: text(entry, "password") || (environment["DOCKER_REGISTRY_PASS"] ?? "") };
}

interface DockerConfig {
  readonly auths?: Readonly<Record<string, { readonly auth?: string }>>;
}

/** The login that `docker login` stored; empty when the file has none for this registry. */
function storedLogin(registry: string, machine: Machine): { username: string; password: string } {
  const { auths = {} } = dockerConfig(configFile(machine));
  const stored = Buffer.from(auths[registry]?.auth ?? "", "base64").toString();
  const [username = "", password = ""] = stored.split(/:(.*)/s, 2);
  return { username, password };
}

function configFile({ environment, home }: Machine): string {
  const chosen = environment["DOCKER_CONFIG"] ?? "";
  if (chosen === "") return join(home, ".docker/config.json");
  return existsSync(chosen) && statSync(chosen).isDirectory() ? join(chosen, "config.json") : chosen;
}

function dockerConfig(file: string): DockerConfig {
  const failure = (why: string): Error => oneError(`Error loading registry auth config: ${why}`);
  if (!existsSync(file)) {
    throw failure(`could not open config file from filePath: ${file}. Error: open ${file}: no such file or directory`);
  }
  try {
    return JSON.parse(readFileSync(file, "utf8")) as DockerConfig;
  } catch (error) {
    throw failure(`could not read and load config file: ${(error as Error).message}`);
  }
}
