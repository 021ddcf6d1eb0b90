/** Every HTTP route, by method and path. A handler gets the request, the response and the app. */
import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { healthOf, httpStatusOf } from "./health.js";
import { servePage } from "./page.js";

const BODY_LIMIT_BYTES = 64 * 1024;
const LISTED_ITEMS = 20;
const EVENT_EVERY_MS = 1000;
const ASSETS = "/_next/static/";

const readableNames = ["NODE_ENV", "NEXTAUTH_URL", "NEXTAUTH_SECRET", "ANTHROPIC_API_KEY", "SENTRY_DSN"];
const isPublic = (name) => name === "OLLAMA_BASE_URL" || name.startsWith("NEXT_PUBLIC_");
const isReadable = (name) => readableNames.includes(name) || isPublic(name);

const sha256 = (text) => createHash("sha256").update(text).digest("hex");

function sendJson(response, status, body) {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
  });
  response.end(text);
}

async function readText(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > BODY_LIMIT_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

async function health(_request, response, { release, checks }) {
  const { answer, checks: changeChecks, health: changeHealth } = release.hooks;
  if (answer) return answer(response);
  const startedAt = performance.timeOrigin + performance.now();
  const measured = await checks();
  const at = { uptime: process.uptime(), seconds: release.seconds };
  const seen = changeChecks ? changeChecks(measured, at) : measured;
  const now = performance.timeOrigin + performance.now();
  const body = healthOf({ checks: seen, version: release.version, uptime: at.uptime, now, startedAt });
  sendJson(response, httpStatusOf(seen), changeHealth ? changeHealth(body) : body);
}

async function listItems(_request, response, { release, database }) {
  const [count, items] = [await database.countLatest(), await database.list(LISTED_ITEMS)];
  sendJson(response, 200, { version: release.version, count, items });
}

async function addItem(request, response, { release, database }) {
  const text = await readText(request);
  if (text === undefined) return sendJson(response, 413, { error: `more than ${BODY_LIMIT_BYTES} bytes` });
  const count = await database.add({ id: randomUUID(), text, createdAt: Date.now() });
  sendJson(response, 201, { version: release.version, count });
}

async function echo(request, response, { release }) {
  let bytes = 0;
  for await (const chunk of request) bytes += chunk.length;
  sendJson(response, 200, { version: release.version, bytes });
}

async function upload(request, response, { release }) {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    hash.update(chunk);
  }
  sendJson(response, 200, { version: release.version, bytes, sha256: hash.digest("hex") });
}

function events(_request, response, { release, streams }) {
  response.writeHead(200, {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
  });
  let number = 0;
  const send = () => response.write(`data: ${JSON.stringify({ version: release.version, number: number++ })}\n\n`);
  send();
  const timer = setInterval(send, EVENT_EVERY_MS);
  const end = () => response.end();
  streams.add(end);
  response.on("close", () => {
    clearInterval(timer);
    streams.delete(end);
  });
}

function environment(request, response, { env }) {
  const name = new URL(request.url, "http://app").searchParams.get("name") ?? "";
  if (!isReadable(name)) return sendJson(response, 404, { error: "not a name this app tells" });
  const value = env[name];
  if (value === undefined) return sendJson(response, 200, { name, present: false });
  const shown = isPublic(name) ? { value } : {};
  sendJson(response, 200, { name, present: true, sha256: sha256(value), ...shown });
}

const asset = (file, type) => (_request, response) => {
  response.writeHead(200, { "content-type": type, "cache-control": "public, max-age=3600" });
  createReadStream(join(import.meta.dirname, "public", file)).pipe(response);
};

const types = { ".js": "application/javascript; charset=UTF-8", ".css": "text/css; charset=UTF-8" };

/** Files with a hash of their content in their name, as the build of Next.js makes them. */
async function builtAsset(path, response, { root }) {
  const name = decodeURIComponent(path.slice(ASSETS.length));
  const content = await readFile(join(root, ".next", "static", normalize(`/${name}`))).catch(() => undefined);
  if (content === undefined) return sendJson(response, 404, { error: "not found" });
  response.writeHead(200, {
    "content-type": types[extname(name)] ?? "application/octet-stream",
    "cache-control": "public, max-age=31536000, immutable",
  });
  response.end(content);
}

const routes = {
  "GET /": servePage,
  "GET /page.js": asset("page.js", "text/javascript; charset=utf-8"),
  "GET /page.css": asset("page.css", "text/css; charset=utf-8"),
  "GET /api/health": health,
  "GET /api/items": listItems,
  "POST /api/items": addItem,
  "GET /api/echo": echo,
  "POST /api/echo": echo,
  "POST /api/upload": upload,
  "GET /api/events": events,
  "GET /api/env": environment,
};

/** The request listener of the app: every answer carries `x-release`, a handler that throws answers 500. */
export const requestListener = (app) => async (request, response) => {
  response.setHeader("x-release", app.release.version);
  if (app.isStopping) response.setHeader("connection", "close");
  const [path] = request.url.split("?");
  const handler = routes[`${request.method} ${path}`];
  try {
    if (handler) await handler(request, response, app);
    else if (["GET", "HEAD"].includes(request.method) && path.startsWith(ASSETS)) await builtAsset(path, response, app);
    else sendJson(response, 404, { error: "not found" });
  } catch (error) {
    console.error(`${request.method} ${path}: ${error.message}`);
    if (response.headersSent) response.destroy();
    else sendJson(response, 500, { error: "internal error" });
  }
};
