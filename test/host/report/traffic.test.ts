import { gzipSync } from "node:zlib";
import { mkdirSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseTraffic, readTraffic } from "../../../host/report/traffic";
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

const start = Math.floor(Date.now() / 3_600_000) * 3600 - 7200;

/** A line in the log format `release` of nginx.conf. */
function line(
  offset: number,
  parts: { status?: number; ms?: number; release?: string; site?: string; agent?: string } = {},
) {
  const { status = 200, ms = 8, release = "-", site = "app.test", agent = "curl" } = parts;
  const at = new Date((start + offset + 3600) * 1000).toISOString().slice(0, 19);
  return `203.0.113.7 - [${at}+01:00] ${site} "GET /\\x22a HTTP/2.0" ${status} 12 time=${(ms / 1000).toFixed(3)} upstream=${status}/0.001 release="${release}" id=c0ffee "${agent}"\n`;
}

function traffic(cutovers: readonly number[] = [], days = 14, bytes?: number) {
  const { script, args } = readTraffic("app", ["app.test", "www.app.test"], days, cutovers, 20);
  const words = bytes === undefined ? args : [args[0] ?? "", String(bytes), ...args.slice(2)];
  const bound = 'mount --bind "$PRIVATE_HOST/var/log" /var/log; exec bash -c "$@"';
  const { status, stdout, stderr } = host.bash(bound, ["-", readRepositoryFile("host", script), script, ...words]);
  return status === 0 ? parseTraffic(stdout) : stderr.trim();
}

function log(text: string, name = "access.log"): void {
  writeFileSync(host.path("var/log/nginx", name), name.endsWith(".gz") ? gzipSync(text) : text);
}

test("counts requests and errors per minute and release, and durations in quarter steps; of this site only", () => {
  log(
    [
      line(0, { release: "a1" }),
      line(59, { release: "a1", status: 502, ms: 16 }),
      line(60, { release: "b2", ms: 0 }),
      line(61, { site: "www.app.test", release: "b 2", status: 101, ms: 60_000 }),
      line(62, { site: "other.test", status: 500 }),
      "not a line of this format\n",
    ].join(""),
  );
  expect(traffic()).toEqual({
    periodSeconds: 60,
    complete: true,
    periods: [
      { at: start, release: "a1", requests: 2, errors: 1 },
      { at: start + 60, release: "", requests: 1, errors: 0 },
      { at: start + 60, release: "b2", requests: 1, errors: 0 },
    ],
    latency: [
      { at: start, step: 12, requests: 1 },
      { at: start, step: 16, requests: 1 },
      { at: start + 60, step: 0, requests: 1 },
    ],
    cutovers: [],
  });
});

test("counts the minute before and after each cutover, five seconds at a time", () => {
  log([-60, -58, -1, 0, 4, 59, 60].map((offset) => line(100 + offset, { status: offset === 0 ? 503 : 200 })).join(""));
  expect(traffic([start - 900, start + 100])).toMatchObject({
    cutovers: [
      { cutover: 1, offset: -60, requests: 2, errors: 0 },
      { cutover: 1, offset: -5, requests: 1, errors: 0 },
      { cutover: 1, offset: 0, requests: 2, errors: 1 },
      { cutover: 1, offset: 55, requests: 1, errors: 0 },
    ],
  });
});

test("reads rotated files, and makes the periods longer for a longer time", () => {
  log(line(0));
  log(line(-86_400 * 2), "access.log.1");
  log(line(-86_400 * 3), "access.log.2.gz");
  log(line(-86_400 * 20), "access.log.3.gz");
  expect(traffic()).toMatchObject({ periodSeconds: 3600, complete: true, periods: [{}, {}, {}] });
});

test("reads the newest part of a log that is larger than the limit, and says so", () => {
  log(Array.from({ length: 1000 }, (_, at) => line(at)).join(""));
  const found = traffic([], 14, 10_000);
  expect(found).toMatchObject({ complete: false });
  if (typeof found === "string") throw new Error(found);
  expect(found.periods.at(-1)).toEqual({ at: start + 960, release: "", requests: 40, errors: 0 });
});

test("an empty log has no period; a log that is missing is an error", () => {
  log("");
  expect(traffic()).toEqual({ periodSeconds: 60, complete: true, periods: [], latency: [], cutovers: [] });
  host.bash('rm "$PRIVATE_HOST/var/log/nginx/access.log"', ["-"]);
  expect(traffic()).toBe("there is no /var/log/nginx/access.log");
});
