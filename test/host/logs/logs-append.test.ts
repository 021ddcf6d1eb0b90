import { mkdirSync, readdirSync, statSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readRepositoryFile } from "../../../repository";
import { PrivateHost, type Result } from "../../support/private-host";

/** A journal whose cursor is the number of a line. */
const journalctl = `#!/bin/bash
after=0
while [ $# -gt 0 ]; do
  if [ "$1" = --after-cursor ]; then after=$2; fi
  shift
done
exec tail --lines "+$((after + 1))" "$PRIVATE_HOST/journal"
`;
const folder = "/opt/app/logs/app";
const dayMicroseconds = 24 * 60 * 60 * 1_000_000;
const start = Date.parse("2026-11-01T12:00:00Z") * 1000;

let host: PrivateHost;
let journal: string[];
beforeEach(() => {
  host = new PrivateHost();
  host.program("journalctl", journalctl);
  for (const path of [folder, "/var/lib/app"]) mkdirSync(host.path(path), { recursive: true });
  journal = [];
});
afterEach(() => {
  host.dispose();
});

function say(count: number, bytes: number, day = 0): void {
  const time = String(start + day * dayMicroseconds);
  for (let line = 0; line < count; line += 1)
    journal.push(
      JSON.stringify({
        __REALTIME_TIMESTAMP: time,
        __CURSOR: String(journal.length + 1),
        CONTAINER_NAME: "app-1",
        MESSAGE: "x".repeat(bytes),
      }),
    );
  host.write("journal", journal.map((line) => `${line}\n`).join(""));
}

const append = (days = 10_000, dayMegabytes = 1, totalMegabytes = 10, partMegabytes = 64): Result =>
  host.bash(readRepositoryFile("rootfs", "scripts", "usr/local/lib/vps/logs-append"), [
    "logs-append",
    "app",
    String(days),
    String(dayMegabytes),
    String(totalMegabytes),
    String(partMegabytes),
  ]);

const sizes = (): Record<string, number> =>
  Object.fromEntries(
    readdirSync(host.path(folder))
      .sort()
      .map((name) => [name, statSync(host.path(folder, name)).size]),
  );
const succeeded = { status: 0, stderr: "" };

describe("logs-append", () => {
  test("copies each line once, to the file of its day", () => {
    say(2, 5);
    expect(append()).toMatchObject(succeeded);
    say(1, 6, 1);
    expect(append()).toMatchObject(succeeded);
    expect(append()).toMatchObject(succeeded);
    expect(host.text(`${folder}/app-2026-11-01.log`)).toBe("2026-11-01T12:00:00Z app-1 xxxxx\n".repeat(2));
    expect(host.text(`${folder}/app-2026-11-02.log`)).toBe("2026-11-02T12:00:00Z app-1 xxxxxx\n");
  });

  test("a flood fills the file of a day to its limit, says so once, and leaves the next day alone", () => {
    say(3000, 1000);
    expect(append()).toMatchObject(succeeded);
    say(3000, 1000);
    expect(append()).toMatchObject(succeeded);
    const text = host.text(`${folder}/app-2026-11-01.log`) ?? "";
    expect(text.length).toBeGreaterThan(1_000_000);
    expect(text.length).toBeLessThan(1_002_000);
    expect(text.match(/logs-append: this day reached its limit of 1 MB/g)).toHaveLength(1);
    say(1, 5, 1);
    expect(append()).toMatchObject(succeeded);
    expect(sizes()["app-2026-11-02.log"]).toBe(33);
  });

  test("a flood that is larger than one part is copied completely", () => {
    say(35, 100_000);
    expect(append(10_000, 10, 10, 1)).toMatchObject(succeeded);
    expect(sizes()).toEqual({ "app-2026-11-01.log": 35 * (100_000 + "2026-11-01T12:00:00Z app-1 \n".length) });
  });

  test("the oldest files are removed when all files together are too large, and never the newest", () => {
    for (const day of [0, 1, 2, 3]) say(600, 1000, day);
    expect(append(10_000, 1, 2)).toMatchObject(succeeded);
    expect(Object.keys(sizes())).toEqual(["app-2026-11-02.log", "app-2026-11-03.log", "app-2026-11-04.log"]);
    expect(append(10_000, 1, 0)).toMatchObject(succeeded);
    expect(Object.keys(sizes())).toEqual(["app-2026-11-04.log"]);
  });

  test("files are removed by age", () => {
    say(1, 5);
    say(1, 5, 20_000);
    expect(append(14)).toMatchObject(succeeded);
    expect(Object.keys(sizes())).toEqual(["app-2081-08-04.log"]);
  });
});
