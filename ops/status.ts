import type { BackupList } from "../host/backup/backup-commands";
import { activeTag, type HostState } from "../host/rollout/host-state";
import type { SiteVerdict } from "../host/site/site-view";
import type { CheckResult } from "./check";
import { renderBackups } from "./render";
import type { Source } from "./source";

/** The sources of a status. */
export interface StatusSources {
  readonly site: Source<SiteVerdict>;
  readonly releases: Source<HostState>;
  /** Undefined for a stack without backups. */
  readonly backups: Source<BackupList> | undefined;
}

function renderSite(site: Source<SiteVerdict>): string {
  if (!site.ok) return `site           FAIL cannot be asked: ${site.cause}`;
  if (site.value.serves) return `site           answers, with version ${site.value.version || "unknown"}`;
  return `site           FAIL does not serve: ${site.value.cause}. Fix: ${site.value.fix}`;
}

const renderRelease = (releases: Source<HostState>): string =>
  releases.ok
    ? `active tag     ${activeTag(releases.value) || "none"}`
    : `active tag     FAIL cannot be read: ${releases.cause}`;

function renderBackupSource(backups: StatusSources["backups"]): string {
  if (backups === undefined) return "backups        not configured";
  return backups.ok ? renderBackups(backups.value) : `backups        FAIL cannot be read: ${backups.cause}`;
}

/** The status of a stack. Each source that failed has one line. */
export const renderStatus = ({ site, releases, backups }: StatusSources): string =>
  [renderSite(site), renderRelease(releases), renderBackupSource(backups)].join("\n");

/** The status as one JSON object; what a failed source would say is null, and `problems` has the causes. */
export const statusJson = ({ site, releases, backups }: StatusSources) => ({
  imageTag: releases.ok ? activeTag(releases.value) : null,
  site: site.ok ? site.value : null,
  problems: [site, releases, ...(backups ? [backups] : [])].flatMap((source) => (source.ok ? [] : [source.cause])),
  ...(backups?.ok ? backups.value : { backups: null }),
});

/** Whether all sources answered and the site serves. */
export const isGood = ({ site, releases, backups }: StatusSources): boolean =>
  site.ok && site.value.serves && releases.ok && (backups === undefined || backups.ok);

/** The result of the check of the site. */
export function siteCheck(site: Source<SiteVerdict>): CheckResult {
  const check = "the site serves";
  if (!site.ok) return { check, ok: false, detail: site.cause, fix: site.fix };
  if (site.value.serves) return { check, ok: true, detail: `version ${site.value.version || "unknown"}` };
  return { check, ok: false, detail: site.value.cause, fix: site.value.fix };
}

/** The results of the checks of a source; one failed result when the source does not answer. */
export const sourceChecks = <T>(
  check: string,
  source: Source<T>,
  checks: (value: T) => readonly CheckResult[],
): readonly CheckResult[] =>
  source.ok ? checks(source.value) : [{ check, ok: false, detail: source.cause, fix: source.fix }];
