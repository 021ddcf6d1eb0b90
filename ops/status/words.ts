/** Seconds in words, in their largest unit: "45 s", "3 minutes", "1 hour", "12 days". */
export function renderSpan(seconds: number): string {
  const units = [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ] as const;
  for (const [name, size] of units) {
    const count = Math.floor(seconds / size);
    if (count >= 1) return `${count} ${name}${count === 1 ? "" : "s"}`;
  }
  return `${Math.max(0, Math.floor(seconds))} s`;
}

const secondsBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1000;

/** "3 hours ago". */
export const renderAgo = (then: string, now: string): string => `${renderSpan(secondsBetween(then, now))} ago`;

/** "in 3 hours". */
export const renderIn = (then: string, now: string): string => `in ${renderSpan(secondsBetween(now, then))}`;

/** Whole days from one time to another; negative when the second is the earlier one. */
export const daysBetween = (from: string, to: string): number => Math.floor(secondsBetween(from, to) / 86_400);

/** `1` and "restart" is "1 restart"; `2` is "2 restarts". */
export const renderCount = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
