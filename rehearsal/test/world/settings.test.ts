import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  agentSocketPath,
  ensureSettings,
  findSettings,
  subnetCandidates,
  worldFolder,
  worldName,
} from "../../world/settings";

let checkout: string;
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), "settings-"));
});
afterEach(() => {
  rmSync(checkout, { recursive: true });
});

describe("worldName", () => {
  test("is the checkout's, with the suffix behind it", () => {
    expect(worldName({ checkout: "/home/a/infra" })).toBe("memoryloop-8dbed149");
    expect(worldName({ checkout: "/home/a/infra", suffix: "second" })).toBe("memoryloop-8dbed149-second");
    expect(worldName({ checkout: "/home/b/infra" })).not.toBe("memoryloop-8dbed149");
  });

  test("refuses a suffix that Docker would refuse later", () => {
    expect(() => worldName({ checkout, suffix: "Two Worlds" })).toThrow('the world\'s suffix "Two Worlds" must be');
  });
});

describe("agentSocketPath", () => {
  test("stays below a socket's limit, also in a deep checkout", () => {
    const name = worldName({ checkout: `/${"deep/".repeat(100)}`, suffix: "x".repeat(31) });
    expect(agentSocketPath(name).length).toBeLessThan(100);
  });
});

describe("subnetCandidates", () => {
  test("are all of the world's range, each once", () => {
    const candidates = subnetCandidates("memoryloop-1");
    expect(new Set(candidates).size).toBe(256);
    expect(candidates.every((subnet) => /^10\.201\.\d{1,3}\.0\/24$/.test(subnet))).toBe(true);
  });

  test("begin elsewhere for another world", () => {
    expect(subnetCandidates("memoryloop-1")[0]).not.toBe(subnetCandidates("memoryloop-2")[0]);
  });
});

describe("ensureSettings", () => {
  test("chooses once and keeps it", async () => {
    const chosen = await ensureSettings({ checkout });
    expect(await ensureSettings({ checkout, domain: "other.test" })).toEqual(chosen);
    expect(findSettings({ checkout })).toEqual(chosen);
    expect(chosen.domain).toBe("memoryloop.test");
    expect(new Set(Object.values(chosen.ports)).size).toBe(5);
  });

  test("leaves out a port that is in use", async () => {
    const { ports } = await ensureSettings({ checkout });
    rmSync(worldFolder({ checkout }), { recursive: true });
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(ports.http, "127.0.0.1", resolve));
    const second = await ensureSettings({ checkout });
    await new Promise((resolve) => server.close(resolve));
    expect(Object.values(second.ports)).not.toContain(ports.http);
    expect(second.ports.ssh).toBe(ports.ssh);
  });
});

describe("findSettings", () => {
  test("is undefined where no world was made", () => {
    expect(findSettings({ checkout })).toBeUndefined();
  });
});
