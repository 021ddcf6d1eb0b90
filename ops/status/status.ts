import { z } from "zod";
import { gateOf } from "../../config/health";
import type { BackupList } from "../../host/backup/backup-commands";
import { activeTag, containerOf, type HostState } from "../../host/rollout/host-state";
import { judgeSite, type SiteView } from "../../host/site/site-view";
import { hostFactsSchema, type HostFacts } from "../../host/status/host-facts";
import type { Source } from "../source";
import type { Stack } from "../stack";
import type { Visit } from "../visitor";
import { backupLines } from "./backup-lines";
import { hostLines, nextRun } from "./host-lines";
import { lineSchema, type Line } from "./line";
import { releaseLines } from "./release-lines";
import { isSiteLate, siteViewLines, visitLines } from "./site-lines";

/** Everything that a status is made of. Each source failed or answered on its own. */
export interface StatusSources {
  /** The site, through DNS. */
  readonly visit: Source<Visit>;
  /** The site, on its own server. */
  readonly site: Source<SiteView>;
  readonly releases: Source<HostState>;
  readonly host: Source<HostFacts>;
  /** Undefined for a stack without backups. */
  readonly backups: Source<BackupList> | undefined;
}

type StatusStack = Pick<Stack, "app" | "health">;

/** Any version: the site may run another one than the operator's. */
const gateFor = ({ health }: StatusStack) => gateOf({ ...health, version: "none" }, "");

const activeContainer = (releases: Source<HostState>): string =>
  releases.ok && releases.value.active !== "" ? (containerOf(releases.value, releases.value.active)?.name ?? "") : "";

const causeOf = (source: Source<unknown> | undefined): string =>
  source === undefined || source.ok ? "" : source.cause;

/** A server that cannot be reached is one line, not one for each source that needs it. */
function unreachable({ site, releases, host, backups }: StatusSources): Line | undefined {
  const [first = "", ...others] = [site, releases, host, ...(backups ? [backups] : [])].map(causeOf);
  if (first === "" || others.includes("") || host.ok) return undefined;
  const cause = others.every((other) => other === first) ? first : host.cause;
  return { topic: "server", level: "fail", text: `does not answer: ${cause}`, fix: host.fix };
}

/** The status in lines: the site first, then the releases, the server and the backups. */
export function statusLines(stack: StatusStack, sources: StatusSources, now: string): readonly Line[] {
  const gate = gateFor(stack);
  const { site } = sources;
  const isServerQuick = sources.host.ok || sources.releases.ok;
  const onServer = siteViewLines(stack.app.name, site, gate, isServerQuick);
  // A site that its own server cannot ask in time has no broken way to it.
  const isSeen = site.ok || isSiteLate(site, isServerQuick);
  const repairFirst = isSeen ? onServer.find(({ level }) => level === "fail")?.fix : undefined;
  const visited = visitLines(sources.visit, gate, now, repairFirst);
  const silent = unreachable(sources);
  if (silent) return [...visited, silent];
  const next = sources.host.ok ? nextRun(sources.host.value, `${stack.app.name}-backup.timer`) : undefined;
  const [first, ...certificate] = visited;
  return [
    ...(first ? [first] : []),
    ...onServer,
    ...certificate,
    ...releaseLines(sources.releases, now),
    ...hostLines(sources.host, activeContainer(sources.releases), now),
    ...backupLines(sources.backups, next),
  ];
}

/** Whether no line needs an operator now. */
export const isGood = (lines: readonly Line[]): boolean => lines.every(({ level }) => level !== "fail");

/** The JSON of `ops status`. A source that did not answer is null, and `problems` says why. */
export const statusSchema = z.looseObject({
  app: z.string(),
  url: z.string(),
  at: z.iso.datetime(),
  good: z.boolean(),
  imageTag: z.string().nullable(),
  lines: z.array(lineSchema),
  /** Text and fix of each line that fails. */
  problems: z.array(z.string()),
  site: z.unknown(),
  visit: z.unknown(),
  host: hostFactsSchema.nullable(),
  /** The verified backups, oldest first; null when they could not be listed. */
  backups: z.array(z.unknown()).nullable(),
});

export type StatusReport = z.input<typeof statusSchema>;

const valueOf = <T>(source: Source<T>): T | null => (source.ok ? source.value : null);

/** The status as one JSON object. */
export function statusReport(stack: StatusStack, sources: StatusSources, now: string): StatusReport {
  const { app } = stack;
  const lines = statusLines(stack, sources, now);
  const { visit, site, releases, host, backups } = sources;
  return {
    app: app.name,
    url: `https://${app.domain}`,
    at: now,
    good: isGood(lines),
    imageTag: releases.ok ? activeTag(releases.value) : null,
    lines: [...lines],
    problems: lines.flatMap(({ level, topic, text }) => (level === "fail" ? [`${topic}: ${text}`] : [])),
    visit: valueOf(visit),
    site: site.ok ? judgeSite(app.name, site.value, gateFor(stack)) : null,
    host: valueOf(host),
    ...(backups?.ok ? backups.value : { backups: null }),
  };
}
