import { Secret, isProperties, text, type Properties, type Value } from "../value";
import { Daemon } from "./daemon";

/** A login to one registry. */
export interface RegistryLogin {
  /** With scheme: `https://` where none was given. */
  readonly address: string;
  readonly username: string;
  readonly password: string;
}

/** The provider as its resources see it. Dials at the first call only, so that a preview needs no host. */
export class DockerHost {
  private address = "";
  private sshOpts: readonly string[] = [];
  private logins: readonly RegistryLogin[] = [];
  private connection: Daemon | undefined;

  /** Takes the provider's configuration as it comes over the wire: lists are JSON texts. */
  configure(args: Properties): void {
    this.address = text(args, "host");
    this.sshOpts = listOf(args["sshOpts"]).map(String);
    this.logins = listOf(args["registryAuth"]).filter(isProperties).map(login);
  }

  /** The host's Docker. */
  daemon(): Daemon {
    this.connection ??= new Daemon({ address: this.address, sshOpts: this.sshOpts });
    return this.connection;
  }

  /** The login for a registry, if one was configured. */
  login(registry: string): RegistryLogin | undefined {
    return this.logins.find(({ address }) => new URL(address).host === registry);
  }

  /** Ends the connection. A later call dials anew. */
  close(): void {
    this.connection?.close();
    this.connection = undefined;
  }
}

/** The provider's inputs as the real CheckConfig gives them back: logins normalized, in order and secret. */
export function checkedConfig(inputs: Properties): Properties {
  const { registryAuth, ...rest } = inputs;
  if (registryAuth === undefined) return rest;
  const plainAuth = registryAuth instanceof Secret ? registryAuth.value : registryAuth;
  return typeof plainAuth === "string" ? { ...rest, registryAuth: new Secret(inOrder(plainAuth)) } : inputs;
}

function inOrder(json: string): string {
  const logins = JSON.parse(json) as Record<string, unknown>[];
  return JSON.stringify(logins.map((entry) => Object.fromEntries(Object.entries(entry).sort())));
}

function listOf(value: Value | undefined): readonly Value[] {
  const parsed: unknown = typeof value === "string" && value !== "" ? JSON.parse(value) : value;
  return Array.isArray(parsed) ? (parsed as Value[]) : [];
}

function login(entry: Properties): RegistryLogin {
  const address = text(entry, "address");
  return {
    address: /^https?:\/\//.test(address) ? address : `https://${address}`,
    username: text(entry, "username"),
    password: text(entry, "password"),
  };
}
