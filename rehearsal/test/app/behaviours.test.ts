import { describe, expect, test } from "vitest";
import { behaviours } from "../../release/release";
import { sampleApp } from "./sample-app";

interface Hooks {
  checks?: (checks: object, at: { uptime: number; seconds: number }) => object;
  health?: (health: object) => object;
}
const app = sampleApp<{ behaviours: Record<string, Hooks> }>("behaviours.js");

describe("behaviours", () => {
  test("the app has exactly the behaviours that a release can name", async () => {
    const table = (await app).behaviours;
    expect(Object.keys(table).sort()).toEqual([...behaviours].sort());
  });
  test("a normal release changes nothing", async () => {
    const table = (await app).behaviours;
    expect(table["normal"]).toEqual({});
  });
  test("fails-after takes the database down once its seconds are over", async () => {
    const table = (await app).behaviours;
    const checks = { database: { status: "up" }, ollama: { status: "up" } };
    const at = (uptime: number) => table["fails-after"]?.checks?.(checks, { uptime, seconds: 5 });
    expect(at(4.9)).toEqual(checks);
    expect(at(5)).toEqual({ database: { status: "down" }, ollama: { status: "up" } });
  });
  test("status-unhealthy reports unhealthy although every check is up", async () => {
    const table = (await app).behaviours;
    const health = { status: "healthy", checks: { database: { status: "up" } } };
    expect(table["status-unhealthy"]?.health?.(health)).toEqual({ ...health, status: "unhealthy" });
  });
});
