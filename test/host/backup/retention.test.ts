import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { readRepositoryFile } from "../../../repository";

const script = readRepositoryFile("rootfs/backups/usr/local/lib/{{app}}-backup/backup.sh");
const functions = ["own", "bases", "hide_old"].map(
  (name) => new RegExp(`^${name}\\(\\) \\{[^\\n]*(?:\\}|\\n[^]*?^\\})$`, "m").exec(script)?.[0] ?? "",
);

/** The files that the job hides, with a bucket that has these. */
function hidden(names: readonly string[], identity: string): string[] {
  const list = JSON.stringify(names.map((Path) => ({ Path })));
  const remote = `remote() { case $2 in lsjson) echo '${list}' ;; deletefile) echo "$3" ;; esac; }`;
  const text = `set -euo pipefail; bucket=b2:b keep=2 identity=${identity}\n${remote}\n${functions.join("\n")}\nhide_old`;
  return execFileSync("bash", ["-c", text], { encoding: "utf8" }).split("\n").filter(Boolean);
}

const backup = (day: number, id = ""): string[] =>
  ["json", "tar.zst"].map((ending) => `backup-2026110${day}T030000Z-0a0b0c0d${id}.${ending}`);
const mine = "-11111111";
const theirs = "-22222222";

describe("retention of backups of several identities in one bucket", () => {
  const bucket = [
    ...[backup(1), backup(2), backup(3), backup(4)],
    ...[1, 2, 3].map((day) => backup(day, mine)),
    ...[1, 2, 3].map((day) => backup(day, theirs)),
  ].flat();
  const paths = (names: readonly string[]): string[] => names.map((name) => `b2:b/daily/${name}`);

  test("each counts its own", () => {
    expect(hidden(bucket, "11111111-5f0a-4d0a-9a51-0f6a1f1f0a10")).toEqual(paths(backup(1, mine)));
    expect(hidden(bucket, "22222222-5f0a-4d0a-9a51-0f6a1f1f0a10")).toEqual(paths(backup(1, theirs)));
  });

  test("data of an earlier version has no id, and its backups have none", () => {
    expect(hidden(bucket, "")).toEqual(paths([...backup(1), ...backup(2)]));
  });

  test("new data hides no backup of the data before it, and its unfinished upload is its own", () => {
    expect(hidden(bucket, "33333333-5f0a-4d0a-9a51-0f6a1f1f0a10")).toEqual([]);
    const [, unfinished = ""] = backup(9, theirs);
    expect(hidden([unfinished], "11111111-5f0a-4d0a-9a51-0f6a1f1f0a10")).toEqual([]);
    expect(hidden([unfinished], "22222222-5f0a-4d0a-9a51-0f6a1f1f0a10")).toEqual(paths([unfinished]));
  });
});
