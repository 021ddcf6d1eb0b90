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

describe("the log of nginx since a time", () => {
  /** 2026-11-25 12:00 UTC, in the words of systemd-analyze. */
  const systemdAnalyze = `#!/bin/bash
[ "$*" = "timestamp -- -1h" ] || { echo "Failed to parse" >&2 && exit 1; }
printf '  Original form: -1h\\n   UNIX seconds: @1795608000\\n       From now: 1h ago\\n'
`;
  const write = (file: string, text: string) => {
    appendFileSync(host.path(`var/log/nginx/${file}`), text);
  };
  const since = (text: string) => {
    host.program("systemd-analyze", systemdAnalyze);
    const found = logs({ source: "nginx", since: text, lines: 9 });
    return typeof found === "string" ? found : found.lines.map(({ line }) => line);
  };
  const at = (time: string) => `192.0.2.1 - [2026-11-25T${time}+00:00] a.org "GET / HTTP/2.0" 200 5`;
  const combined = (time: string) => `192.0.2.1 - - [25/Nov/2026:${time} +0000] "GET / HTTP/1.1" 200 5`;
  const error = (time: string) => `2026/11/25 ${time} [error] 1#1: it failed [a]`;

  test("has the later lines of each notation", () => {
    write("access.log", `${[at("11:59:59"), at("12:00:00"), combined("11:59:00"), combined("12:00:01")].join("\n")}\n`);
    write("error.log", `${error("11:59:59")}\nits second line\n${error("12:30:00")}\nits second line\n`);
    expect(since("-1h")).toEqual([error("12:30:00"), "its second line", at("12:00:00"), combined("12:00:01")]);
  });

  test("has the lines of rotated files", () => {
    write("access.log", `${at("14:00:00")}\n`);
    write("access.log.1", `${at("13:00:00")}\n`);
    write("access.log.2", `${at("11:00:00")}\n${at("12:10:00")}\n`);
    host.bash('gzip "$PRIVATE_HOST/var/log/nginx/access.log.2"', ["-"]);
    expect(since("-1h")).toEqual([at("12:10:00"), at("13:00:00"), at("14:00:00")]);
  });

  test("that is none is refused", () => {
    write("access.log", `${at("14:00:00")}\n`);
    expect(since("soon")).toContain("Failed to parse");
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
