/**
 * The health endpoint's body: data-model.md section 1, "Health Check".
 *
 * @typedef {{ status: "up" | "down", latencyMs?: number }} Check
 * @typedef {{ database: Check, ollama: Check, anthropic: Check }} Checks
 * @typedef {object} Health
 * @property {"healthy" | "degraded" | "unhealthy"} status
 * @property {Checks} checks
 * @property {string} version the commit this image was built from
 * @property {number} uptime whole seconds
 * @property {string} timestamp ISO 8601
 * @property {number} responseTimeMs whole milliseconds this answer took
 */

/** A database that is down is unhealthy; anything else that is down is degraded. */
export function statusOf({ database, ...others }) {
  if (database.status === "down") return "unhealthy";
  return Object.values(others).some((check) => check.status === "down") ? "degraded" : "healthy";
}

/** The HTTP status that goes with the checks, whatever the body claims. */
export const httpStatusOf = (checks) => (statusOf(checks) === "unhealthy" ? 503 : 200);

/** @returns {Health} */
export const healthOf = ({ checks, version, uptime, now, startedAt }) => ({
  status: statusOf(checks),
  checks,
  version,
  uptime: Math.floor(uptime),
  timestamp: new Date(now).toISOString(),
  responseTimeMs: Math.round(now - startedAt),
});
