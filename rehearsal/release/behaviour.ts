/** Deliberate faults of the sample app. `rehearsal/app/behaviours.js` implements them. */
export const behaviours = [
  "normal",
  "exits-at-start",
  "never-listens",
  "slow-start",
  "eats-memory",
  "health-500",
  "health-hangs",
  "health-redirects",
  "status-unhealthy",
  "wrong-version",
  "database-down",
  "degraded",
  "fails-after",
  "ignores-sigterm",
  "keeps-alive",
  "quick",
] as const;

export type Behaviour = (typeof behaviours)[number];
