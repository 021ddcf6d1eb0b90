/** The three checks of the health endpoint. None of them throws; each is bounded in time. */
const DATABASE_DEADLINE_MS = 2000;
const OLLAMA_DEADLINE_MS = 500;
const OLLAMA_FRESH_MS = 5000;

const within = (milliseconds, promise) => {
  let timer;
  const deadline = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([promise, deadline]).finally(() => clearTimeout(timer));
};

async function timed(name, probe) {
  const startedAt = performance.now();
  try {
    await probe();
    return { status: "up", latencyMs: Math.round(performance.now() - startedAt) };
  } catch (error) {
    console.error(`health: ${name} is down: ${error.message}`);
    return { status: "down" };
  }
}

async function askOllama(baseUrl) {
  const response = await fetch(new URL("/api/version", baseUrl), { signal: AbortSignal.timeout(OLLAMA_DEADLINE_MS) });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
}

/** An optional service that nobody configured is not down. Answers are kept for a while: health must be quick. */
function ollamaCheck(baseUrl) {
  let last = { until: 0, check: Promise.resolve({ status: "up" }) };
  if (!baseUrl) return () => last.check;
  return () => {
    const now = performance.now();
    if (now >= last.until) {
      last = { until: now + OLLAMA_FRESH_MS, check: timed("ollama", () => askOllama(baseUrl)) };
    }
    return last.check;
  };
}

/** @returns {() => Promise<import("./health.js").Checks>} */
export function healthChecks(database, env) {
  const ollama = ollamaCheck(env.OLLAMA_BASE_URL);
  const anthropic = { status: env.ANTHROPIC_API_KEY ? "up" : "down" };
  return async () => ({
    database: await timed("database", () => within(DATABASE_DEADLINE_MS, database.countLatest())),
    ollama: await ollama(),
    anthropic,
  });
}
