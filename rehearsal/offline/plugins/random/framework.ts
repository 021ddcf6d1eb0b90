import type { Difference, Resource } from "../plugin";
import { unknown, canonicalText, hasUnknown, withSecrets, type Properties } from "../value";

/** One kind of random value: it is drawn once and never changes; any changed input asks for a new one. */
export interface Draw {
  /** Inputs with their defaults; what is not given and has no default is left out of the state, as the real one does. */
  readonly defaults?: Properties;
  /** Properties that only the draw tells. */
  readonly results: readonly string[];
  /** Those of them that a person must not see. */
  readonly secrets?: readonly string[];
  draw(inputs: Properties): Promise<{ id: string; results: Properties }>;
}

/** A resource with the habits of the real plugin `random`: no defaults in Check, a bare Diff, nothing to read or delete. */
export function drawn(draw: Draw): Resource {
  const sealed = (state: Properties): Properties => withSecrets(state, draw.secrets ?? []);
  return {
    check: ({ news }) => ({ inputs: news }),
    diff: ({ inputs, oldInputs }) => difference(inputs, oldInputs),
    create: async ({ inputs, preview }) => {
      const state = { ...draw.defaults, ...inputs };
      if (preview) {
        return { id: "", state: { ...state, ...Object.fromEntries(draw.results.map((name) => [name, unknown])) } };
      }
      const { id, results } = await draw.draw(state);
      return { id, state: sealed({ ...state, ...results }) };
    },
    read: ({ id, state, inputs }) => Promise.resolve({ id, state: sealed(state), inputs }),
    update: ({ state }) => Promise.resolve(sealed(state)),
    delete: () => Promise.resolve(),
  };
}

function difference(inputs: Properties, oldInputs: Properties): Difference {
  const names = [...new Set([...Object.keys(inputs), ...Object.keys(oldInputs)])].sort();
  const replaces = names.filter((name) => {
    const value = inputs[name] ?? null;
    return hasUnknown(value) || canonicalText(value) !== canonicalText(oldInputs[name] ?? null);
  });
  return replaces.length === 0 ? { changed: false } : { changed: true, diffs: replaces, replaces };
}
