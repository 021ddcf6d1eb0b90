import type { HostFacts } from "../../host/status/host-facts";
import { renderSize } from "../render";
import type { Source } from "../source";
import { fail, info, levelFrom, line, ok, warn, type Level, type Line } from "./line";
import { renderAgo, renderCount, renderIn, renderSpan } from "./words";

type Part<K extends keyof HostFacts> = NonNullable<HostFacts[K]>;

const free = { okPercent: 15, warnPercent: 5 };
const memoryFullPercent = 90;

const percent = (part: number, whole: number): number => (whole === 0 ? 100 : Math.round((100 * part) / whole));

function serverLine({ upSeconds, cpus, loadOver5Minutes, memoryBytes, memoryFreeBytes }: Part<"clock">): Line {
  const used = `${renderSize(memoryBytes - memoryFreeBytes)} of ${renderSize(memoryBytes)} memory used`;
  return info(
    "server",
    `up ${renderSpan(upSeconds)}, load ${loadOver5Minutes} on ${renderCount(cpus, "processor")}, ${used}`,
  );
}

type Container = Part<"containers">[number];

function containerLine({ name, state, restarts, memoryBytes, memoryLimitBytes, oomKilled, exitCode }: Container): Line {
  // A paused process has not ended, so it has no exit code.
  if (state === "paused")
    return fail("container", `${name} serves, but is paused`, `on the server: docker unpause ${name}`);
  if (state !== "running") {
    const why = oomKilled ? "it used more memory than its limit" : `exit code ${exitCode}`;
    return fail("container", `${name} serves, but is ${state}: ${why}`, "ops logs; then: ops rollback, or pulumi up");
  }
  const limit = memoryLimitBytes === 0 ? "without a limit" : `of ${renderSize(memoryLimitBytes)}`;
  const used = memoryBytes === null ? "memory unknown" : `${renderSize(memoryBytes)} ${limit}`;
  const text = `${name} runs, ${used}, ${renderCount(restarts, "restart")}`;
  if (restarts > 0) return warn("container", text, "ops logs: why did it end?");
  const full = memoryLimitBytes > 0 && percent(memoryBytes ?? 0, memoryLimitBytes) >= memoryFullPercent;
  return line(
    "container",
    full ? "warn" : "ok",
    text,
    "raise app.memoryMb and run pulumi up, before the kernel ends it",
  );
}

/** The container of the active release. Others are stopped on purpose. */
function containerLines(containers: Part<"containers">, activeContainer: string): Line[] {
  const active = containers.find(({ name }) => name === activeContainer);
  if (activeContainer === "") return [];
  if (active === undefined)
    return [fail("container", `${activeContainer} serves, but does not exist`, "pulumi up --refresh")];
  const others = containers.filter(({ name, state }) => name !== activeContainer && state === "running");
  const also = others.map(({ name }) => info("container", `${name} runs, too, although it does not serve`));
  return [containerLine(active), ...also];
}

const worst = (levels: readonly Level[]): Level =>
  (["fail", "warn", "ok", "info"] as const).find((level) => levels.includes(level)) ?? "info";

function diskLine({ mount, bytes, freeBytes, files, freeFiles }: Part<"disks">[number], uses: readonly string[]): Line {
  const ofBytes = percent(freeBytes, bytes);
  const ofFiles = files === 0 ? 100 : percent(freeFiles, files);
  const level = worst([ofBytes, ofFiles].map((value) => levelFrom(value, free.okPercent, free.warnPercent)));
  const room = `${mount}: ${renderSize(freeBytes)} of ${renderSize(bytes)} free (${ofBytes} %)`;
  const inodes = ofFiles < free.okPercent ? [`only ${ofFiles} % of the files (inodes) free`] : [];
  const fix = "on the server: du -xh / | sort -h | tail -n 20; docker image prune; then remove what is not needed";
  return line("disk", level, [room, ...inodes, ...uses].join("; "), fix);
}

/** Mounts of the same size and free space are one file system. */
function diskLines(disks: Part<"disks">, uses: HostFacts["uses"]): Line[] {
  const distinct = disks.filter(
    (disk, at) =>
      disks.findIndex(({ bytes, freeBytes }) => bytes === disk.bytes && freeBytes === disk.freeBytes) === at,
  );
  const used = (uses ?? []).filter(({ bytes }) => bytes > 0).map(({ name, bytes }) => `${name} ${renderSize(bytes)}`);
  return distinct.map((disk, at) => diskLine(disk, at === 0 && used.length > 0 ? [used.join(", ")] : []));
}

function timersLine(timers: Part<"timers">): Line {
  const off = timers.filter(({ active }) => !active).map(({ unit }) => unit);
  return off.length === 0
    ? ok("timers", `${timers.length} are on`)
    : fail("timers", `off: ${off.join(", ")}`, "pulumi up --refresh");
}

function failedLine(units: Part<"failed">): Line {
  if (units.length === 0) return ok("units", "none has failed");
  const [first = ""] = units;
  return fail(
    "units",
    `failed: ${units.join(", ")}`,
    `on the server: journalctl -u ${first}; ops doctor --fix restarts ours`,
  );
}

function updatesLine({ pending, security, reboot }: Part<"updates">): Line {
  const parts = [
    pending === 0 ? "none pending" : `${pending} pending, ${security} for security`,
    ...(reboot ? ["the server needs a reboot"] : []),
  ];
  const fix = reboot
    ? "reboot at a quiet time: the site is away for a minute"
    : "on the server: apt-get upgrade; security updates install themselves within a day";
  return line("updates", reboot || security > 0 ? "warn" : "ok", parts.join("; "), fix);
}

const lockLine = ({ held, holder }: Part<"lock">): Line =>
  held ? info("lock", `held by ${holder}`) : ok("lock", "free: no rollout runs");

const driftLine = (changed: Part<"changed">): Line =>
  changed.length === 0
    ? ok("drift", "the files of the last deployment are unchanged")
    : warn(
        "drift",
        `changed by hand: ${changed.join(", ")}`,
        "to see it: pulumi preview --refresh; to undo it: pulumi up --refresh",
      );

function alertsLine(alerts: Part<"alerts">, now: string): Line {
  if (alerts.length === 0) return ok("alerts", "none is open");
  const open = alerts.map(({ subject, at }) => `${subject} (${renderAgo(at, now)})`);
  return warn("alerts", `open: ${open.join(", ")}`, "ops doctor");
}

/** When the next run of a timer is. */
export function nextRun({ timers, clock }: HostFacts, unit: string): string | undefined {
  const next = timers?.find((timer) => timer.unit === unit)?.next ?? undefined;
  return next === undefined || clock === null ? undefined : renderIn(next, clock.now);
}

/** Why the server cannot read a part of the facts, and the next command. */
const silence: Readonly<Partial<Record<keyof HostFacts, { readonly text: string; readonly fix: string }>>> = {
  containers: {
    text: "Docker does not answer",
    fix: "on the server: systemctl restart docker; the containers keep running meanwhile",
  },
  updates: { text: "apt-get does not answer", fix: "on the server: apt-get --simulate upgrade" },
  timers: { text: "systemd does not answer", fix: "on the server: systemctl list-timers" },
};
const anySilence = {
  text: "the server cannot tell",
  fix: "on the server: is the disk or the memory full? df -h; free -m",
};

const topics = {
  containers: "container",
  disks: "disk",
  clock: "server",
  timers: "timers",
  failed: "units",
  updates: "updates",
  changed: "drift",
  lock: "lock",
  alerts: "alerts",
} as const;

type Renderers = { readonly [K in keyof typeof topics]: (part: Part<K>) => Line[] };

/** A part of the facts as lines; one line when the server could not read it. */
function linesOf<K extends keyof Renderers>(key: K, part: HostFacts[K], render: Renderers[K]): Line[] {
  const { text, fix } = silence[key] ?? anySilence;
  return part === null ? [fail(topics[key], text, fix)] : render(part);
}

/** The facts of the server. @param activeContainer name of the container that serves; empty without one. */
export function hostLines(source: Source<HostFacts>, activeContainer: string, now: string): Line[] {
  if (!source.ok) return [fail("server", `cannot be read: ${source.cause}`, source.fix)];
  const facts = source.value;
  const renderers: Renderers = {
    containers: (part) => containerLines(part, activeContainer),
    disks: (part) => diskLines(part, facts.uses),
    clock: (part) => [serverLine(part)],
    timers: (part) => [timersLine(part)],
    failed: (part) => [failedLine(part)],
    updates: (part) => [updatesLine(part)],
    changed: (part) => [driftLine(part)],
    lock: (part) => [lockLine(part)],
    alerts: (part) => [alertsLine(part, now)],
  };
  return (Object.keys(topics) as (keyof Renderers)[]).flatMap((key) => linesOf(key, facts[key], renderers[key]));
}
