import { describe, expect, test } from "vitest";
import type { Entry } from "../../policy/kinds";
import { placeOf } from "../../policy/server-paths";

const file: Entry = { kind: "file", content: "", mode: "0644", owner: "root:root" };
const directory: Entry = { kind: "directory", mode: "0755", owner: "root:root", ownership: "enforced" };

describe("placeOf", () => {
  test.each([
    ["/etc/systemd/system/notes-backup@.service", file],
    ["/etc/systemd/system/nginx.service.d/vps.conf", file],
    ["/usr/local/lib/notes-backup/kinds/lancedb.mjs", file],
    ["/opt/notes/config/releases/0a0b0c0d.env", file],
    ["/opt/notes/backups/staging", directory],
    ["/opt/notes/certs", { kind: "link", target: "/etc/letsencrypt/live/notes.example.com" } as const],
  ])("knows %s", (path, entry) => {
    expect(placeOf(path, entry, undefined)).toBeDefined();
  });

  test.each([
    ["a parent directory", "/opt/notes/config/../../../etc/x.env", file],
    ["a hidden file", "/usr/local/lib/notes/.hidden", file],
    ["a directory below a script directory", "/usr/local/lib/notes/sub/tool", file],
    ["a directory in the place of a file", "/etc/docker/daemon.json", directory],
    ["a file in the place of a directory", "/opt/notes/config", file],
    ["a longer name", "/etc/docker/daemon.json.d", file],
    [
      "a link to another place",
      "/opt/notes/certs",
      { kind: "link", target: "/etc/letsencrypt/live/../../shadow" } as const,
    ],
    ["a removed file", "/etc/docker/daemon.json", { kind: "absent" } as const],
  ])("does not know %s", (_, path, entry) => {
    expect(placeOf(path, entry, undefined)).toBeUndefined();
  });
});
