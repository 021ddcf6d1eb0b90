import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { sampleApp } from "./sample-app";

interface Database {
  countLatest(): Promise<number>;
}

const app = sampleApp<{
  healthChecks: (database: Database, env: Record<string, string>) => () => Promise<Record<string, object>>;
}>("checks.js");

const database = { countLatest: () => Promise.resolve(1) };
const latencyMs = expect.any(Number) as number;

let server: Server | undefined;
afterEach(() => {
  server?.close();
  vi.restoreAllMocks();
});

/** An Ollama that answers everything with a status. @returns its address */
async function ollamaAnswering(status: number): Promise<string> {
  const started = createServer((_, response) => response.writeHead(status).end());
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}`;
}

async function checked(env: Record<string, string>, asked: Database = database) {
  const { healthChecks } = await app;
  vi.spyOn(console, "error").mockReturnValue();
  return healthChecks(asked, env)();
}

describe("healthChecks", () => {
  test("without OLLAMA_BASE_URL there is no check of Ollama", async () => {
    const checks = await checked({ ANTHROPIC_API_KEY: "key" });
    expect(checks).toEqual({
      database: { status: "up", latencyMs },
      ollama: { status: "up" },
      anthropic: { status: "up" },
    });
  });

  test("without a key Anthropic is down", async () => {
    expect(await checked({})).toMatchObject({ anthropic: { status: "down" } });
  });

  test("an Ollama that answers is up, with its latency", async () => {
    const checks = await checked({ OLLAMA_BASE_URL: await ollamaAnswering(200) });
    expect(checks).toMatchObject({ ollama: { status: "up", latencyMs } });
  });

  test("one that answers with an error, or not at all, is down", async () => {
    const address = await ollamaAnswering(500);
    expect(await checked({ OLLAMA_BASE_URL: address })).toMatchObject({ ollama: { status: "down" } });
    server?.close();
    expect(await checked({ OLLAMA_BASE_URL: address })).toMatchObject({ ollama: { status: "down" } });
  });

  test("a database that fails is down", async () => {
    const failing = { countLatest: () => Promise.reject(new Error("no table")) };
    expect(await checked({}, failing)).toMatchObject({ database: { status: "down" } });
  });
});
