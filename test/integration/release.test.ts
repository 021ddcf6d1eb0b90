import { createHash } from "node:crypto";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { buildRelease, type Behaviour } from "../../rehearsal/release/release";
import { docker } from "../../rehearsal/world/docker";
import { ensureDocker } from "../../rehearsal/world/docker-engine";
import { ensureImage } from "../../rehearsal/world/images";

const appUid = 1001;
const startMs = 15_000;
const answerMs = 1000;
const folder = mkdtempSync(join(tmpdir(), "memoryloop-release-test-"));
const environmentFile = join(folder, "a.env");
const running: string[] = [];
let registryContainer = "";
let release = { reference: "", digest: "" };
let build: () => Promise<typeof release>;

const ignore = (): void => undefined;
const publishedPort = async (container: string, port: number): Promise<string> =>
  (await docker(["port", container, `${port}`])).split("\n")[0] ?? "";

async function startRegistry(): Promise<string> {
  const image = await ensureImage("services", ignore);
  const serve = ["docker-registry", "serve", "/etc/docker/registry/config.yml"];
  registryContainer = await docker(["run", "--detach", "--publish", "127.0.0.1::5000", image, ...serve]);
  return publishedPort(registryContainer, 5000);
}

function writeVolumes(): void {
  mkdirSync(join(folder, "data"));
  writeFileSync(environmentFile, 'NODE_ENV=production\nNEXTAUTH_SECRET="a secret"\nANTHROPIC_API_KEY=key\n');
  for (const path of [environmentFile, join(folder, "data")]) chownSync(path, appUid, appUid);
  chmodSync(environmentFile, 0o400);
}

/** The options of production: only the mounts are writable, and no privilege can be gained. */
const hardened = [
  ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"],
  ["--memory", "512m", "--memory-swap", "512m"],
  ["--tmpfs", "/tmp", "--tmpfs", `/app/.next/cache:uid=${appUid},gid=${appUid}`],
].flat();

interface App {
  readonly container: string;
  readonly url: string;
}

async function start(behaviour: Behaviour): Promise<App> {
  const volumes = ["--volume", `${folder}/data:/app/data`, "--volume", `${environmentFile}:/app/.env.production:ro`];
  const misbehave = ["--env", `RELEASE_BEHAVIOUR=${behaviour}`];
  const words = ["--detach", "--publish", "127.0.0.1::3000", ...hardened, ...volumes, ...misbehave];
  const container = await docker(["run", ...words, release.reference]);
  running.push(container);
  // A release that has already ended has no port.
  return { container, url: `http://${await publishedPort(container, 3000).catch(() => "ended")}` };
}

const inspect = (container: string, field: string): Promise<string> =>
  docker(["container", "inspect", "--format", field, container]);

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + startMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`the condition was not met within ${startMs} ms`);
    await sleep(20);
  }
}

/** It has its own deadline: fetch in Node 20 may never settle if the connection is reset while it opens. */
const isListening =
  ({ url }: App) =>
  () =>
    fetch(`${url}/api/echo`, { signal: AbortSignal.timeout(answerMs) }).then(
      () => true,
      () => false,
    );
const hasEnded =
  ({ container }: App) =>
  async () =>
    (await inspect(container, "{{.State.Running}}")) === "false";

async function listening(behaviour: Behaviour = "normal"): Promise<App> {
  const app = await start(behaviour);
  await until(isListening(app));
  return app;
}

const health = z.strictObject({
  status: z.enum(["healthy", "degraded", "unhealthy"]),
  checks: z.strictObject({
    database: z.strictObject({ status: z.enum(["up", "down"]), latencyMs: z.int().optional() }),
    ollama: z.strictObject({ status: z.enum(["up", "down"]), latencyMs: z.int().optional() }),
    anthropic: z.strictObject({ status: z.enum(["up", "down"]) }),
  }),
  version: z.string(),
  uptime: z.int(),
  timestamp: z.iso.datetime(),
  responseTimeMs: z.int(),
});

async function askHealth({ url }: App) {
  const response = await fetch(`${url}/api/health`, { redirect: "manual", signal: AbortSignal.timeout(5000) });
  return { status: response.status, body: health.parse(await response.json()) };
}

beforeAll(async () => {
  await ensureDocker(ignore);
  writeVolumes();
  const registry = await startRegistry();
  build = () => buildRelease({ tag: "abc1234", behaviour: "normal", registry, repository: "test/release" }, ignore);
  release = await build();
});
afterEach(async () => {
  for (const container of running.splice(0)) await docker(["rm", "--force", container]);
});
afterAll(async () => {
  if (registryContainer) await docker(["rm", "--force", "--volumes", registryContainer]);
  if (release.reference) await docker(["image", "rm", release.reference]);
  rmSync(folder, { recursive: true });
});

describe("buildRelease", () => {
  test("the same release again has the same digest", async () => {
    expect(await build()).toEqual(release);
    expect(release.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  });
  test("the image contains its commit and its user", async () => {
    const label = '{{index .Config.Labels "org.opencontainers.image.revision"}} {{.Config.User}}';
    expect(await docker(["image", "inspect", "--format", label, release.reference])).toBe("abc1234 1001:1001");
  });
});

describe("a hardened container", () => {
  test("is healthy, in the schema of the data model, and reports its own version", async () => {
    const { status, body } = await askHealth(await listening());
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: "healthy", version: "abc1234", checks: { database: { status: "up" } } });
  });
  test("reads its environment file, which no other user may read", async () => {
    const { url } = await listening();
    const answer = await fetch(`${url}/api/env?name=NEXTAUTH_SECRET`);
    const sha256 = createHash("sha256").update("a secret").digest("hex");
    expect(await answer.json()).toEqual({ name: "NEXTAUTH_SECRET", present: true, sha256 });
  });
  test("can write its cache, and prints no error", async () => {
    const { url, container } = await listening();
    expect((await fetch(url)).headers.get("x-release")).toBe("abc1234");
    expect(await docker(["logs", container])).toBe("release abc1234 (normal) listens on 3000");
  });
  test("two releases write to the same table at once", async () => {
    const apps = [await listening(), await listening()];
    const add = ({ url }: App) =>
      fetch(`${url}/api/items`, { method: "POST", body: "item" }).then(({ status }) => status);
    const statuses = await Promise.all(Array.from({ length: 10 }, () => apps.map(add)).flat());
    expect(statuses).toEqual(Array.from({ length: 20 }, () => 201));
    const counts = await Promise.all(apps.map(async ({ url }) => (await fetch(`${url}/api/items`)).json()));
    expect(counts).toEqual([expect.objectContaining({ count: 21 }), expect.objectContaining({ count: 21 })]);
  });
});

describe("SIGTERM", () => {
  test("ends an idle app at once, also with open keep-alive connections", async () => {
    const app = await listening();
    await askHealth(app);
    const from = performance.now();
    await docker(["stop", app.container]);
    expect(performance.now() - from).toBeLessThan(2000);
    expect(await inspect(app.container, "{{.State.ExitCode}}")).toBe("0");
  });
  test("an upload in progress completes first", async () => {
    const app = await listening();
    const answered = new Promise<number | undefined>((resolve, reject) => {
      const upload = request(`${app.url}/api/upload`, { method: "POST" }, ({ statusCode }) => {
        resolve(statusCode);
      });
      upload.on("error", reject);
      upload.write("first half");
      setTimeout(() => upload.end("second half"), 1500);
    });
    await sleep(300);
    await docker(["kill", "--signal", "TERM", app.container]);
    expect(await answered).toBe(200);
    await until(hasEnded(app));
    expect(await inspect(app.container, "{{.State.ExitCode}}")).toBe("0");
  });
  test("keeps-alive keeps idle connections open until their time-out", async () => {
    const app = await listening("keeps-alive");
    await docker(["kill", "--signal", "TERM", app.container]);
    await sleep(1000);
    expect(await hasEnded(app)()).toBe(false);
  });
  test("quick breaks requests in progress", async () => {
    const app = await listening("quick");
    const stream = await fetch(`${app.url}/api/events`);
    await docker(["kill", "--signal", "TERM", app.container]);
    await expect(stream.text()).rejects.toThrow();
  });
  test("ignores-sigterm continues to answer", async () => {
    const app = await listening("ignores-sigterm");
    await docker(["kill", "--signal", "TERM", app.container]);
    await sleep(300);
    expect((await askHealth(app)).status).toBe(200);
  });
});

describe("a release with a fault", () => {
  test.each([
    ["status-unhealthy", 200, { status: "unhealthy", checks: { database: { status: "up" } } }],
    ["database-down", 503, { status: "unhealthy", checks: { database: { status: "down" } } }],
    ["degraded", 200, { status: "degraded", checks: { ollama: { status: "down" } } }],
    ["wrong-version", 200, { status: "healthy", version: "0".repeat(40) }],
  ] as const)("%s answers health with %i", async (behaviour, status, body) => {
    expect(await askHealth(await listening(behaviour))).toMatchObject({ status, body });
  });
  test.each([
    ["health-500", 500],
    ["health-redirects", 302],
  ] as const)("%s answers health with %i", async (behaviour, status) => {
    const { url } = await listening(behaviour);
    expect((await fetch(`${url}/api/health`, { redirect: "manual" })).status).toBe(status);
  });
  test("health-hangs never answers", async () => {
    const { url } = await listening("health-hangs");
    await expect(fetch(`${url}/api/health`, { signal: AbortSignal.timeout(500) })).rejects.toThrow("timeout");
  });
  test("exits-at-start ends with exit code 1 and prints the reason", async () => {
    const app = await start("exits-at-start");
    await until(hasEnded(app));
    expect(await inspect(app.container, "{{.State.ExitCode}}")).toBe("1");
  });
  test("eats-memory is killed for its memory use", async () => {
    const app = await start("eats-memory");
    await until(hasEnded(app));
    // Not every engine reports `OOMKilled` (Docker 20.10 with cgroup v1: false).
    expect(await inspect(app.container, "{{.State.ExitCode}}")).toBe("137");
  });
  test.each(["never-listens", "slow-start"] as const)("%s runs and refuses connections", async (behaviour) => {
    const app = await start(behaviour);
    await sleep(1000);
    expect(await isListening(app)()).toBe(false);
    expect(await hasEnded(app)()).toBe(false);
  });
  test("fails-after is healthy, then unhealthy", async () => {
    const app = await listening("fails-after");
    expect((await askHealth(app)).status).toBe(200);
    await until(async () => (await askHealth(app)).status === 503);
  });
});
