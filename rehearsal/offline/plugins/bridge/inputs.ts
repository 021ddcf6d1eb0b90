import { canonicalText, isList, isProperties, mapProperties, type Properties, type Value } from "../value";
import { defaults } from "./check";

/** Whether the inputs of a read keep an empty list of defaults: newer bridges drop it. */
export type EmptyDefaults = "keep" | "drop";

/** The inputs that would lead to the state that was read: each given input with its live value, and no other. */
export function inputsFrom(inputs: Properties, state: Properties, empty: EmptyDefaults): Properties {
  const live: Properties = Object.fromEntries(
    Object.entries(inputs).flatMap(([name, value]) => {
      const found = state[name];
      return name === defaults || value === undefined || found === undefined
        ? []
        : [[name, liveInput(value, found, empty)]];
    }),
  );
  return { ...defaultsOf(inputs, live, empty), ...live };
}

/** A default that was changed by hand is an ordinary input. */
function defaultsOf(inputs: Properties, live: Properties, empty: EmptyDefaults): Properties {
  const names = inputs[defaults];
  if (!isList(names)) return {};
  const kept = names.filter(
    (name) => typeof name === "string" && canonicalText(inputs[name] ?? null) === canonicalText(live[name] ?? null),
  );
  return kept.length === 0 && empty === "drop" ? {} : { [defaults]: kept };
}

function liveInput(input: Value, found: Value, empty: EmptyDefaults): Value {
  if (isList(input) && isList(found)) {
    const partners = partnersOf(input, found) ?? found;
    return input.slice(0, found.length).map((item, index) => liveInput(item, partners[index] ?? null, empty));
  }
  if (isProperties(input) && isProperties(found)) {
    return input[defaults] === undefined ? liveMap(input, found, empty) : inputsFrom(input, found, empty);
  }
  return found;
}

/** The found elements in the order of the inputs; undefined when an input has no equal element. A set has no order. */
function partnersOf(input: readonly Value[], found: readonly Value[]): Value[] | undefined {
  const left = [...found];
  const partners = input.map((item) => {
    const index = left.findIndex((candidate) => says(candidate, item));
    return index < 0 ? undefined : left.splice(index, 1)[0];
  });
  return partners.every((partner) => partner !== undefined) ? partners : undefined;
}

/** Whether the found element has every field of the input. */
const says = (found: Value, input: Value): boolean =>
  isProperties(input) && isProperties(found)
    ? Object.entries(input).every(([name, value]) => name === defaults || says(found[name] ?? null, value ?? null))
    : canonicalText(found) === canonicalText(input);

const liveMap = (input: Properties, found: Properties, empty: EmptyDefaults): Properties =>
  mapProperties(
    Object.fromEntries(Object.entries(input).filter(([name]) => found[name] !== undefined)),
    (value, name) => liveInput(value, found[name] ?? null, empty),
  );
