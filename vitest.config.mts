import { defineConfig } from "vitest/config";

/**
 * These take minutes each: a hundred backups, thirty days, all faults and edits, scans, 2,000 event streams, killed clients,
 * kinds of servers, full disks, alerts, broken states.
 */
const slow = [
  ...["backup-days", "backup-faults", "backup-hostile-app", "backup-live", "backup-reboot", "backup-steps"],
  ...["alerts", "broken-states", "cluster", "disk-full", "drift", "ops-deploy-load", "scan", "servers", "streams"],
].map((name) => `test/integration/${name}.test.ts`);

/** One pass over the main path with the real engine. */
const mainPath = "test/integration/main-path.test.ts";

/** Integration tests that start their own world, or need none. */
const ownWorld = [
  ...[
    "backup",
    "backup-bad-input",
    "backup-kinds",
    "destroy",
    "engine",
    "file-set-killed",
    "file-set-race",
    "firewall",
    "former-stack",
  ],
  ...["init", "pipeline", "policy", "release", "site", "two-apps", "world"],
].map((name) => `test/integration/${name}.test.ts`);

const conformance = "rehearsal/test/conformance/**/*.test.ts";

/** The files share one world with one server, so they run one after another. */
const onWorld = {
  globalSetup: "test/support/world.setup.ts",
  fileParallelism: false,
  // A busy machine is slow. The code has its own time limits.
  testTimeout: 900_000,
  hookTimeout: 1_200_000,
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          sequence: { groupOrder: 0 },
          include: ["test/**/*.test.ts", "rehearsal/test/**/*.test.ts"],
          exclude: ["test/integration/**", conformance],
          pool: "threads",
          // The default leaves one processor free, which is half of a small machine.
          maxWorkers: 2,
          // Some tests start a hundred processes.
          testTimeout: 60_000,
          // Loading the same modules once per file would take half a minute.
          isolate: false,
        },
      },
      {
        test: {
          name: "conformance",
          sequence: { groupOrder: 1 },
          include: [conformance],
          // They replay recorded calls, with the same names and networks.
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          name: "main-path",
          // At the same time as the unit tests: it waits for its server most of the time.
          sequence: { groupOrder: 0 },
          include: [mainPath],
          ...onWorld,
          fileParallelism: true,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: "shared-world",
          sequence: { groupOrder: 3 },
          include: ["test/integration/**/*.test.ts"],
          exclude: [...slow, ...ownWorld, mainPath],
          ...onWorld,
        },
      },
      { test: { name: "own-world", sequence: { groupOrder: 4 }, include: ownWorld, ...onWorld } },
      { test: { name: "slow", sequence: { groupOrder: 5 }, include: slow, ...onWorld } },
    ],
  },
});
