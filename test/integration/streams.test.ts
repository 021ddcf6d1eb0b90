import { loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { eventStream, keepAliveLoad, type StreamReport } from "../../rehearsal/driver/load";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";

const [before, after] = ["a0000a2", "b0000b2"] as const;
const streamCount = 2000;
const opened = { atOnce: 25, everyMs: 250 };

let system: DeployedWorld;

beforeAll(async () => {
  system = await DeployedWorld.open();
  await Promise.all([system.release(before), system.release(after)]);
  await system.deploy(before);
});

/** Opens the event streams in small groups: two thousand handshakes at one moment would test something else. */
async function openStreams(stop: AbortSignal): Promise<Promise<StreamReport>[]> {
  const streams: Promise<StreamReport>[] = [];
  while (streams.length < streamCount) {
    for (let index = 0; index < opened.atOnce; index++) streams.push(eventStream(system.target, stop));
    await sleep(opened.everyMs);
  }
  return streams;
}

/** Number of connections of the active release. */
const connections = async (): Promise<number> =>
  Number(
    await system.onVps(
      "ss --no-header --unix state established src $(realpath /var/lib/memoryloop/current.sock) | wc --lines",
    ),
  );

/** Resident memory by program, MiB. */
const memory = (): Promise<string> =>
  system.onVps(
    `ps -eo comm=,rss= | awk '/^(nginx|systemd-socket|node|MainThread)/ { sum[$1] += $2 / 1024 }
     END { for (name in sum) printf "%s %d MiB\\n", name, sum[name] }'`,
  );

describe("two thousand event streams at once", () => {
  test("survive a cutover on their release, and no other request is lost", async () => {
    const stop = new AbortController();
    const idle = await memory();
    const streams = await openStreams(stop.signal);
    await expect.poll(connections, { timeout: 60_000 }).toBeGreaterThanOrEqual(streamCount);
    console.info({ idle, open: await memory(), clientMiB: Math.round(process.memoryUsage().rss / 2 ** 20) });
    const load = keepAliveLoad({ target: system.target, clients: 20, pauseMs: 100, stop: stop.signal });
    await system.deploy(after);
    const reports = await Promise.all(streams);
    stop.abort();
    const { lost, statuses, sent, switches } = await load;
    const longestSilenceMs = Math.max(...reports.map((report) => report.longestSilenceMs));
    console.info({ sent, lost: lost.length, longestSilenceMs, load: loadavg()[0] });
    expect(lost).toEqual([]);
    expect(statuses).toEqual({ 200: sent });
    for (const { releases, missing, endedBy } of reports)
      expect({ releases, missing, endedBy }).toEqual({ releases: [before], missing: [], endedBy: "server" });
    expect(Math.min(...reports.map(({ lastAt }) => lastAt))).toBeGreaterThan(switches[after]?.first ?? Infinity);
  });
});

describe("event streams of a release that stops", () => {
  test("end in good order, even if the proxy sends their last bytes late", async () => {
    const stop = new AbortController();
    const { version } = (await system.health()).body;
    const next = version === after ? before : after;
    const streams = Array.from({ length: 20 }, () => eventStream(system.target, stop.signal));
    await expect.poll(connections).toBeGreaterThanOrEqual(streams.length);
    const release = await system.onVps("basename $(realpath /var/lib/memoryloop/current.sock) .sock");
    const proxy = `memoryloop-release@${release}.service`;
    const held = await system.upPausedAt("retire", next);
    await system.onVps(`systemctl kill --signal STOP ${proxy}`);
    await held.release();
    await system.onVps(`until [ -z "$(docker ps --quiet --filter name=${release})" ]; do sleep 0.1; done; sleep 1`);
    await system.onVps(`systemctl kill --signal CONT ${proxy} || true`);
    expect((await held.ended).code).toBe(0);
    expect((await Promise.all(streams)).map(({ endedBy }) => endedBy)).toEqual(streams.map(() => "server"));
  });
});
