import type { HostFacts } from "../../host/status/host-facts";
import type { SiteView } from "../../host/site/site-view";
import { healthSchema } from "../../config/health";
import type { StatusSources } from "../../ops/status/status";
import type { Source } from "../../ops/source";
import { deployment } from "./deployment";
import { container, hostState } from "./host-state";

/** The time of every status in tests. */
export const now = "2026-11-26T12:00:00.000Z";

export const body = JSON.stringify({
  status: "healthy",
  checks: { database: { status: "up", latencyMs: 5 }, ollama: { status: "up" } },
  version: "b000002",
});

const answer = { kind: "answer" as const, status: 200, body, seconds: 0.012, http: "2" };

export const siteView: SiteView = {
  release: "22",
  nginx: "active",
  socket: "active",
  proxy: "active",
  public: answer,
  direct: answer,
};

const gib = 1024 ** 3;

/** A healthy server. */
export const hostFacts: HostFacts = {
  clock: {
    now: "2026-11-26T12:00:00Z",
    upSeconds: 260_000,
    cpus: 2,
    loadOver5Minutes: 0.4,
    memoryBytes: 4 * gib,
    memoryFreeBytes: 3 * gib,
  },
  containers: [
    {
      name: "app-22",
      state: "running",
      restarts: 0,
      startedAt: "2026-11-26T09:00:00Z",
      exitCode: 0,
      oomKilled: false,
      memoryBytes: 212 * 1024 ** 2,
      memoryLimitBytes: gib,
    },
  ],
  disks: [{ mount: "/", bytes: 40 * gib, freeBytes: 30 * gib, files: 1000, freeFiles: 900 }],
  uses: [
    { name: "data", bytes: 2 * gib },
    { name: "images", bytes: gib },
  ],
  timers: [
    { unit: "app-backup.timer", active: true, next: "2026-11-27T03:10:00Z", last: null },
    { unit: "certbot.timer", active: true, next: "2026-11-26T22:00:00Z", last: "2026-11-26T10:00:00Z" },
  ],
  failed: [],
  updates: { pending: 0, security: 0, reboot: false },
  lock: { held: false, holder: "" },
  certificates: [{ name: "app.test", issuedAt: "2026-10-29T12:00:00Z", expiresAt: "2027-01-27T12:00:00Z" }],
  changed: [],
  alerts: [],
};

const good = <T>(value: T): Source<T> => ({ ok: true, value });

/** A site that serves release 22, on a healthy server, without backups. */
export const goodSources: StatusSources = {
  visit: good({
    address: "203.0.113.7",
    http: "2",
    status: 200,
    body,
    seconds: 0.084,
    certificate: { expiresAt: "2027-01-27T12:00:00.000Z", problem: "" },
  }),
  site: good(siteView),
  releases: good(
    hostState({
      active: "22",
      previous: "11",
      records: [
        deployment({ id: "deploy-1", release: "11", imageTag: "a000001" }),
        deployment({
          id: "deploy-2",
          release: "22",
          imageTag: "b000002",
          startedAt: "2026-11-26T08:59:50.000Z",
          completedAt: "2026-11-26T09:00:00.000Z",
        }),
      ],
      containers: [container("22", "b000002", true), container("11", "a000001", false)],
    }),
  ),
  host: good(hostFacts),
  backups: undefined,
};

export const stack = {
  app: { name: "app", domain: "app.test" },
  health: healthSchema.parse({ critical: ["database"] }),
};
