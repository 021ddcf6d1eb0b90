/** The middle value; of an even number of values the upper of the two in the middle. @throws RangeError for none. */
export function median(values: readonly number[]): number {
  const middle = [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
  if (middle === undefined) throw new RangeError("no values: a median needs one at least");
  return middle;
}

/** Milliseconds as seconds, such as "4.12 s". */
export const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`;

/** Ours through theirs, such as "0.95". */
export const ratio = (ours: number, theirs: number): string => (ours / theirs).toFixed(2);

/** Runs the work so often, one after the other. */
export async function repeated<T>(times: number, work: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let count = 0; count < times; count++) results.push(await work());
  return results;
}

/** Milliseconds that the work takes. */
export async function elapsedMs(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}
