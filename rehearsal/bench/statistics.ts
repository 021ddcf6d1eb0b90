export { median } from "simple-statistics";

/** Milliseconds as seconds, such as "4.12 s". */
export const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`;

/** Our figure divided by theirs, such as "0.95". */
export const ratio = (ours: number, theirs: number): string => (ours / theirs).toFixed(2);

/** Runs the work `times` times, one run after another, and returns all results. */
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
