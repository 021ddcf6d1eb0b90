import type { BackupList } from "../../host/backup/backup-commands";
import type { Traffic } from "../../host/report/traffic";
import type { ReportSources } from "../../ops/report/model";
import { deployment } from "./deployment";
import { hostState } from "./host-state";
import { goodSources } from "./status";

const records = [
  deployment({
    id: "deploy-1",
    imageTag: "a000001",
    release: "11",
    startedAt: "2026-11-26T09:00:00.000Z",
    completedAt: "2026-11-26T09:00:04.000Z",
    durationsMs: { start: 1000, gate: 1500, switch: 500, prove: 300 },
  }),
  deployment({
    id: "deploy-2",
    imageTag: "bad0001",
    status: "failed",
    release: "22",
    previousVersion: "a000001",
    startedAt: "2026-11-26T09:10:00.000Z",
    completedAt: "2026-11-26T09:10:20.500Z",
    durationsMs: { start: 1000 },
    reason: "answered 500 <script>\nlast log lines",
  }),
  deployment({
    id: "deploy-3",
    imageTag: "b000002",
    release: "33",
    previousVersion: "a000001",
    startedAt: "2026-11-26T09:20:00.000Z",
    completedAt: "2026-11-26T09:20:06.000Z",
    durationsMs: { start: 2000, gate: 2500, switch: 500, prove: 300 },
  }),
  deployment({
    id: "deploy-4",
    imageTag: "b000002",
    status: "rolled_back",
    tagRefused: true,
    release: "33",
    previousVersion: "a000001",
    startedAt: "2026-11-26T09:30:00.000Z",
    completedAt: "2026-11-26T09:30:03.000Z",
    durationsMs: { start: 400, gate: 200, switch: 400 },
    reason: "slow",
  }),
];

const second = (text: string): number => Date.parse(text) / 1000;

const traffic: Traffic = {
  periodSeconds: 300,
  complete: true,
  periods: [
    { at: second("2026-11-26T09:15:00Z"), release: "", requests: 40, errors: 0 },
    { at: second("2026-11-26T09:20:00Z"), release: "a000001", requests: 10, errors: 1 },
    { at: second("2026-11-26T09:20:00Z"), release: "b000002", requests: 90, errors: 2 },
  ],
  latency: [
    { at: second("2026-11-26T09:20:00Z"), step: 12, requests: 90 },
    { at: second("2026-11-26T09:20:00Z"), step: 40, requests: 10 },
  ],
  cutovers: [
    { cutover: 1, offset: -5, release: "", requests: 9, errors: 0 },
    { cutover: 1, offset: -5, release: "a000001", requests: 1, errors: 0 },
    { cutover: 1, offset: 0, release: "a000001", requests: 2, errors: 1 },
    { cutover: 1, offset: 0, release: "b000002", requests: 8, errors: 0 },
    { cutover: 1, offset: 5, release: "", requests: 7, errors: 0 },
  ],
};

const backup = (day: number): NonNullable<BackupList["lastVerified"]> => ({
  id: `backup-2026112${day}`,
  createdAt: `2026-11-2${day}T03:00:00Z`,
  sizeBytes: day * 1024 ** 2,
  location: "bucket/daily/x.tar.zst",
  checksum: "0".repeat(64),
  retentionDays: day === 5 ? 0 : 7,
});

const drill = {
  status: "success" as const,
  error: "",
  startedAt: "2026-11-25T04:00:00Z",
  completedAt: "2026-11-25T04:00:09Z",
  restored: { backup: backup(5), tables: [], seconds: 7 },
};

const backups: BackupList = {
  backups: [backup(4), backup(5)],
  problem: "",
  lastRun: null,
  lastVerified: backup(5),
  lastDrill: drill,
  drills: [
    drill,
    {
      ...drill,
      status: "failed",
      restored: null,
      startedAt: "2026-11-26T04:00:00Z",
      completedAt: "2026-11-26T04:00:30Z",
    },
  ],
  timers: { daily: true, drill: true },
  changeInterrupted: false,
  setAside: [],
  now: "2026-11-26T12:00:00Z",
};

/** The sources of a report: four deployments, of which one failed and one was rolled back. */
export const reportSources: ReportSources = {
  releases: { ok: true, value: hostState({ active: "11", records }) },
  host: goodSources.host,
  traffic: { ok: true, value: traffic },
  backups: { ok: true, value: backups },
};
