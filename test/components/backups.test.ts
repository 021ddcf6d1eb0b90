import { beforeAll, describe, expect, test } from "vitest";
import { promiseOf, recordRegistrations, registeredOf, type Registered } from "../support/mocks";

const connection = { host: "203.0.113.7", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
let registered: Registered[];
let backups: typeof import("../../components/backups");

beforeAll(async () => {
  registered = recordRegistrations();
  backups = await import("../../components/backups");
  const made = new backups.Backups("backups", {
    connection,
    app: { name: "memoryloop", domain: "app.example.com" },
    data: [{ path: "/data", kind: "sqlite" }],
    healthPath: "/healthz",
    bucket: "memoryloop-backups",
    alert: { deadManUrl: "https://ping.example.com/1" },
  });
  await promiseOf(made.ready);
});

describe("Backups", () => {
  test("a rule deletes only hidden files, and no file of permanent/", () => {
    expect(registeredOf(registered, "b2:index/bucket:Bucket").inputs).toMatchObject({
      bucketType: "allPrivate",
      lifecycleRules: [
        { fileNamePrefix: "daily/", daysFromHidingToDeleting: 7, daysFromStartingToCancelingUnfinishedLargeFiles: 1 },
      ],
    });
    expect(JSON.stringify(registeredOf(registered, "b2:index/bucket:Bucket").inputs)).not.toContain(
      "UploadingToHiding",
    );
  });

  test("the server's key cannot delete", () => {
    expect(registeredOf(registered, "b2:index/applicationKey:ApplicationKey").inputs["capabilities"]).toEqual([
      "listBuckets",
      "listFiles",
      "readFiles",
      "writeFiles",
    ]);
  });
});

describe("the job on the server", () => {
  test("has timers for the backup and the drill, and a path unit that undoes an interrupted change", () => {
    const job = registered.find(({ name }) => name === "backups-job");
    expect(job?.inputs["units"]).toEqual(
      Object.fromEntries(
        ["backup.timer", "backup-drill.timer", "recover.path"].map((unit) => [
          `memoryloop-${unit}`,
          { enabled: true, active: true },
        ]),
      ),
    );
  });
});

describe("renderVariables", () => {
  test("writes a line for each variable that has a value", () => {
    expect(backups.renderVariables({ B2_KEY_ID: "k1", B2_ENDPOINT: undefined, B2_BUCKET: "b" })).toBe(
      "B2_KEY_ID=k1\nB2_BUCKET=b\n",
    );
  });
});
