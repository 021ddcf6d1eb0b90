import { HalfCreated, type Resource } from "../plugin";
import { unknown, withSecrets, type Properties } from "../value";
import { checked } from "./check";
import { difference } from "./diff";
import { inputsFrom, type EmptyDefaults } from "./inputs";
import { oneError } from "./one-error";
import type { Schema } from "./schema";
import { afterRead, afterWrite, planned, sent } from "./state";

/** The live object: its id and the properties that the real provider reads from it. Other properties are absent. */
export interface Live {
  readonly id: string;
  readonly properties: Properties;
}

/** A kind of resource without the common behaviour of the bridge: only the calls to the live object. */
export interface BridgedResource {
  readonly schema: Schema;
  /** The state also has the id as a property. */
  readonly idInState: boolean;
  readonly deleteBeforeReplace: boolean;
  readonly emptyDefaults: EmptyDefaults;
  /**
   * Creates the planned object.
   * @throws Unfinished when the object exists but differs from the plan.
   */
  create(plan: Properties): Promise<Live>;
  /** The object as it is; undefined when it is gone. */
  read(id: string, state: Properties): Promise<Live | undefined>;
  /** Outputs that an update computes again, because the provider found that another program wrote the object. */
  recomputed?(state: Properties): readonly string[];
  /**
   * Changes the object to the plan. @returns the live object, when the plan does not say all of it.
   * Absent when every change replaces the object, or needs nothing but the new state.
   */
  update?(id: string, state: Properties, plan: Properties): Promise<Live | undefined>;
  delete(id: string, state: Properties): Promise<void>;
}

/** Thrown by `create` when the object exists but differs from the plan. */
export class Unfinished extends Error {
  constructor(
    readonly id: string,
    message: string,
  ) {
    super(message);
    this.name = "Unfinished";
  }
}

/** A resource with the common behaviour of all plugins that are built with pulumi-terraform-bridge. */
export function bridged(resource: BridgedResource): Resource {
  const { schema, emptyDefaults } = resource;
  const full = (id: string, state: Properties): Properties =>
    sent(schema, resource.idInState ? { ...state, id } : state);
  return {
    check: ({ news, olds, name }) => checked(schema, news, { name, olds }),
    diff: ({ state, inputs, ignored = [] }) =>
      difference(
        schema,
        state,
        { ...inputs, ...Object.fromEntries(ignored.map((name) => [name, state[name]])) },
        resource.deleteBeforeReplace,
        resource.recomputed?.(state),
      ),
    create: async ({ urn, inputs, preview }) => {
      const plan = planned(schema, undefined, inputs);
      if (preview) return { id: "", state: { ...sent(schema, plan), ...(resource.idInState ? { id: unknown } : {}) } };
      const live = await created(resource, urn, plan);
      return { id: live.id, state: full(live.id, afterWrite(schema, plan, live.properties)) };
    },
    read: async ({ urn, id, state, inputs }) => {
      const live = await named(`refreshing ${urn}`, resource.read(id, state));
      if (live === undefined) return undefined;
      const now = afterRead(schema, state, live.properties);
      const secrets = Object.keys(schema).filter((name) => schema[name]?.secret === true);
      const liveInputs = withSecrets(inputsFrom(inputs, now, emptyDefaults), secrets);
      return { id: live.id, state: full(live.id, now), inputs: liveInputs };
    },
    update: async ({ urn, id, state, inputs, preview }) => {
      const again: Properties = Object.fromEntries((resource.recomputed?.(state) ?? []).map((name) => [name, unknown]));
      const plan = { ...planned(schema, state, inputs), ...again };
      const live = preview ? undefined : await named(`updating ${urn}`, resource.update?.(id, state, plan));
      return full(id, live === undefined ? plan : afterWrite(schema, plan, live.properties));
    },
    delete: ({ urn, id, state }) => named(`deleting ${urn}`, resource.delete(id, state)),
  };
}

async function created(resource: BridgedResource, urn: string, plan: Properties): Promise<Live> {
  try {
    return await resource.create(plan);
  } catch (error) {
    if (!(error instanceof Unfinished)) throw oneError((error as Error).message, error);
    const state = afterWrite(resource.schema, plan, {});
    const { message } = bridgeError(`creating ${urn}`, error);
    throw new HalfCreated(error.id, { ...state, ...(resource.idInState ? { id: error.id } : {}) }, message);
  }
}

/** The call, with its error in the words of the bridge. */
async function named<Result>(operation: string, call: Promise<Result> | undefined): Promise<Result | undefined> {
  try {
    return await call;
  } catch (error) {
    throw bridgeError(operation, error);
  }
}

const bridgeError = (operation: string, error: unknown): Error =>
  new Error(`${operation}: ${oneError((error as Error).message).message}`, { cause: error });
