/**
 * Two-way replacement between what a recording says and what holds here: ids, times, addresses, keys and random values.
 * Everything else must be the same, and so must the places where one of these values shows up again.
 */
export class Translation {
  private readonly pairs: { readonly recorded: string; readonly here: string }[] = [];

  /** From now on, `recorded` in a recording means `here`. */
  learn(recorded: string, here: string): void {
    this.pairs.push({ recorded: inJson(recorded), here: inJson(here) });
    // The longest first: an id before its short form.
    this.pairs.sort((a, b) => b.recorded.length - a.recorded.length);
  }

  /** A recorded value as it must be said here. */
  toHere<Value>(value: Value): Value {
    return this.replace(value, (pair) => [pair.recorded, pair.here]);
  }

  /** A value from here as the recording would say it. */
  toRecorded<Value>(value: Value): Value {
    return this.replace(value, (pair) => [pair.here, pair.recorded]);
  }

  private replace<Value>(
    value: Value,
    direction: (pair: { recorded: string; here: string }) => [string, string],
  ): Value {
    const text = this.pairs
      .map(direction)
      .reduce((json, [from, to]) => json.replaceAll(from, to), JSON.stringify(value));
    return JSON.parse(text) as Value;
  }
}

/** A text as it looks inside a JSON string. */
const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
