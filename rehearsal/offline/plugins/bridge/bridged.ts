import { HalfCreated, type Resource } from "../plugin";
import { unknown, type Properties } from "../value";
import { checked } from "./check";
import { difference } from "./diff";
import { inputsFrom, type EmptyDefaults } from "./inputs";
import type { Schema } from "./schema";
import { afterCreate, afterRead, planned, sealed } from "./state";

/** The live object: its id and the properties that the real provider reads from it. Those it does not read are absent. */
export interface Live {
  readonly id: string;
  readonly properties: Properties;
}

/** What is left of a kind of resource once the bridge's habits are taken out: the calls to the thing itself. */
export interface BridgedResource {
  readonly schema: Schema;
  /** The state holds the id as a property too. */
  readonly idInState: boolean;
  readonly deleteBeforeReplace: boolean;
  readonly emptyDefaults: EmptyDefaults;
  /**
   * Makes the thing the plan describes.
   * @throws Unfinished when it exists but is not as planned.
   */
  create(plan: Properties): Promise<Live>;
  /** The thing as it is, undefined when it is gone. */
  read(id: string, state: Properties): Promise<Live | undefined>;
  /** Outputs that an update will compute anew: the provider's own comparison found that somebody else wrote the thing. */
  recomputed?(state: Properties): readonly string[];
  /**
   * Makes the thing as planned, and tells what became of it where that is more than the plan says.
   * Not there: every input's change replaces, or only the state has to learn it.
   */
  update?(id: string, state: Properties, plan: Properties): Promise<Live | undefined>;
  delete(id: string, state: Properties): Promise<void>;
}

/** Thrown by `create` when the thing exists but is not as planned. */
export class Unfinished extends Error {
  constructor(
    readonly id: string,
    message: string,
  ) {
    super(message);
    this.name = "Unfinished";
  }
}

/** A resource with the habits that all plugins made by pulumi-terraform-bridge share. */
export function bridged(resource: BridgedResource): Resource {
  const { schema, emptyDefaults } = resource;
  const full = (id: string, state: Properties): Properties =>
    sealed(schema, resource.idInState ? { ...state, id } : state);
  return {
    check: ({ news }) => checked(schema, news),
    diff: ({ state, inputs }) =>
      difference(schema, state, inputs, resource.deleteBeforeReplace, resource.recomputed?.(state)),
    create: async ({ inputs, preview }) => {
      const plan = planned(schema, undefined, inputs);
      if (preview)
        return { id: "", state: { ...sealed(schema, plan), ...(resource.idInState ? { id: unknown } : {}) } };
      const live = await created(resource, plan);
      return { id: live.id, state: full(live.id, afterCreate(schema, plan, live.properties)) };
    },
    read: async ({ id, state, inputs }) => {
      const live = await resource.read(id, state);
      if (live === undefined) return undefined;
      const now = afterRead(schema, state, live.properties);
      return { id: live.id, state: full(live.id, now), inputs: sealed(schema, inputsFrom(inputs, now, emptyDefaults)) };
    },
    update: async ({ id, state, inputs, preview }) => {
      const anew: Properties = Object.fromEntries((resource.recomputed?.(state) ?? []).map((name) => [name, unknown]));
      const plan = { ...planned(schema, state, inputs), ...anew };
      const live = preview ? undefined : await resource.update?.(id, state, plan);
      return full(id, live === undefined ? plan : afterCreate(schema, plan, live.properties));
    },
    delete: ({ id, state }) => resource.delete(id, state),
  };
}

async function created(resource: BridgedResource, plan: Properties): Promise<Live> {
  try {
    return await resource.create(plan);
  } catch (error) {
    if (!(error instanceof Unfinished)) throw error;
    const state = afterCreate(resource.schema, plan, {});
    throw new HalfCreated(error.id, { ...state, ...(resource.idInState ? { id: error.id } : {}) }, error.message);
  }
}
