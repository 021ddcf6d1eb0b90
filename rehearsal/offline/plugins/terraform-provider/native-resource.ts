import type { Difference, Resource } from "../plugin";
import {
  unknown,
  canonicalText,
  hasUnknown,
  isList,
  isProperties,
  mapProperties,
  plainProperties,
  withSecrets,
  type Properties,
  type Value,
} from "../value";
import type { Account } from "./native-api";

/** A kind of resource without the common part of `terraform-provider`. */
export interface NativeResource {
  /** Inputs whose change asks for a new one. */
  readonly replaces: readonly string[];
  /** Outputs that a preview cannot know. */
  readonly computedByCreate: readonly string[];
  /** Outputs that every update changes. */
  readonly computedByUpdate: readonly string[];
  /** Outputs that a person must not see. */
  readonly secrets: readonly string[];
  checked(inputs: Properties): Properties;
  create(account: Account, inputs: Properties): Promise<{ id: string; state: Properties }>;
  read(account: Account, id: string, state: Properties): Promise<Properties | undefined>;
  update(account: Account, id: string, inputs: Properties): Promise<Properties>;
  delete(account: Account, id: string): Promise<void>;
}

/** A resource with the habits of the plugin `terraform-provider`: no defaults in Check, no detailed diff. */
export function native(kind: NativeResource, login: () => Promise<Account>): Resource {
  const sealed = (state: Properties): Properties => withSecrets(state, kind.secrets);
  return {
    check: ({ news }) => ({ inputs: kind.checked(news) }),
    diff: ({ state, inputs }) => difference(kind, plainProperties(state), plainProperties(inputs)),
    create: async ({ inputs, preview }) => {
      if (preview) return { id: "", state: { ...inputs, ...unknownsFor(kind.computedByCreate) } };
      const { id, state } = await kind.create(await login(), plainProperties(inputs));
      return { id, state: sealed(state) };
    },
    read: async ({ id, state, inputs }) => {
      const found = await kind.read(await login(), id, plainProperties(state));
      return found && { id, state: sealed(found), inputs: liveInputs(inputs, found) };
    },
    update: async ({ id, state, inputs, preview }) => {
      if (preview) return { ...state, ...inputs };
      return sealed(await kind.update(await login(), id, plainProperties(inputs)));
    },
    delete: async ({ id }) => {
      await kind.delete(await login(), id);
    },
  };
}

const unknownsFor = (names: readonly string[]): Properties => Object.fromEntries(names.map((name) => [name, unknown]));

function difference(kind: NativeResource, state: Properties, inputs: Properties): Difference {
  const names = Object.keys(inputs).filter((name) => differs(state[name] ?? null, inputs[name] ?? null));
  if (names.length === 0) return { changed: false };
  const replaces = names.filter((name) => kind.replaces.includes(name));
  return { changed: true, diffs: [...names, ...kind.computedByUpdate].sort(), replaces };
}

/** Whether the state says other than an input; what was not given, the provider may fill in. */
function differs(found: Value, wanted: Value): boolean {
  if (hasUnknown(wanted)) return true;
  if (isList(wanted)) {
    return (
      !isList(found) ||
      found.length !== wanted.length ||
      wanted.some((item, index) => differs(found[index] ?? null, item))
    );
  }
  if (isProperties(wanted)) {
    return Object.entries(wanted).some(([name, value]) =>
      differs(isProperties(found) ? (found[name] ?? null) : null, value ?? null),
    );
  }
  return canonicalText(found) !== canonicalText(wanted);
}

/** The inputs with what was found in their place, so that a change by hand shows. */
const liveInputs = (inputs: Properties, found: Properties): Properties =>
  mapProperties(inputs, (value, name) => {
    const live = found[name];
    return live === undefined || !differs(live, value) ? value : live;
  });
