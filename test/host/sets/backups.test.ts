import { expect, describe, test } from "vitest";
import { readRepositoryFile } from "../../../repository";
import { backupsSet } from "../../../host/sets/backups";
import { sandbox } from "../../../host/sets/sandbox";

describe("backupsSet", () => {
  test("has every script that another script uses, and every command of the units", () => {
    const entries = backupsSet("memoryloop").entries;
    const contents = Object.values(entries).map((entry) => (entry.kind === "file" ? entry.content : ""));
    const texts = contents.filter((content) => typeof content === "string");
    const folder = "/usr/local/lib/memoryloop-backup/";
    const sourced = texts.flatMap((text) =>
      [...text.matchAll(/"\$here\/([a-z]+\.(?:sh|mjs))"/g)].map(([, name = ""]) => folder + name),
    );
    const started = texts.flatMap((text) => [...text.matchAll(/^ExecSt\w+=-?(\S+)/gm)].map(([, path]) => path ?? ""));
    expect(sourced.length).toBeGreaterThan(8);
    expect(started.length).toBeGreaterThan(2);
    expect([...sourced, ...started].filter((path) => !(path in entries))).toEqual([]);
  });

  test("runs every service, and the scripts that `ops` starts, in one sandbox", () => {
    const entries = backupsSet("memoryloop").entries;
    const settingsOf = (path: string): string[] => {
      const entry = entries[path];
      const content = entry?.kind === "file" ? entry.content : "";
      return content.split("\n").filter((line) => /^\w+=/.test(line));
    };
    const opened = settingsOf("/usr/local/lib/memoryloop-backup/sandbox.conf");
    const services = Object.keys(entries).filter((path) => path.endsWith(".service"));
    expect(services).toHaveLength(3);
    expect(sandbox).toContain("ProtectSystem=strict");
    expect(opened).toContain("CapabilityBoundingSet=CAP_CHOWN CAP_SETUID CAP_SETGID");
    for (const path of services)
      expect(settingsOf(path)).toEqual(expect.arrayContaining([...sandbox.split("\n"), ...opened]));
    // run-script.sh gives each line of both files to systemd-run.
    expect(readRepositoryFile("host/backup/run-script.sh")).toContain(
      `grep -hv '^#' /usr/local/lib/vps/sandbox.conf "$here/sandbox.conf"`,
    );
  });
});
