import { defineConfig } from "vitest/config";

/** Minutes each, and of no use to a quick answer: a hundred backups, thirty days, all faults and edits, scans, 2,000 streams. */
const slow = [
  ...["backup-days", "backup-faults", "backup-live", "backup-reboot", "backup-steps"],
  ...["drift", "scan", "streams"],
].map((name) => `test/integration/${name}.test.ts`);

/** One world, one VPS: the files share it, so they take turns. */
const onWorld = {
  globalSetup: "test/support/world.setup.ts",
  fileParallelism: false,
  // A machine that does other things at the same time is slow, not broken: what is bounded is bounded in the code.
  testTimeout: 900_000,
  hookTimeout: 1_200_000,
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/integration/**", "test/conformance/**"],
          pool: "threads",
          // The default leaves a processor free, which is half of a small machine.
          maxWorkers: 2,
          // As for the others below: some start a hundred processes.
          testTimeout: 60_000,
          // Half a minute of loading the same modules once a file otherwise.
          isolate: false,
        },
      },
      {
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts", "test/conformance/**/*.test.ts"],
          exclude: slow,
          ...onWorld,
        },
      },
      { test: { name: "slow", include: slow, ...onWorld } },
    ],
  },
});
