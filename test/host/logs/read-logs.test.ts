import { appendFileSync, mkdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseLogs, readLogs, type LogQuestion } from "../../../ops/logs";
import { readRepositoryFile } from "../../../repository";
import { PrivateHost } from "../../support/private-host";

let host: PrivateHost;
beforeEach(() => {
  host = new PrivateHost();
  mkdirSync(host.path("var/log/nginx"), { recursive: true });
});
afterEach(() => {
  host.dispose();
});

const question: LogQuestion = { source: "app", app: "app", lines: 2, since: "", release: "", cursor: "" };

function logs(parts: Partial<LogQuestion>) {
  const { script, args } = readLogs({ ...question, ...parts });
  const bound = 'mount --bind "$PRIVATE_HOST/var/log" /var/log; exec bash -c "$@"';
  const { status, stdout, stderr } = host.bash(bound, ["-", readRepositoryFile("host", script), script, ...args]);
  return status === 0 ? parseLogs(stdout) : stderr.trim();
}

describe("the log of nginx", () => {
  const access = (text: string) => {
    appendFileSync(host.path("var/log/nginx/access.log"), text);
  };

  test("begins with the newest lines and continues where it ended, also after a rotation", () => {
    access("one\ntwo\nthree\n");
    const first = logs({ source: "nginx" });
    if (typeof first === "string") throw new Error(first);
    expect(first.lines.map(({ line }) => line)).toEqual(["two", "three"]);
    access("four\n");
    const second = logs({ source: "nginx", cursor: first.cursor });
    if (typeof second === "string") throw new Error(second);
    expect(second.lines).toEqual([{ at: "", from: "nginx access", line: "four" }]);
    host.bash('cd "$PRIVATE_HOST/var/log/nginx"; mv access.log access.log.1; echo five >access.log', ["-"]);
    expect(logs({ source: "nginx", cursor: second.cursor })).toMatchObject({ lines: [{ line: "five" }] });
  });
});

describe("a log of the journal", () => {
  /** Prints its arguments as a log line. */
  const journalctl = `#!/bin/bash
jq -cn --arg words "$*" '{ __REALTIME_TIMESTAMP: "1795608000000000", __CURSOR: "c9", _SYSTEMD_UNIT: "x", MESSAGE: $words }'
`;
  const general = "--quiet --all --output json --output-fields MESSAGE,CONTAINER_NAME,_SYSTEMD_UNIT,UNIT";

  test.each<[string, Partial<LogQuestion>, string]>([
    ["the app", {}, "--lines 2 CONTAINER_TAG=app"],
    ["a release", { release: "0a" }, "--lines 2 CONTAINER_NAME=app-0a"],
    ["since a time", { since: "-1h" }, "--lines 2 --since -1h CONTAINER_TAG=app"],
    ["after a place", { since: "-1h", cursor: "c8" }, "--lines 2 --after-cursor c8 CONTAINER_TAG=app"],
    ["the backups", { source: "backup" }, "--lines 2 --unit app-backup* --unit app-recover.service"],
    [
      "a rollout",
      { source: "rollout", release: "0a" },
      "--lines 2 --unit app-release@0a.service --unit app-release@0a.socket --unit app-revert.service",
    ],
  ])("%s", (_, parts, expected) => {
    host.program("journalctl", journalctl);
    expect(logs(parts)).toEqual({
      cursor: "c9",
      lines: [{ at: "2026-11-25T12:00:00Z", from: "x", line: `${general} ${expected}` }],
    });
  });

  test("without lines keeps the place", () => {
    host.program("journalctl", "#!/bin/sh\n");
    expect(logs({ cursor: "c8" })).toEqual({ cursor: "c8", lines: [] });
  });
});
