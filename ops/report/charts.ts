import { renderSize } from "../render";
import type { Cutover } from "./cutover";
import type { DeploymentRow, Gauge, Outcome, ReportModel } from "./model";
import type { Period } from "./periods";

type Plot = typeof import("@observablehq/plot");
type Options = NonNullable<Parameters<Plot["plot"]>[0]>;

/** Draws a chart as the text of an SVG element. Its colours are variables of the page's style. */
type Draw = (options: Options) => string;

/** The library and a document without a browser. */
export interface Library {
  readonly plot: Plot;
  readonly draw: Draw;
}

/** Loads the library, which only the report needs. */
export async function loadLibrary(): Promise<Library> {
  const [plot, { parseHTML }] = await Promise.all([import("@observablehq/plot"), import("linkedom")]);
  const { document } = parseHTML("<html></html>") as unknown as { document: unknown };
  return { plot, draw: (options) => (plot.plot({ ...options, document }) as { outerHTML: string }).outerHTML };
}

/** A sign above a bar stays readable over a taller neighbour. */
const onPaper = { dy: -7, fill: "var(--ink)", stroke: "var(--paper)", strokeWidth: 4 } as const;

/** Variables of page.css. */
export const colours = {
  success: "var(--good)",
  failed: "var(--bad)",
  reverted: "var(--warn)",
  "rolled back": "var(--warn)",
  running: "var(--quiet)",
  previous: "var(--previous)",
  new: "var(--new)",
} as const satisfies Record<Outcome | "previous" | "new", string>;

/** A sign beside the colour: not everyone sees the colour. */
const signs: Readonly<Record<Outcome, string>> = {
  success: "",
  failed: "✕",
  reverted: "↶",
  "rolled back": "↩",
  running: "…",
};

/** The label of an axis has the room above the highest tick. */
const sides = { marginTop: 32, marginLeft: 48, marginRight: 24 };
const labelPixels = 15;

/** Every n-th value, so that labels with this many pixels each have room. */
function everyNth<T>(values: readonly T[], width: number): readonly T[] {
  const nth = Math.max(1, Math.ceil((values.length * labelPixels) / width));
  return values.filter((_, at) => at % nth === 0);
}

/** A few bars are as narrow as a dozen. */
const paddingOf = (bars: number): number => Math.max(0.1, 1 - bars / 12);

/** One bar for each deployment, oldest first: its height is the duration, its colour the outcome. */
export function deploymentsChart({ plot, draw }: Library, rows: readonly DeploymentRow[], width: number): string {
  const tags = new Map(rows.map(({ id, tag }) => [id, tag.slice(0, 10)]));
  const ticks = [...everyNth([...tags.keys()], width - 60)];
  const bars = rows.map((row) => ({ ...row, seconds: row.seconds ?? 0 }));
  return draw({
    width,
    height: 252,
    ...sides,
    marginBottom: 64,
    x: {
      domain: [...tags.keys()],
      ticks,
      tickFormat: (id: string) => tags.get(id) ?? id,
      tickRotate: -60,
      label: null,
      padding: paddingOf(bars.length),
    },
    y: { grid: true, label: "seconds", nice: true },
    marks: [
      plot.barY(bars, { x: "id", y: "seconds", fill: ({ outcome }: DeploymentRow) => colours[outcome] }),
      plot.text(bars, { ...onPaper, x: "id", y: "seconds", text: ({ outcome }: DeploymentRow) => signs[outcome] }),
      plot.ruleY([0]),
    ],
  });
}

/** Requests per second in the minute before and after a switch, by the release that answered; 5xx in red. */
export function cutoverChart({ plot, draw }: Library, { points }: Cutover): string {
  const rates = points.map((point) => ({ ...point, rate: point.requests / 5, bad: point.errors / 5 }));
  const span = { x1: "offset", x2: ({ offset }: { offset: number }) => offset + 5, inset: 0.5 } as const;
  return draw({
    width: 300,
    height: 172,
    ...sides,
    marginBottom: 42,
    x: {
      domain: [-60, 60],
      ticks: [-60, -30, 0, 30, 60],
      label: "seconds from the switch",
      labelAnchor: "center",
      labelOffset: 36,
    },
    y: { grid: true, label: "requests/s", ticks: 4, nice: true },
    marks: [
      plot.rectY(rates, { ...span, y: "rate", fill: ({ side }: { side: "previous" | "new" }) => colours[side] }),
      plot.rectY(rates, { ...span, y: "bad", fill: colours.failed }),
      plot.ruleY([0]),
      plot.ruleX([0], { strokeDasharray: "3,2" }),
    ],
  });
}

const dayMs = 86_400_000;

const shortMs = 600_000;

/** A time axis from the first time to the last. Its labels are days for a long span, else hours and minutes. */
function timeAxis(first: Date, last: Date, width: number) {
  const span = last.getTime() - first.getTime();
  const [from, to] = span > 2 * dayMs ? [5, 10] : [11, 16];
  const tickFormat = (time: Date): string => time.toISOString().slice(from, to);
  const ticks = span <= shortMs ? "2 minutes" : Math.round(width / 110);
  return { type: "utc", domain: [first, last], label: null, ticks, tickFormat } as const;
}

/** 1500 is "1.5k". */
const shortNumber = (number: number): string => (number < 1000 ? String(number) : `${number / 1000}k`);

const after = (at: string, seconds: number): Date => new Date(Date.parse(at) + seconds * 1000);

const periodTimes = (periods: readonly Period[], seconds: number) =>
  periods.map((period) => ({ ...period, from: new Date(period.at), to: after(period.at, seconds) }));

/** Names the runs of periods without a gap: a line through a time without requests would show values that nobody measured. */
function runsOf(periods: readonly Period[], seconds: number): readonly number[] {
  let run = 0;
  return periods.map(({ at }, index) => {
    const before = periods[index - 1]?.at ?? at;
    if (Date.parse(at) - Date.parse(before) > seconds * 1500) run += 1;
    return run;
  });
}

const periodAxis = (periods: readonly Period[], seconds: number, width: number) =>
  timeAxis(new Date(periods[0]?.at ?? 0), after(periods.at(-1)?.at ?? "1970-01-01", seconds), width);

/** Requests of each period, and 5xx among them in red. A dot marks a period with 5xx, because a few of many do not show. */
export function requestsChart(
  { plot, draw }: Library,
  periods: readonly Period[],
  seconds: number,
  width: number,
): string {
  const bars = periodTimes(periods, seconds);
  const span = { x1: "from", x2: "to", inset: 0.5 } as const;
  return draw({
    width,
    height: 212,
    ...sides,
    x: periodAxis(periods, seconds, width),
    y: { grid: true, label: "requests", nice: true, tickFormat: shortNumber },
    marks: [
      plot.rectY(bars, { ...span, y: "requests", fill: colours.new }),
      plot.rectY(bars, { ...span, y: "errors", fill: colours.failed }),
      plot.dot(
        bars.filter(({ errors }) => errors > 0),
        { x: ({ at }: Period) => after(at, seconds / 2), y: "requests", dy: -7, r: 3, fill: colours.failed },
      ),
      plot.ruleY([0]),
    ],
  });
}

/** The time within which half of the requests of a period were answered, and 95 % of them. */
export function latencyChart(
  { plot, draw }: Library,
  periods: readonly Period[],
  seconds: number,
  width: number,
): string {
  const times = periodTimes(periods, seconds);
  const dots = times.length * 8 < width ? times : [];
  const z = runsOf(periods, seconds);
  const line = (y: "median" | "p95", stroke: string) => [
    plot.lineY(times, { x: "from", y, z: [...z], stroke, strokeWidth: 2 }),
    plot.dot(dots, { x: "from", y, fill: stroke, r: 2.5 }),
  ];
  return draw({
    width,
    height: 212,
    ...sides,
    x: periodAxis(periods, seconds, width),
    y: { grid: true, label: "milliseconds", zero: true, nice: true },
    marks: [plot.ruleY([0]), ...line("p95", colours.reverted), ...line("median", colours.new)],
  });
}

const fullPercent = 90;
const percentOf = ({ usedBytes, limitBytes }: Gauge): number =>
  limitBytes === null || limitBytes === 0 ? 0 : Math.round((100 * usedBytes) / limitBytes);

/** The text of a gauge, such as "app-22: 212 MiB of 1 GiB (21 %)". */
const gaugeText = (gauge: Gauge): string =>
  gauge.limitBytes === null
    ? `${gauge.name}: ${renderSize(gauge.usedBytes)}, without a limit`
    : `${gauge.name}: ${renderSize(gauge.usedBytes)} of ${renderSize(gauge.limitBytes)} (${percentOf(gauge)} %)`;

/** A bar for each gauge, with its text above. */
export function gaugesChart({ plot, draw }: Library, gauges: readonly Gauge[], width: number): string {
  const name = ({ name }: Gauge): string => name;
  const row = { y: name, insetTop: 20, insetBottom: 4 } as const;
  return draw({
    width,
    height: gauges.length * 42 + 8,
    marginLeft: 1,
    marginRight: 1,
    marginTop: 4,
    marginBottom: 4,
    x: { domain: [0, 100], axis: null },
    y: { domain: gauges.map(name), axis: null, padding: 0 },
    marks: [
      plot.barX(gauges, { ...row, x1: 0, x2: 100, fill: "var(--track)" }),
      plot.barX(gauges, {
        ...row,
        x1: 0,
        x2: percentOf,
        fill: (gauge: Gauge) => (percentOf(gauge) >= fullPercent ? colours.failed : colours.new),
      }),
      plot.text(gauges, { y: name, x: 0, text: gaugeText, textAnchor: "start", dy: -11 }),
    ],
  });
}

interface Bar {
  readonly at: string;
  readonly value: number;
  readonly fill: string;
}

/** One bar for each event, oldest first, with its day below. */
function eventsChart({ plot, draw }: Library, bars: readonly Bar[], label: string, width: number): string {
  const ids = bars.map(({ at }, index) => `${index} ${at}`);
  return draw({
    width,
    height: 192,
    ...sides,
    marginLeft: 56,
    marginBottom: 48,
    x: {
      domain: ids,
      ticks: [...everyNth(ids, width - 70)],
      tickFormat: (id: string) => (id.split(" ")[1] ?? "").slice(5, 10),
      tickRotate: -60,
      label: null,
      padding: paddingOf(bars.length),
    },
    y: { grid: true, label, nice: true, ticks: 5 },
    marks: [plot.barY(bars, { x: (_: Bar, at: number) => ids[at], y: "value", fill: "fill" }), plot.ruleY([0])],
  });
}

const units = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

export function backupsChart(library: Library, backups: ReportModel["backups"], width: number): string {
  const largest = Math.max(1, ...backups.map(({ bytes }) => bytes));
  const power = Math.min(units.length - 1, Math.floor(Math.log2(largest) / 10));
  const bars = backups.map(({ at, bytes, isPermanent }) => ({
    at,
    value: bytes / 1024 ** power,
    fill: isPermanent ? colours.previous : colours.new,
  }));
  return eventsChart(library, bars, units[power] ?? "B", width);
}

export const restoresChart = (library: Library, restores: ReportModel["restores"], width: number): string =>
  eventsChart(
    library,
    restores.map(({ at, seconds, isGood }) => ({ at, value: seconds, fill: isGood ? colours.new : colours.failed })),
    "seconds",
    width,
  );

const lifeColour = (daysLeft: number): string =>
  daysLeft < 7 ? colours.failed : daysLeft < 21 ? colours.reverted : colours.success;

const livesOf = (certificates: ReportModel["certificates"]) =>
  certificates.map(({ name, from, until, daysLeft }) => ({
    name,
    from: new Date(from),
    until: new Date(until),
    text: `${name}: ${daysLeft} days left, until ${until.slice(0, 10)}`,
    fill: lifeColour(daysLeft),
  }));

/** The life of each certificate, with a line at the time of the report. */
export function certificatesChart(
  { plot, draw }: Library,
  certificates: ReportModel["certificates"],
  at: string,
  width: number,
): string {
  const lives = livesOf(certificates);
  const ends = lives.flatMap(({ from, until }) => [from.getTime(), until.getTime()]);
  const [first, last] = [new Date(Math.min(...ends)), new Date(Math.max(...ends))];
  const now = { x: new Date(at), insetTop: 17, insetBottom: 3, strokeDasharray: "3,2", strokeWidth: 2 };
  return draw({
    width,
    height: lives.length * 44 + 36,
    marginLeft: 20,
    marginRight: 24,
    marginTop: 4,
    x: timeAxis(first, last, width),
    y: { domain: lives.map(({ name }) => name), axis: null, padding: 0 },
    marks: [
      plot.barX(lives, { y: "name", x1: "from", x2: "until", fill: "fill", insetTop: 20, insetBottom: 6 }),
      plot.text(lives, { y: "name", x: first, text: "text", textAnchor: "start", dy: -12 }),
      plot.tickX(lives, { y: "name", ...now }),
    ],
  });
}
