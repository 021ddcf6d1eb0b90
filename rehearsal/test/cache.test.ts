import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cached, cacheFolder } from "../cache";

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "cache-"));
  vi.stubEnv("XDG_CACHE_HOME", home);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

const entries = (): string[] => readdirSync(join(home, "memoryloop-infra"));

describe("cacheFolder", () => {
  test("lies in XDG_CACHE_HOME", () => {
    expect(cacheFolder({ XDG_CACHE_HOME: "/cache" })).toBe("/cache/memoryloop-infra");
  });

  test("lies in ~/.cache by default", () => {
    expect(cacheFolder({})).toBe(join(homedir(), ".cache/memoryloop-infra"));
  });
});

describe("cached", () => {
  test("makes a folder once", async () => {
    const make = vi.fn((folder: string) => writeFile(join(folder, "file"), "made"));
    await cached("thing", make);
    expect(await readFile(join(await cached("thing", make), "file"), "utf8")).toBe("made");
    expect(make).toHaveBeenCalledTimes(1);
  });

  test("keeps nothing when `make` fails", async () => {
    const failed = cached("thing", async (folder) => {
      await writeFile(join(folder, "file"), "half");
      throw new Error("no space");
    });
    await expect(failed).rejects.toThrow("no space");
    expect(entries()).toEqual([]);
  });

  test("gives two simultaneous calls the same complete folder", async () => {
    const make = (name: string) => (folder: string) => writeFile(join(folder, "file"), name);
    const [one, other] = await Promise.all([cached("thing", make("one")), cached("thing", make("other"))]);
    expect(one).toBe(other);
    expect(["one", "other"]).toContain(await readFile(join(one, "file"), "utf8"));
    expect(entries()).toEqual(["thing"]);
  });
});
