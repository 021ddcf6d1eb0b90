import { readRepositoryFile } from "../../repository";
import { plainText } from "../plain-text";
import { renderSize } from "../render";
import { renderAgo, renderCount, renderSpan } from "../status/words";
import * as charts from "./charts";
import { colours, type Library } from "./charts";
import type { Cutover } from "./cutover";
import { shownDeployments, type DeploymentRow, type ReportModel } from "./model";

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A text from outside in HTML: it is a text, whatever it contains. */
const escaped = (text: string): string => plainText(text).replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? sign);

const widths = { wide: 900, narrow: 336 };
/** Charts that stay readable on a phone are drawn once more, narrow: a scaled text would be too small. */
const inBothWidths = (chart: (width: number) => string): string =>
  `<div class="wide">${chart(widths.wide)}</div><div class="narrow">${chart(widths.narrow)}</div>`;

const key = (colour: string, text: string): string => `<span class="key" style="--of: ${colour}">${text}</span>`;

const section = (title: string, parts: readonly string[]): string =>
  `<section><h2>${title}</h2>\n${parts.filter(Boolean).join("\n")}\n</section>`;
const paragraph = (text: string): string => `<p>${text}</p>`;

const timeOf = (at: string): string => `${at.slice(0, 10)} ${at.slice(11, 16)}`;

type Cell = readonly [className: string, text: string];

function table(headings: readonly Cell[], rows: readonly (readonly string[])[]): string {
  const row = (tag: "th" | "td", cells: readonly string[]): string =>
    `<tr>${cells.map((cell, at) => `<${tag} class="${headings[at]?.[0] ?? ""}">${cell}</${tag}>`).join("")}</tr>`;
  const titles = headings.map(([, text]) => text);
  return `<div class="scroll"><table><thead>${row("th", titles)}</thead><tbody>${rows.map((cells) => row("td", cells)).join("\n")}</tbody></table></div>`;
}

const details = (summary: string, content: string): string =>
  `<details><summary>${summary}</summary>${content}</details>`;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

function medianOf(numbers: readonly number[]): number | undefined {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}

const tile = (name: string, value: string, note: string): string =>
  `<div><dt>${name}</dt><dd>${value}<small>${note}</small></dd></div>`;

/** The figures at the top. A figure without data is left out. */
function tiles({ deployments, periods, backups, certificates, days, at }: ReportModel): string {
  const good = deployments.filter(({ outcome }) => outcome === "success");
  const median = medianOf(good.flatMap(({ seconds }) => (seconds === null ? [] : [seconds])));
  const requests = sum(periods.map((period) => period.requests));
  const errors = sum(periods.map((period) => period.errors));
  const backup = backups.at(-1);
  const newest = deployments.length === shownDeployments ? "the newest ones; " : "";
  const next = certificates.toSorted((one, other) => one.daysLeft - other.daysLeft)[0];
  const found = [
    ...(deployments.length > 0
      ? [tile("Deployments", String(deployments.length), `${newest}${good.length} succeeded`)]
      : []),
    ...(median === undefined ? [] : [tile("Duration", `${median.toFixed(1)} s`, "median of the successful ones")]),
    ...(periods.length > 0
      ? [tile("Requests", String(requests), `in the log, at most ${renderCount(days, "day")}`)]
      : []),
    ...(periods.length > 0 ? [tile("5xx answers", String(errors), `${shareOf(errors, requests)} of all`)] : []),
    ...(backup ? [tile("Last backup", renderAgo(backup.at, at), renderSize(backup.bytes))] : []),
    ...(next ? [tile("Certificate", renderCount(next.daysLeft, "day"), `left, until ${next.until.slice(0, 10)}`)] : []),
  ];
  return found.length === 0 ? "" : `<dl class="tiles">${found.join("\n")}</dl>`;
}

/** `1` of `300` is "0.33 %". */
const shareOf = (part: number, whole: number): string =>
  part === 0 || whole === 0 ? "0 %" : `${Number(((100 * part) / whole).toPrecision(2))} %`;

const secondsText = ({ seconds }: DeploymentRow): string => (seconds === null ? "" : `${seconds.toFixed(1)} s`);

function deploymentsSection(library: Library, rows: readonly DeploymentRow[]): string {
  if (rows.length === 0) return section("Deployments", [paragraph("No deployment is recorded.")]);
  const outcomes = [...new Set(rows.map(({ outcome }) => outcome))];
  const headings: readonly Cell[] = [
    ["when", "Start (UTC)"],
    ["", "Tag"],
    ["", "Outcome"],
    ["number", "Duration"],
    ["optional", "By"],
    ["", "Reason"],
  ];
  const cells = rows
    .toReversed()
    .map((row) => [
      timeOf(row.at),
      escaped(row.tag),
      row.outcome,
      secondsText(row),
      escaped(row.by),
      escaped(row.reason),
    ]);
  return section("Deployments", [
    paragraph(outcomes.map((outcome) => key(colours[outcome], outcome)).join("")),
    inBothWidths((width) => charts.deploymentsChart(library, rows, width)),
    details("All values", table(headings, cells)),
  ]);
}

const requestsOf = ({ points }: Cutover, side: "previous" | "new"): number =>
  sum(points.filter((point) => point.side === side).map(({ requests }) => requests));
const errorsOf = ({ points }: Cutover): number => sum(points.map(({ errors }) => errors));

const moveText = ({ from, to }: Cutover): string =>
  from === "" ? `first release ${escaped(to)}` : `${escaped(from)} → ${escaped(to)}`;

/** The cutovers that get a chart: the newest ones with requests. */
const drawnCutovers = 6;

function cutoverFigure(library: Library, cutover: Cutover): string {
  const requests = requestsOf(cutover, "previous") + requestsOf(cutover, "new");
  const caption = `${timeOf(cutover.at)}: ${renderCount(requests, "request")}, ${errorsOf(cutover)} with 5xx`;
  return `<div><h3>${moveText(cutover)}</h3>${paragraph(caption)}${charts.cutoverChart(library, cutover)}</div>`;
}

function cutoversSection(library: Library, cutovers: readonly Cutover[]): string {
  if (cutovers.length === 0) return section("Cutovers", [paragraph("No cutover is recorded.")]);
  const drawn = cutovers.filter(({ points }) => points.length > 0).slice(-drawnCutovers);
  const keys = [
    key(colours.previous, "answered by the previous release"),
    key(colours.new, "by the new release"),
    key(colours.failed, "5xx"),
  ];
  const headings: readonly Cell[] = [
    ["when", "Switch (UTC)"],
    ["", "Releases"],
    ["number", "Previous"],
    ["number", "New"],
    ["number", "5xx"],
  ];
  const cells = cutovers
    .toReversed()
    .map((cutover) => [
      timeOf(cutover.at),
      moveText(cutover),
      String(requestsOf(cutover, "previous")),
      String(requestsOf(cutover, "new")),
      String(errorsOf(cutover)),
    ]);
  return section("Cutovers", [
    paragraph("Requests in the minute before and after each switch, as far as no other switch is nearer."),
    drawn.length === 0
      ? paragraph("The access log has no request near a cutover.")
      : `${paragraph(keys.join(""))}<div class="cutovers">${drawn.map((one) => cutoverFigure(library, one)).join("\n")}</div>`,
    details("All cutovers", table(headings, cells)),
  ]);
}

function requestsSection(library: Library, { periods, periodSeconds, days }: ReportModel): string {
  if (periods.length === 0)
    return section("Requests and latency", [
      paragraph(`The access log has no request of the last ${renderCount(days, "day")}.`),
    ]);
  return section("Requests and latency", [
    paragraph(`Requests, and 5xx among them, in periods of ${renderSpan(periodSeconds)}.`),
    paragraph(key(colours.new, "requests") + key(colours.failed, "5xx; a dot marks each period with some")),
    inBothWidths((width) => charts.requestsChart(library, periods, periodSeconds, width)),
    paragraph("Time until a request is answered, in each period; within 10 %."),
    paragraph(key(colours.new, "half of the requests") + key(colours.reverted, "95 % of them")),
    inBothWidths((width) => charts.latencyChart(library, periods, periodSeconds, width)),
  ]);
}

const gaugesSection = (library: Library, { gauges }: ReportModel): string =>
  section("Memory and disk", [
    gauges.length === 0
      ? paragraph("No value is known.")
      : inBothWidths((width) => charts.gaugesChart(library, gauges, width)),
  ]);

const backupsSection = (library: Library, { backups, restores }: ReportModel): string =>
  section("Backups", [
    ...(backups.length === 0
      ? [paragraph("No backup is listed.")]
      : [
          paragraph(`Size of each backup. ${key(colours.new, "daily")}${key(colours.previous, "permanent")}`),
          inBothWidths((width) => charts.backupsChart(library, backups, width)),
        ]),
    ...(restores.length === 0
      ? [paragraph("No drill has measured the time of a restore.")]
      : [
          paragraph(
            `Duration of each drill, which restores the newest backup. ${key(colours.new, "good")}${key(colours.failed, "failed")}`,
          ),
          inBothWidths((width) => charts.restoresChart(library, restores, width)),
        ]),
  ]);

const certificatesSection = (library: Library, { certificates, at }: ReportModel): string =>
  section("Certificates", [
    ...(certificates.length === 0
      ? [paragraph("No certificate is known.")]
      : [
          paragraph("The life of each certificate. The dashed line is the time of this report."),
          inBothWidths((width) => charts.certificatesChart(library, certificates, at, width)),
        ]),
  ]);

/** The browser refuses every request of this page, also one that a text from outside would cause. */
const contentPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** The report as one HTML page that needs no script and no other file. The same model always gives the same page. */
export function renderReport(model: ReportModel, library: Library): string {
  const title = `${escaped(model.app)}: report`;
  const missing = model.missing.map((sentence) => `<p class="missing">${escaped(sentence)}</p>`);
  return [
    "<!doctype html>",
    '<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${contentPolicy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${title}</title><link rel="icon" href="data:,">`,
    `<style>\n${readRepositoryFile("ops", "report", "page.css")}</style></head><body>`,
    `<header><h1>${escaped(model.app)}</h1>`,
    paragraph(`${escaped(model.url)}, report of ${timeOf(model.at)}. All times are UTC.`),
    `${tiles(model)}</header><main>`,
    ...(missing.length === 0 ? [] : [section("Not on this page", missing)]),
    deploymentsSection(library, model.deployments),
    cutoversSection(library, model.cutovers),
    requestsSection(library, model),
    gaugesSection(library, model),
    backupsSection(library, model),
    certificatesSection(library, model),
    "</main></body></html>",
    "",
  ].join("\n");
}
