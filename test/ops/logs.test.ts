import { describe, expect, test } from "vitest";
import {
  followLogs,
  matching,
  ofServers,
  parseLogs,
  renderLines,
  sinceOf,
  releaseRefusal,
  type LogLine,
} from "../../ops/logs";
import { FakeHost } from "../support/fake-host";

const printed = (cursor: string, ...lines: string[]): string =>
  JSON.stringify({ cursor, lines: lines.map((line) => ({ at: "2026-01-02T03:04:05Z", from: "app-11", line })) });

describe("parseLogs", () => {
  test("removes terminal escape sequences, so that JSON output has none either", () => {
    expect(parseLogs(printed("c", "\x1b[31mfailed\x1b[0m"))).toEqual({
      cursor: "c",
      lines: [{ at: "2026-01-02T03:04:05Z", from: "app-11", line: "failed" }],
    });
  });
});

test("renderLines: one line for each entry, without a time that is inside of the line", () => {
  const inside = { at: "", from: "nginx access", line: "GET /" };
  expect(renderLines([...parseLogs(printed("c", "listening")).lines, inside])).toBe(
    "2026-01-02T03:04:05Z app-11 listening\nnginx access GET /",
  );
});

test("matching keeps the lines that the pattern finds", () => {
  const { lines } = parseLogs(printed("c", "one", "two"));
  expect(matching(lines, /w/).map(({ line }) => line)).toEqual(["two"]);
  expect(matching(lines, undefined)).toHaveLength(2);
});

test.each([
  ["10m", "-10m"],
  ["yesterday", "yesterday"],
  ["2026-11-26 10:00", "2026-11-26 10:00"],
])("sinceOf %s", (text, expected) => {
  expect(sinceOf(text)).toBe(expected);
});

test.each([
  ["app", undefined],
  ["rollout", undefined],
  ["backup", "the log backup has no release ids; give --since with the time that ops history shows"],
  [
    "nginx",
    "the log nginx has no release ids; give --since with the time that ops history shows, or --grep with the tag if the app sends the header X-Release",
  ],
] as const)("releaseRefusal: %s", (source, expected) => {
  expect(releaseRefusal(source)).toBe(expected);
});

test("followLogs continues after the last line it has shown", async () => {
  const answers = [printed("c1", "one", "two"), printed("c1"), printed("c2", "three")];
  const host = new FakeHost({ "logs/read-logs.sh": () => answers.shift() ?? "" });
  const shown: LogLine[] = [];
  let rounds = 3;
  await followLogs(
    host,
    { source: "app", app: "app", lines: 5, since: "-1h", release: "", cursor: "" },
    (lines) => shown.push(...lines),
    () => Promise.resolve(--rounds > 0),
  );
  expect(shown.map(({ line }) => line)).toEqual(["one", "two", "three"]);
  expect(host.commands.map(({ args }) => args.at(-1))).toEqual(["", "c1", "c1"]);
});

test("ofServers puts the lines of all servers into the order of their times, each with its server", () => {
  const line = (at: string, text: string) => ({ at, from: "app-11", line: text });
  const all = [
    { server: "host", value: [line("2026-01-02T03:04:05Z", "one"), line("2026-01-02T03:04:07Z", "three")] },
    { server: "second", value: [line("2026-01-02T03:04:06Z", "two")] },
  ];
  expect(ofServers(all).map(({ from, line: text }) => [from, text])).toEqual([
    ["host app-11", "one"],
    ["second app-11", "two"],
    ["host app-11", "three"],
  ]);
});
