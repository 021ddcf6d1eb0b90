import type { Properties } from "./value";

/** How a property changed, in the engine's words. The `-replace` kinds ask for a new resource. */
export type ChangeKind = "add" | "add-replace" | "delete" | "delete-replace" | "update" | "update-replace";

/** Difference between a resource's state and its new inputs. */
export interface Difference {
  readonly changed: boolean;
  /** Top-level properties that differ. */
  readonly diffs?: readonly string[];
  /** Those of them that ask for a replacement. */
  readonly replaces?: readonly string[];
  /** Properties that keep their value whatever the update does. */
  readonly stables?: readonly string[];
  /** Every change by its property path. Absent: the engine works it out by itself. */
  readonly detailed?: Readonly<Record<string, ChangeKind>>;
  readonly deleteBeforeReplace?: boolean;
}

/** Inputs that passed, with defaults added, or what is wrong with them. */
export interface Checked {
  readonly inputs: Properties;
  readonly failures?: readonly { readonly property: string; readonly reason: string }[];
}

/** The part that every call about one resource shares. */
export interface Subject {
  readonly urn: string;
  /** The last part of the URN: the name the program gave. */
  readonly name: string;
}

/** A resource as it exists. */
interface Existing extends Subject {
  readonly id: string;
  readonly state: Properties;
}

/**
 * The life of one kind of resource over plain values. Secrets are opened before a call unless the plugin accepts them.
 * In a preview (`preview: true`) nothing may be touched; what only the real thing would tell is UNKNOWN.
 */
export interface Resource {
  check(request: Subject & { olds: Properties; news: Properties }): Checked;
  /** `ignored`: top-level properties whose changes the program ignores. */
  diff(request: Existing & { inputs: Properties; oldInputs: Properties; ignored?: readonly string[] }): Difference;
  /** @throws HalfCreated when the thing exists but could not be finished. */
  create(request: Subject & { inputs: Properties; preview: boolean }): Promise<{ id: string; state: Properties }>;
  /** The resource as it is now, undefined when it is gone. */
  read(
    request: Existing & { inputs: Properties },
  ): Promise<{ id: string; state: Properties; inputs: Properties } | undefined>;
  update(request: Existing & { inputs: Properties; oldInputs: Properties; preview: boolean }): Promise<Properties>;
  delete(request: Existing): Promise<void>;
}

/** Capabilities of the plugin, in its answer to Configure. */
interface Capabilities {
  readonly acceptSecrets?: true;
  readonly acceptResources?: true;
  readonly acceptOutputs?: true;
  readonly supportsPreview?: true;
  readonly supportsAutonamingConfiguration?: true;
}

/** One resource plugin: what `serve` turns into a gRPC server. */
export interface Plugin {
  /** Semantic version, as the SDK of the same name has it. */
  readonly version: string;
  /** Name of the package that a parameter makes of a plugin which is one only with it. */
  readonly parameter?: string;
  readonly capabilities: Capabilities;
  readonly resources: Readonly<Record<string, Resource>>;
  /** Functions that the program can call, by token. Not there: none. */
  readonly functions?: Readonly<Record<string, (args: Properties) => Promise<Properties>>>;
  /** The provider's own configuration with defaults and secret marks. Not there: as given. */
  checkConfig?(inputs: Properties): Properties;
  /** Takes the configuration. @throws Error when the real plugin refuses it here. */
  configure?(args: Properties): void | Promise<void>;
  /** Gives back connections and processes. Called once, before the plugin exits. */
  close?(): void;
}

/** Thrown by `create` when the thing exists but is not as it should be: the engine keeps it and repairs it by an update. */
export class HalfCreated extends Error {
  constructor(
    readonly id: string,
    readonly state: Properties,
    message: string,
  ) {
    super(message);
    this.name = "HalfCreated";
  }
}
