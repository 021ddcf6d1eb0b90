const seconds = (from: number): string => `${((performance.now() - from) / 1000).toFixed(1)} s`;

const start = performance.now();

/** Prints one line of progress, with the time since the command began. */
export function report(line: string): void {
  process.stderr.write(`[${seconds(start).padStart(8)}] ${line}\n`);
}

/** Does one step and says when it begins and how long it took. */
export async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  const from = performance.now();
  report(`${name} ...`);
  const result = await work();
  report(`${name}: done in ${seconds(from)}`);
  return result;
}
