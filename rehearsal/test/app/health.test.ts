import { describe, expect, test } from "vitest";
import { sampleApp } from "./sample-app";

const up = { status: "up" };
const down = { status: "down" };
const allUp = { database: up, ollama: up, anthropic: up };

const app = sampleApp<{
  healthOf: (seen: object) => object;
  httpStatusOf: (checks: object) => number;
  statusOf: (checks: object) => string;
}>("health.js");

describe("statusOf", () => {
  test.each([
    ["healthy", allUp],
    ["degraded", { ...allUp, ollama: down }],
    ["degraded", { ...allUp, anthropic: down }],
    ["unhealthy", { ...allUp, database: down }],
    ["unhealthy", { database: down, ollama: down, anthropic: down }],
  ])("%s", async (status, checks) => {
    const { statusOf } = await app;
    expect(statusOf(checks)).toBe(status);
  });
});

describe("httpStatusOf", () => {
  test("only a database that is down is not 200", async () => {
    const { httpStatusOf } = await app;
    expect(httpStatusOf(allUp)).toBe(200);
    expect(httpStatusOf({ ...allUp, ollama: down })).toBe(200);
    expect(httpStatusOf({ ...allUp, database: down })).toBe(503);
  });
});

describe("healthOf", () => {
  test("is the schema of the data model, with the entity's time stamp and latency", async () => {
    const { healthOf } = await app;
    const checks = {
      database: { status: "up", latencyMs: 5 },
      ollama: { status: "up", latencyMs: 120 },
      anthropic: up,
    };
    expect(healthOf({ checks, version: "abc1234", uptime: 86400.7, now: 1000.4, startedAt: 994 })).toEqual({
      status: "healthy",
      checks,
      version: "abc1234",
      uptime: 86400,
      timestamp: "1970-01-01T00:00:01.000Z",
      responseTimeMs: 6,
    });
  });
});
