/**
 * The deliberate faults of a release. Each entry is a set of optional hooks; `normal` has none.
 * - `start(seconds)`: runs before the server listens; the server listens when it resolves.
 * - `checks(checks, { uptime, seconds })`: changes the checks before their verdict is drawn.
 * - `health(health)`: changes the finished health body; the HTTP status still follows from the checks.
 * - `answer(response)`: answers the health request itself.
 * - `stop`: what SIGTERM does, a key of the table in stop.js (default `graceful`).
 *
 * @typedef {object} Hooks
 * @property {(seconds: number) => Promise<void> | void} [start]
 * @property {(checks: import("./health.js").Checks, at: { uptime: number, seconds: number }) => import("./health.js").Checks} [checks]
 * @property {(health: import("./health.js").Health) => import("./health.js").Health} [health]
 * @property {(response: import("node:http").ServerResponse) => void} [answer]
 * @property {"graceful" | "lingering" | "immediate" | "never"} [stop]
 */
import { setTimeout as sleep } from "node:timers/promises";

const down = { status: "down" };

function exit() {
  console.error("this release exits at its start, on purpose");
  process.exit(1);
}

/** Never resolves, and keeps the process alive while it does not. */
const forever = () => new Promise(() => setInterval(() => undefined, 60_000));

/** One GiB: twice the container's limit, yet bounded without a limit. */
function eatMemory() {
  const eaten = Array.from({ length: 64 }, () => Buffer.alloc(16 * 1024 * 1024, 1));
  throw new Error(`${eaten.length} blocks of 16 MiB were granted: this container has no memory limit`);
}

const answerWith = (status, headers, body) => (response) => response.writeHead(status, headers).end(body);

/** @satisfies {Record<string, Hooks>} */
export const behaviours = {
  normal: {},
  "exits-at-start": { start: exit },
  "never-listens": { start: forever },
  "slow-start": { start: (seconds) => sleep(seconds * 1000) },
  "eats-memory": { start: eatMemory },
  "health-500": { answer: answerWith(500, { "content-type": "text/plain" }, "broken on purpose\n") },
  "health-hangs": { answer: () => undefined },
  "health-redirects": { answer: answerWith(302, { location: "/" }) },
  "status-unhealthy": { health: (health) => ({ ...health, status: "unhealthy" }) },
  "wrong-version": { health: (health) => ({ ...health, version: "0000000000000000000000000000000000000000" }) },
  "database-down": { checks: (checks) => ({ ...checks, database: down }) },
  degraded: { checks: (checks) => ({ ...checks, ollama: down }) },
  "fails-after": {
    checks: (checks, { uptime, seconds }) => (uptime < seconds ? checks : { ...checks, database: down }),
  },
  "ignores-sigterm": { stop: "never" },
  "keeps-alive": { stop: "lingering" },
  quick: { stop: "immediate" },
};
