import { expect, describe, test } from "vitest";
import { backupsSet } from "../../../host/sets/backups";

describe("backupsSet", () => {
  test("every script that another one sources, and every unit's command, is there", () => {
    const entries = backupsSet("memoryloop").entries;
    const contents = Object.values(entries).map((entry) => (entry.kind === "file" ? entry.content : ""));
    const texts = contents.filter((content) => typeof content === "string");
    const folder = "/usr/local/lib/memoryloop-backup/";
    const sourced = texts.flatMap((text) =>
      [...text.matchAll(/"\$here\/([a-z]+\.(?:sh|mjs))"/g)].map(([, name = ""]) => folder + name),
    );
    const started = texts.flatMap((text) => [...text.matchAll(/^ExecSt\w+=-?(\S+)/gm)].map(([, path]) => path ?? ""));
    expect(sourced.length).toBeGreaterThan(8);
    expect(started.length).toBeGreaterThan(4);
    expect([...sourced, ...started].filter((path) => !(path in entries))).toEqual([]);
  });
});
