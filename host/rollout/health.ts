import { z } from "zod";
import type { Gate } from "./inputs";
import { isVersion } from "./version";

/** The largest body of a health endpoint, in bytes. */
export const bodyLimit = 65_536;

const containerStateSchema = z.object({
  running: z.boolean(),
  exitCode: z.number(),
  oomKilled: z.boolean(),
  restarts: z.number(),
});

const observed = { container: containerStateSchema, seconds: z.number() };

const attemptSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("refused"), ...observed }),
  z.object({ kind: z.literal("timeout"), ...observed }),
  z.object({ kind: z.literal("broken"), ...observed, curlCode: z.number() }),
  /** The body has more than `bodyLimit` bytes. */
  z.object({ kind: z.literal("large"), ...observed }),
  /** `version`: the header that reports the version; empty without one. */
  z.object({
    kind: z.literal("answer"),
    ...observed,
    status: z.number(),
    body: z.string(),
    version: z.string().default(""),
  }),
]);

/** One question to a health endpoint, as a line of `rollout/probe.sh` says. */
export type Attempt = z.infer<typeof attemptSchema>;

/** What `rollout/probe.sh` printed, in order; one attempt at least. */
export const parseAttempts = (text: string): [Attempt, ...Attempt[]] =>
  z.tuple([attemptSchema], attemptSchema).parse(text.trim().split("\n").map(parseJson));

/** The parts of the Health Status (docs/data-model.md section 1) that decide. */
const healthSchema = z.object({
  status: z.string(),
  checks: z.record(z.string(), z.object({ status: z.string() }).loose()).default({}),
  version: z.string().optional(),
});

/** The version that a health endpoint's body reports; empty when it reports none. */
export const reportedVersion = (body: string): string => healthSchema.safeParse(parseJson(body)).data?.version ?? "";

/** The answer of an endpoint, as far as it says which version runs. */
export interface VersionedAnswer {
  readonly body: string;
  /** The header that reports the version; empty without one. */
  readonly version: string;
}

const publicAnswerSchema = z.object({ body: z.string(), version: z.string() });

/** The answer of the public site, as `rollout/prove.sh` prints it. */
export const parsePublicAnswer = (text: string): VersionedAnswer => publicAnswerSchema.parse(JSON.parse(text));

/** The version that an answer reports, where the gate expects it; empty when it reports none. */
export const versionOf = ({ body, version }: VersionedAnswer, gate: Pick<Gate, "versionHeader">): string =>
  gate.versionHeader === undefined ? reportedVersion(body) : version;

/** Values of `status` in docs/data-model.md section 1, and which of them are healthy. */
const statuses: Readonly<Record<string, boolean>> = { healthy: true, degraded: true, unhealthy: false };

function statusProblem(status: string, body: string): string | undefined {
  if (statuses[status] === true) return undefined;
  const known = status in statuses ? "" : `, which is none of ${Object.keys(statuses).join(", ")}`;
  return `status is "${status.slice(0, 100)}"${known}: ${body.slice(0, 500)}`;
}

function bodyProblem(body: string, gate: Gate): string | undefined {
  if (gate.body === "any") return undefined;
  const health = healthSchema.safeParse(parseJson(body));
  if (!health.success) return `200, but the body is not a health status: ${body.slice(0, 200)}`;
  const { status, checks } = health.data;
  const down = gate.criticalChecks.find((check) => checks[check]?.status !== "up");
  return (
    statusProblem(status, body) ??
    (down && `critical check "${down}" is "${checks[down]?.status ?? "missing"}", not "up"`)
  );
}

function versionProblem(answer: VersionedAnswer, gate: Gate): string | undefined {
  const found = versionOf(answer, gate);
  if (!gate.version || isVersion(found, gate.version)) return undefined;
  return `version is "${found}", expected "${gate.version}": the image does not hold the commit its tag names`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The words of a body on one line: a screen and a message have one line for a cause, and nginx answers with an HTML page. */
function shown(body: string): string {
  const isPage = /^\s*<(!doctype|html)/i.test(body);
  const words = (isPage ? body.replace(/<[^>]*>/g, " ") : body).trim().replace(/\s+/g, " ");
  return words && `: ${words.slice(0, 500)}`;
}

/** Why an attempt is not healthy; `undefined` when it is. Healthy: 200, no redirect, in time, and a body that says so. */
export function healthProblem(attempt: Attempt, gate: Gate): string | undefined {
  switch (attempt.kind) {
    case "refused":
      return "nothing listens on the container's port";
    case "timeout":
      return `no answer within ${gate.answerSeconds} s`;
    case "broken":
      return `the connection broke without an answer (curl exit code ${attempt.curlCode})`;
    case "large":
      return `the body is larger than the limit of ${bodyLimit} bytes`;
    case "answer":
      if (attempt.status === 200) return bodyProblem(attempt.body, gate) ?? versionProblem(attempt, gate);
      return `answered ${attempt.status}, not 200${shown(attempt.body)}`;
  }
}

/** Why the container itself can no longer become healthy; `undefined` while it can. */
export function containerProblem({ container }: Attempt): string | undefined {
  const { running, exitCode, oomKilled, restarts } = container;
  if (oomKilled) return `the container was killed for using more memory than its limit`;
  if (!running || restarts > 0) return `the container exited with code ${exitCode}`;
  return undefined;
}

/** How far a gate has come. */
export interface GateProgress {
  readonly successes: number;
  readonly failures: number;
}

/** The next action after an attempt. */
export type GateVerdict =
  | { readonly kind: "passed" }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "again"; readonly progress: GateProgress; readonly pauseSeconds: number };

/** Judges one more attempt. A refused connection is an app that still starts: waiting, not failing. */
export function judge(attempt: Attempt, progress: GateProgress, gate: Gate): GateVerdict {
  const ended = containerProblem(attempt);
  if (ended) return { kind: "failed", reason: ended };
  const reason = healthProblem(attempt, gate);
  if (reason === undefined) {
    const successes = progress.successes + 1;
    if (successes >= gate.successes) return { kind: "passed" };
    return { kind: "again", progress: { successes, failures: 0 }, pauseSeconds: 0 };
  }
  if (attempt.kind === "refused")
    return { kind: "again", progress: { successes: 0, failures: progress.failures }, pauseSeconds: 0 };
  const failures = progress.failures + 1;
  if (failures > gate.retries) return { kind: "failed", reason: `${reason} (${failures} times in a row)` };
  return { kind: "again", progress: { successes: 0, failures }, pauseSeconds: gate.retrySeconds };
}

/** Judges attempts in their order and returns the first that decides, with its verdict. */
export function judgeAll(
  [attempt, ...later]: readonly [Attempt, ...Attempt[]],
  progress: GateProgress,
  gate: Gate,
): { readonly attempt: Attempt; readonly verdict: GateVerdict } {
  const verdict = judge(attempt, progress, gate);
  const [next, ...rest] = later;
  if (verdict.kind !== "again" || next === undefined) return { attempt, verdict };
  return judgeAll([next, ...rest], verdict.progress, gate);
}
