import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { FaultKind } from "../../rehearsal/emulators/b2/fault";
import { BackupSandbox, makeTable } from "../../rehearsal/driver/backup-sandbox";
import { expectAllRestore, expectNextRunClean } from "../support/backup-proof";

let host: BackupSandbox;
beforeAll(async () => {
  host = await BackupSandbox.start();
  await host.node(makeTable("items", 50));
});
afterAll(() => {
  host.close();
});
afterEach(async () => {
  await host.faults();
});

/** Few retries, and a time limit of seconds for a transfer that hangs. */
const impatient = { BACKUP_TRANSFER_SECONDS: "8", RCLONE_LOW_LEVEL_RETRIES: "2" };

const always = (operation: string, fault: FaultKind, times = 1000) => ({ operation, times, fault });
const status = (code: number, word: string): FaultKind => ({ kind: "status", status: code, code: word });

describe("backup.sh", () => {
  test("a lasting fault fails the run, and no backup counts", async () => {
    const lasting: [string, FaultKind][] = [
      ["b2_authorize_account", status(401, "unauthorized")],
      ["b2_upload_file", status(503, "service_unavailable")],
      ["b2_upload_file", status(403, "cap_exceeded")],
      ["b2_upload_file", { kind: "cut" }],
      ["b2_upload_file", { kind: "hang" }],
      ["b2_download_file", status(500, "internal_error")],
      ["b2_download_file", { kind: "cut" }],
      ["b2_download_file", { kind: "corrupt" }],
      ["b2_download_file", { kind: "hang" }],
    ];
    for (const [operation, fault] of lasting) {
      const before = await host.verified("daily");
      await host.faults(always(operation, fault));
      const { code, stderr } = await host.run("backup", ["daily"], impatient);
      await host.faults();
      expect(code, `${operation} ${JSON.stringify(fault)}`).not.toBe(0);
      expect(stderr, `${operation} ${JSON.stringify(fault)}`).not.toBe("");
      expect(await host.verified("daily")).toEqual(before);
      expect(host.lastRun()["status"]).toBe("failed");
      expect(host.leftovers()).toEqual([]);
    }
    await expectNextRunClean(host);
    await expectAllRestore(host);
  });

  test("finds an object that is stored with other bytes than were sent", async () => {
    const before = await host.verified("daily");
    await host.faults(always("b2_upload_file", { kind: "corrupt" }, 1));
    const { code, stderr } = await host.run("backup", ["daily"]);
    expect(code).not.toBe(0);
    expect(stderr).toContain("differs after the upload: its sha256 in the bucket is");
    expect(await host.verified("daily")).toEqual(before);
    await expectNextRunClean(host);
  });

  test("survives a temporary fault", async () => {
    await host.faults(
      always("b2_authorize_account", status(500, "internal_error"), 1),
      always("b2_upload_file", { ...status(429, "too_many_requests"), retryAfterSeconds: 1 } as FaultKind, 1),
      always("b2_upload_file", status(401, "expired_auth_token"), 1),
      always("b2_list_file_names", status(503, "service_unavailable"), 1),
    );
    const { code, stderr } = await host.run("backup", ["daily"]);
    expect(code, stderr).toBe(0);
  });
});
