import { canonicalText, isList, isProperties, mapProperties, type Properties, type Value } from "../value";
import { defaults } from "./check";

/** What becomes of an empty list of defaults when inputs are read back: newer bridges drop it. */
export type EmptyDefaults = "keep" | "drop";

/** The inputs that would give the state that was read: each given one with its live value, nothing new. */
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

/** A default whose value is no longer the default is an input like any other. */
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
    return input.slice(0, found.length).map((item, index) => liveInput(item, found[index] ?? null, empty));
  }
  if (isProperties(input) && isProperties(found)) {
    return input[defaults] === undefined ? liveMap(input, found, empty) : inputsFrom(input, found, empty);
  }
  return found;
}

const liveMap = (input: Properties, found: Properties, empty: EmptyDefaults): Properties =>
  mapProperties(
    Object.fromEntries(Object.entries(input).filter(([name]) => found[name] !== undefined)),
    (value, name) => liveInput(value, found[name] ?? null, empty),
  );
