import { createServer } from "node:http";
import { join } from "node:path";
import nextEnv from "@next/env";
import { healthChecks } from "./checks.js";
import { Database } from "./database.js";
import { readRelease } from "./release.js";
import { requestListener } from "./routes.js";
import { upgradeListener } from "./socket.js";
import { stops } from "./stop.js";

/** Longer than a proxy in front keeps an idle connection, so that the proxy is always the one to close it. */
const KEEP_ALIVE_MS = 5000;

const root = process.env.APP_ROOT ?? import.meta.dirname;
const port = Number(process.env.PORT ?? 3000);

// As PID 1 a process without a handler does not get SIGTERM at all: until the server listens, it just ends.
const stopEarly = () => process.exit(0);
process.once("SIGTERM", stopEarly);

nextEnv.loadEnvConfig(root, false, console);
const release = readRelease(root, process.env);
const database = new Database(join(root, "data", "lancedb"));
const app = {
  root,
  release,
  database,
  env: process.env,
  checks: healthChecks(database, process.env),
  streams: new Set(),
  isStopping: false,
};

await release.hooks.start?.(release.seconds);

const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, requestListener(app));
server.on("upgrade", upgradeListener(app));
server.listen(port, () => {
  process.off("SIGTERM", stopEarly);
  process.on("SIGTERM", () => {
    if (!app.isStopping) stops[release.hooks.stop ?? "graceful"](server, app);
  });
  console.log(`release ${release.version} (${release.behaviour}) listens on ${port}`);
  database.open().catch((error) => console.error(`database: ${error.message}`));
});
