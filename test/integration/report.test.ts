import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";
import { stackFile } from "../../rehearsal/pulumi";
import { run } from "../../rehearsal/world/run";
import { repositoryRoot } from "../../repository";
import { launchBrowser } from "../support/browser";
import { photograph, type Look } from "../support/photograph";

// Twenty deployments under load, of which two fail and one is rolled back, two backups and a drill; then the report.

const good = ["a0000e1", "b0000e2", "c0000e3", "d0000e4"] as const;
const bad = "bad00e5";

let system: DeployedWorld;
let page: string;
let folder: string;
let report: {
  readonly deployments: readonly { readonly tag: string; readonly outcome: string; readonly seconds: number | null }[];
  readonly cutovers: readonly {
    readonly from: string;
    readonly to: string;
    readonly points: readonly {
      readonly offset: number;
      readonly side: string;
      readonly requests: number;
      readonly errors: number;
    }[];
  }[];
  readonly periods: readonly { readonly requests: number; readonly errors: number; readonly p95: number | null }[];
  readonly gauges: readonly { readonly name: string }[];
  readonly backups: readonly { readonly bytes: number }[];
  readonly restores: readonly { readonly seconds: number; readonly isGood: boolean }[];
  readonly certificates: readonly { readonly name: string; readonly daysLeft: number }[];
  readonly missing: readonly string[];
};
let requests = 0;

function ops(...words: string[]): Promise<string> {
  const line = [process.execPath, "dist/ops.cjs", ...words, "--config-file", stackFile(system.world)];
  const environment = { PATH: "/nowhere", SSH_AUTH_SOCK: system.world.agentSocket };
  return run(line, { cwd: repositoryRoot, environment, seconds: 300 });
}

async function twentyDeployments(): Promise<void> {
  for (let at = 0; at < 17; at++) await system.deploy(good[at % good.length]);
  for (let at = 0; at < 2; at++) expect((await system.up(bad)).code).not.toBe(0);
  await ops("rollback", "--now", "--reason", "slow pages");
  // The last cutover has requests after it, too.
  await sleep(20_000);
}

beforeAll(async () => {
  system = await DeployedWorld.open();
  folder = join(system.world.folder, "report");
  mkdirSync(folder, { recursive: true });
  page = join(folder, "report.html");
  for (const tag of good) await system.release(tag);
  await system.release(bad, "health-500");
  // A server without a release answers 502.
  await system.deploy(good[3]);
  const load = await system.underLoad({ clients: 4, pauseMs: 100 }, twentyDeployments);
  requests = load.sent;
  await ops("backup");
  await ops("backup", "--permanent");
  await ops("drill");
  report = JSON.parse(await ops("report", "--out", page, "--json")) as typeof report;
});
// A plain up tells the stack of the rollback.
afterAll(() => system.deploy());

describe("the report after twenty deployments", () => {
  test("has each of them with its outcome and duration", () => {
    const last = report.deployments.slice(-20);
    const count = (outcome: string): number => last.filter((one) => one.outcome === outcome).length;
    expect({ success: count("success"), failed: count("failed"), rolledBack: count("rolled back") }).toEqual({
      success: 17,
      failed: 2,
      rolledBack: 1,
    });
    expect(last.every(({ seconds }) => seconds !== null && seconds > 0)).toBe(true);
  });

  test("has the requests around each cutover: the previous release before, the new one after, none with 5xx", () => {
    const found = report.cutovers.slice(-18);
    expect(found).toHaveLength(18);
    expect(found.at(-1)).toMatchObject({ from: good[0], to: good[3] });
    for (const { points } of found) {
      const answered = (side: string, from: number, to: number): number =>
        points
          .filter(({ offset, side: of }) => offset >= from && offset < to && of === side)
          .reduce((sum, one) => sum + one.requests, 0);
      expect(answered("previous", -60, 0)).toBeGreaterThan(0);
      expect(answered("new", 0, 60)).toBeGreaterThan(0);
      expect([answered("new", -60, -5), answered("previous", 30, 60)]).toEqual([0, 0]);
      expect(points.reduce((sum, { errors }) => sum + errors, 0)).toBe(0);
    }
  });

  test("counts the requests that the clients sent", () => {
    expect(report.periods.reduce((sum, period) => sum + period.requests, 0)).toBeGreaterThanOrEqual(requests);
    expect(report.periods.every(({ p95 }) => p95 !== null && p95 < 60_000)).toBe(true);
  });

  test("has memory, disk, backups, the drill and the certificate; nothing is missing", () => {
    expect(report.gauges.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["memory of the server", "disk /", expect.stringMatching(/^memoryloop-/)]),
    );
    expect(report.backups.length).toBeGreaterThanOrEqual(2);
    expect(report.restores.at(-1)).toMatchObject({ isGood: true });
    expect(report.certificates[0]?.daysLeft).toBeGreaterThan(30);
    expect(report.missing).toEqual([]);
  });

  test("names no visitor: no address, path or agent of the access log", () => {
    const text = readFileSync(page, "utf8");
    expect(text).not.toMatch(/\/api\/echo|Mozilla|\b(?:\d{1,3}\.){3}\d{1,3}\b/);
  });
});

describe("the page in a browser", () => {
  let looks: readonly Look[];
  beforeAll(async () => {
    const browser = await launchBrowser();
    looks = await photograph(browser, page, folder);
    await browser.close();
  });

  test("three sizes, light and dark, and print: no error in the console, no request, nothing wider than the screen, cut off or on another text", () => {
    const names = ["phone", "tablet", "desktop"].flatMap((size) => [`${size}-light`, `${size}-dark`]);
    const quiet = { errors: [], requests: [], tooWide: 0, cut: [], overlapping: [] };
    expect(looks).toEqual([...names, "print"].map((name) => ({ name, ...quiet })));
    expect(readdirSync(folder).filter((name) => name.endsWith(".png"))).toHaveLength(7);
  });
});
