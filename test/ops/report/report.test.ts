import { beforeAll, describe, expect, test } from "vitest";
import { latencyChart, loadLibrary, type Library } from "../../../ops/report/charts";
import type { Traffic } from "../../../host/report/traffic";
import type { Deployment } from "../../../host/rollout/deployment";
import { cutoverSeconds, cutoversOf } from "../../../ops/report/cutover";
import { reportModel, type ReportSources } from "../../../ops/report/model";
import { renderReport } from "../../../ops/report/page";
import { durationAt } from "../../../ops/report/periods";
import { deployment } from "../../support/deployment";
import { reportSources } from "../../support/report";
import { hostFacts, now, stack } from "../../support/status";

const modelOf = (parts: Partial<ReportSources> = {}) =>
  reportModel(stack, { ...reportSources, ...parts }, { now, days: 14 });
const silent = { ok: false as const, cause: "no answer within 30 s", fix: "wait longer" };
const nothing: ReportSources = { releases: silent, host: silent, traffic: silent, backups: silent };

describe("reportModel", () => {
  test("each deployment with its outcome, its duration, and the first line of its reason", () => {
    const rows = modelOf().deployments.map(({ tag, outcome, seconds, reason }) => [tag, outcome, seconds, reason]);
    expect(rows).toEqual([
      ["a000001", "success", 4, ""],
      ["bad0001", "failed", 20.5, "answered 500 <script>"],
      ["b000002", "success", 6, ""],
      ["b000002", "rolled back", 3, "slow"],
    ]);
  });

  test("a cutover is at the end of its switch; the release that answered is known by its header, else by the time", () => {
    expect(modelOf().cutovers).toEqual([
      { deployment: "deploy-1", at: "2026-11-26T09:00:03.000Z", from: "", to: "a000001", points: [] },
      {
        deployment: "deploy-3",
        at: "2026-11-26T09:20:05.000Z",
        from: "a000001",
        to: "b000002",
        points: [
          { offset: -5, side: "previous", requests: 10, errors: 0 },
          { offset: 0, side: "previous", requests: 2, errors: 1 },
          { offset: 0, side: "new", requests: 8, errors: 0 },
          { offset: 5, side: "new", requests: 7, errors: 0 },
        ],
      },
      { deployment: "deploy-4", at: "2026-11-26T09:30:01.000Z", from: "b000002", to: "a000001", points: [] },
    ]);
  });

  describe("cutovers within a minute", () => {
    const at = (seconds: number): string => new Date(Date.parse("2026-11-26T09:00:00Z") + seconds * 1000).toISOString();
    const moved = (seconds: number, from: string, to: string) =>
      deployment({
        ...{ id: `deploy-${seconds}`, imageTag: to, previousVersion: from, startedAt: at(seconds) },
        durationsMs: { switch: 0 },
      });
    const counts = (cutover: number, offset: number, release: string) => ({
      ...{ cutover, offset, release, requests: 1, errors: 0 },
    });

    /** The sides of each cutover by offset, given what the log tells about each. */
    function sidesOf(records: readonly Deployment[], found: Traffic["cutovers"]): string[] {
      const traffic: Traffic = { periodSeconds: 300, complete: true, periods: [], latency: [], cutovers: found };
      return cutoversOf(records, traffic).map(({ points }) =>
        points.map(({ offset, side }) => `${offset} ${side}`).join(", "),
      );
    }

    test("of the same tags do not mix: each has the requests between its neighbours", () => {
      const records = [moved(0, "b", "a"), moved(20, "a", "b"), moved(42, "b", "a")];
      const around = (cutover: number, base: number) =>
        [-20, -15, 0, 15, 20, 25, 40].map((second) =>
          counts(cutover, second - base, second < 0 ? "b" : second < 20 ? "a" : second < 42 ? "b" : "a"),
        );
      expect(sidesOf(records, [...around(0, 0), ...around(1, 20)])).toEqual([
        "-20 previous, -15 previous, 0 new, 15 new",
        "-20 previous, -5 previous, 0 new, 5 new",
        "",
      ]);
    });

    test("a late answer of an older release of the new tag is no answer of the new release", () => {
      expect(sidesOf([moved(0, "a", "b")], [counts(0, -30, "b"), counts(0, -5, "b"), counts(0, 30, "a")])).toEqual([
        "-30 previous, -5 new, 30 previous",
      ]);
    });

    test("the previous release is the lower part of a bar, whatever its tag is", () => {
      const both = [counts(0, 0, "a"), counts(0, 0, "b")];
      expect(sidesOf([moved(0, "b", "a")], both)).toEqual(["0 previous, 0 new"]);
      expect(sidesOf([moved(0, "a", "b")], both)).toEqual(["0 previous, 0 new"]);
    });

    test("with one tag on both sides, the time decides", () => {
      expect(sidesOf([moved(0, "a", "a")], [counts(0, -5, "a"), counts(0, 0, "a")])).toEqual(["-5 previous, 0 new"]);
    });
  });

  test("the server is asked about the same cutovers", () => {
    const { releases } = reportSources;
    const records = releases.ok ? releases.value.records : [];
    expect(cutoverSeconds(records).map((at) => new Date(at * 1000).toISOString())).toEqual(
      modelOf().cutovers.map(({ at }) => at),
    );
  });

  test("the requests of a period, of all releases, and how long they took", () => {
    expect(modelOf().periods).toEqual([
      { at: "2026-11-26T09:15:00.000Z", requests: 40, errors: 0, median: null, p95: null },
      { at: "2026-11-26T09:20:00.000Z", requests: 100, errors: 3, median: 8, p95: 1024 },
    ]);
  });

  test("memory, disk, backups, restores and certificates", () => {
    const { gauges, backups, restores, certificates } = modelOf();
    const gib = 1024 ** 3;
    expect(gauges).toEqual([
      { name: "memory of the server", usedBytes: gib, limitBytes: 4 * gib },
      { name: "app-22", usedBytes: 212 * 1024 ** 2, limitBytes: gib },
      { name: "disk /", usedBytes: 10 * gib, limitBytes: 40 * gib },
    ]);
    expect(backups).toEqual([
      { at: "2026-11-24T03:00:00Z", bytes: 4 * 1024 ** 2, isPermanent: false },
      { at: "2026-11-25T03:00:00Z", bytes: 5 * 1024 ** 2, isPermanent: true },
    ]);
    expect(restores).toEqual([
      { at: "2026-11-25T04:00:09Z", seconds: 7, isGood: true },
      { at: "2026-11-26T04:00:30Z", seconds: 30, isGood: false },
    ]);
    expect(certificates).toEqual([
      { name: "app.test", from: "2026-10-29T12:00:00Z", until: "2027-01-27T12:00:00Z", daysLeft: 62 },
    ]);
  });

  test("each source that is missing is one sentence", () => {
    expect(modelOf().missing).toEqual([]);
    expect(modelOf({ traffic: silent, backups: undefined }).missing).toEqual([
      "Requests cannot be shown: no answer within 30 s. Next: wait longer",
      "This stack has no backups.",
    ]);
    expect(modelOf({ host: { ok: true, value: { ...hostFacts, disks: null } } }).missing).toEqual([
      "Disks cannot be shown: the server cannot tell. Next: ops status",
    ]);
    expect(modelOf(nothing).missing).toHaveLength(4);
  });
});

test("durationAt finds a share of the requests by the steps of their durations", () => {
  const steps = [
    { step: 40, requests: 1 },
    { step: 0, requests: 1 },
    { step: 13, requests: 2 },
  ];
  expect([0.25, 0.5, 0.75, 1].map((share) => durationAt(share, steps))).toEqual([1, 10, 10, 1024]);
  expect(durationAt(0.5, [])).toBeNull();
});

describe("renderReport", () => {
  let library: Library;
  beforeAll(async () => {
    library = await loadLibrary();
  });

  test("is one page without script and without a reference to anything outside, the same for the same model", () => {
    const page = renderReport(modelOf(), library);
    expect(page).not.toMatch(
      /<script|<link(?! rel="icon" href="data:,">)|<img|<iframe|@import|url\(|\ssrc=|\shref="(?!data:,")/,
    );
    expect(page).toContain("answered 500 &lt;script&gt;");
    expect(renderReport(modelOf(), library)).toBe(page);
  });

  test("shows the values as texts, too", () => {
    const page = renderReport(modelOf(), library);
    expect(page).toContain("<dt>Deployments</dt><dd>4<small>2 succeeded</small></dd>");
    const [row] = modelOf().deployments;
    const forty = {
      ...modelOf(),
      deployments: Array.from({ length: 40 }, () => row).filter((one) => one !== undefined),
    };
    expect(renderReport(forty, library)).toContain(
      "<dt>Deployments</dt><dd>40<small>the newest ones; 40 succeeded</small></dd>",
    );
    expect(page).toContain("<dt>5xx answers</dt><dd>3<small>2.1 % of all</small></dd>");
    expect(page).toContain("app-22: 212 MiB of 1 GiB (21 %)");
    expect(page).toContain("app.test: 62 days left, until 2027-01-27");
    expect(page).toContain(
      '<td class="when">2026-11-26 09:20</td><td class="">a000001 → b000002</td><td class="number">12</td><td class="number">15</td><td class="number">1</td>',
    );
  });

  test("the line of the latency ends where a period has no request", () => {
    const periods = ["09:00", "09:05", "09:20", "09:25"].map((time) => ({
      at: `2026-11-26T${time}:00.000Z`,
      ...{ requests: 1, errors: 0, median: 8, p95: 9 },
    }));
    const chart = latencyChart(library, periods, 300, 900);
    expect(
      [...chart.matchAll(/<path d="(M[^"]*)"/g)].filter(([, path = ""]) => path.includes("L") && path.length > 12),
    ).toHaveLength(4);
  });

  test("a tag or a reason from outside stays a text", () => {
    const { deployments, ...model } = modelOf();
    const hostile = deployments.map((row) => ({ ...row, tag: "<img src=x>", reason: '"><b>' }));
    const page = renderReport({ ...model, app: "<i>", deployments: hostile }, library);
    expect(page).not.toMatch(/<img|<b>|<i>/);
  });

  test("without any data it says what is missing, section by section", () => {
    const page = renderReport(modelOf(nothing), library);
    expect(page).not.toContain("<svg");
    for (const sentence of [
      "Deployments cannot be shown: no answer within 30 s. Next: wait longer",
      "No deployment is recorded.",
      "No cutover is recorded.",
      "The access log has no request of the last 14 days.",
      "No value is known.",
      "No backup is listed.",
      "No certificate is known.",
    ])
      expect(page).toContain(sentence);
  });
});
