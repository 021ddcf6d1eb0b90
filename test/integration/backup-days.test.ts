import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BackupSandbox } from "../../rehearsal/driver/backup-sandbox";

const hourSeconds = 3600;
const daySeconds = 24 * hourSeconds;
const days = 30;
/** The watch runs hourly. Its result can differ only at these hours. */
const watched = [0, 3, 4, 5, 6, 12, 18];
const undoDays = 7;
/** Midnight UTC, so that a day of the test is a calendar day. */
const start = Math.floor(Date.now() / 1000 / daySeconds) * daySeconds;

let host: BackupSandbox;
beforeAll(async () => {
  host = await BackupSandbox.start();
  const now = join(host.root, "now");
  // The server's clock: `date` returns the simulated time if it is asked for the current time.
  host.command(
    "date",
    `case "$*" in *--date*) ;; *) set -- --date "@$(cat ${now})" "$@" ;; esac; PATH=$REAL_PATH exec date "$@"`,
  );
  // This test is about retention and alerts, not about the content of a backup.
  host.skipScan();
  host.write("file", "content");
});
afterAll(() => {
  host.close();
});

async function setClock(seconds: number): Promise<void> {
  writeFileSync(join(host.root, "now"), String(seconds));
  await host.control("clock", { aheadMilliseconds: seconds * 1000 - Date.now() });
}

/** A linear congruential generator: it gives the same sequence in every run. */
function* failures(): Generator<boolean> {
  let seed = 20;
  for (let day = 0; day < days; day += 1) {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    // Nine failures in a row in the middle; one day of three before and after them.
    yield day >= 12 && day < 21 ? true : day > 0 && seed / 2 ** 31 < 1 / 3;
  }
}

/** An alert on each day of a row of failures from the second day on, and a message when there is a backup again. */
function expectedMessages(failed: readonly boolean[]): string[] {
  const messages: string[] = [];
  let row = 0;
  failed.forEach((isFailed, day) => {
    row = isFailed ? row + 1 : 0;
    if (row >= 2) messages.push(`${day} none`);
    if (!isFailed && (failed[day - 1] ?? false) && (failed[day - 2] ?? false)) messages.push(`${day} again`);
  });
  return messages;
}

describe("thirty days with failures", () => {
  test("the seven newest verified dailies, the permanent backups and the alerts are right on every day", async () => {
    const failed = [...failures()];
    const made: string[] = [];
    const messages: string[] = [];
    const note = async (day: number): Promise<void> => {
      const alerts = (await host.log()).filter(({ operation }) => operation === "alert").slice(messages.length);
      for (const { body } of alerts)
        messages.push(`${day} ${body["text"]?.includes("verified again") ? "again" : "none"}`);
    };
    for (const [day, isFailed] of failed.entries()) {
      for (const hour of watched) {
        await setClock(start + day * daySeconds + hour * hourSeconds);
        if (hour === 3) {
          if (isFailed)
            await host.faults({
              operation: "b2_upload_file",
              times: 99,
              fault: { kind: "status", status: 403, code: "cap_exceeded" },
            });
          const kind = day === 4 ? "permanent" : "daily";
          const { code } = await host.run("backup", [kind], { RCLONE_LOW_LEVEL_RETRIES: "1", RCLONE_RETRIES: "1" });
          await host.faults();
          expect(code === 0).toBe(!isFailed);
          if (!isFailed)
            made.push(new Date((start + day * daySeconds + hour * hourSeconds) * 1000).toISOString().slice(0, 10));
        }
        if (hour === 6 && day % 7 === 6) expect((await host.run("drill")).code).toBe(0);
        expect((await host.run("watch")).code).toBe(0);
        await note(day);
      }
      const stamps = (await host.verified("daily")).map((name) =>
        name.replace(/^daily\/backup-(\d{4})(\d\d)(\d\d)T.*$/, "$1-$2-$3"),
      );
      expect(stamps, `day ${day}`).toEqual(made.slice(-7));
    }
    expect(messages).toEqual(expectedMessages(failed));
    expect(failed.filter(Boolean).length).toBeGreaterThan(12);
    expect(await host.verified("permanent")).toHaveLength(failed[4] ? 0 : 1);
    expect((await host.log()).filter(({ operation }) => operation === "ping")).toHaveLength(made.length);
  });

  test("a hidden file is deleted after seven days, not before", async () => {
    const hidden = async (): Promise<number> =>
      (await host.versions()).filter(({ action }) => action === "hide").length;
    const end = Number(readFileSync(join(host.root, "now"), "utf8"));
    const before = await hidden();
    expect(before).toBeGreaterThan(0);
    await setClock(end + (undoDays + 1) * daySeconds);
    expect(await hidden()).toBe(0);
    expect(await host.verified("daily")).toHaveLength(7);
    expect(await host.verified("permanent")).toHaveLength(1);
  });
});

describe("the drill", () => {
  /** Alerts that the watch sends after some more hours. */
  async function alertsAfter(hours: number): Promise<readonly string[]> {
    const alerts = async () => (await host.log()).filter(({ operation }) => operation === "alert");
    const before = (await alerts()).length;
    await setClock(Number(readFileSync(join(host.root, "now"), "utf8")) + hours * hourSeconds);
    const { code, stderr } = await host.run("watch");
    expect(code, stderr).toBe(0);
    const texts = (await alerts()).slice(before).map(({ body }) => body["text"] ?? "");
    return texts.flatMap((text) => /the drill failed|no drill for \d+ days|restores again/.exec(text)?.[0] ?? []);
  }
  const drill = (): Promise<{ code: number }> =>
    host.run("drill", [], { RCLONE_LOW_LEVEL_RETRIES: "1", RCLONE_RETRIES: "1" });

  test("sends an alert once a day if it fails, and a message when it succeeds again", async () => {
    await host.faults({ operation: "b2_download_file", times: 99, fault: { kind: "cut" } });
    expect((await drill()).code).not.toBe(0);
    await host.faults();
    expect(await alertsAfter(0)).toEqual(["the drill failed"]);
    expect(await alertsAfter(23)).toEqual([]);
    expect(await alertsAfter(1)).toEqual(["the drill failed"]);
    expect((await drill()).code).toBe(0);
    expect(await alertsAfter(0)).toEqual(["restores again"]);
  });

  test("is missing after two weeks and a day", async () => {
    expect(await alertsAfter(15 * 24 - 1)).toEqual([]);
    expect(await alertsAfter(1)).toEqual(["no drill for 15 days"]);
  });
});
