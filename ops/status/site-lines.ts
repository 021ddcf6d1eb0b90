import { z } from "zod";
import type { Gate } from "../../host/rollout/inputs";
import { reportedVersion } from "../../host/rollout/health";
import { answerProblem, appFix, judgeSite, type SiteView } from "../../host/site/site-view";
import type { Source } from "../source";
import type { Visit } from "../visitor";
import { fail, levelFrom, line, ok, type Line } from "./line";
import { daysBetween } from "./words";

const topic = "site";
const certificateDays = { ok: 21, warn: 7 };
const renewFix = "on the server: certbot renew; its log: journalctl -u certbot";

const checksSchema = z.object({
  checks: z.record(z.string(), z.object({ status: z.string(), latencyMs: z.number().optional() })),
});

function parseChecks(body: string): z.output<typeof checksSchema>["checks"] {
  try {
    return checksSchema.parse(JSON.parse(body)).checks;
  } catch {
    return {};
  }
}

/** The checks that the app reports, each with its latency. */
function checksLine(body: string): Line[] {
  const checks = Object.entries(parseChecks(body));
  if (checks.length === 0) return [];
  const text = checks.map(([name, { status, latencyMs }]) =>
    [name, status, ...(latencyMs === undefined ? [] : [`${latencyMs} ms`])].join(" "),
  );
  const isUp = checks.every(([, { status }]) => status === "up");
  return [line("checks", isUp ? "ok" : "warn", text.join(", "), "ops logs; the app says why a check is not up")];
}

const milliseconds = (seconds: number): string => `${Math.round(seconds * 1000)} ms`;

function certificateLine({ certificate: { expiresAt, problem } }: Visit, now: string): Line {
  const days = daysBetween(now, expiresAt);
  if (problem !== "" || days < 0) {
    const cause = days < 0 ? `it expired on ${expiresAt.slice(0, 10)}` : problem;
    return fail("certificate", `browsers refuse the served certificate: ${cause}`, renewFix);
  }
  const level = levelFrom(days, certificateDays.ok, certificateDays.warn);
  return line("certificate", level, `${days} days left, until ${expiresAt.slice(0, 10)}`, renewFix);
}

const wayFix =
  "check DNS, the firewall and the provider: does the name point at the server, are ports 80 and 443 open?";

/**
 * The site, as a visitor of this machine gets it.
 * @param repairFirst the fix of the site on its own server; undefined when it serves there, or nothing is known.
 */
export function visitLines(visit: Source<Visit>, gate: Gate, now: string, repairFirst: string | undefined): Line[] {
  if (!visit.ok) return [fail(topic, `through DNS: no answer: ${visit.cause}`, repairFirst ?? wayFix)];
  const { address, status, seconds, http, body } = visit.value;
  const answer = `through DNS (${address}): ${status} in ${milliseconds(seconds)}, HTTP/${http}`;
  const problem = answerProblem({ kind: "answer", status, body, seconds, http }, gate);
  const version = reportedVersion(body);
  return [
    problem === undefined
      ? ok(topic, version ? `${answer}, version ${version}` : answer)
      : fail(topic, `${answer}: ${problem}`, repairFirst ?? "ops doctor"),
    certificateLine(visit.value, now),
  ];
}

const answeredIn = (view: SiteView): string =>
  view.public.kind === "answer" ? `${view.public.status} in ${milliseconds(view.public.seconds)}` : "no answer";

/** The server answers other questions in time, but not the question about the site: the app hangs. */
export const isSiteLate = (view: Source<SiteView>, isServerQuick: boolean): boolean =>
  !view.ok && view.isLate === true && isServerQuick;

/** The site, as its own server gets it. Finds the first broken part on the way of a request. */
export function siteViewLines(app: string, view: Source<SiteView>, gate: Gate, isServerQuick: boolean): Line[] {
  if (!view.ok && isSiteLate(view, isServerQuick)) return [fail(topic, `from the server: ${view.cause}`, appFix)];
  if (!view.ok) return [fail(topic, `from the server: cannot be asked: ${view.cause}`, view.fix)];
  const verdict = judgeSite(app, view.value, gate);
  if (!verdict.serves) return [fail(topic, `from the server: does not serve: ${verdict.cause}`, verdict.fix)];
  const body = view.value.public.kind === "answer" ? view.value.public.body : "";
  return [ok(topic, `from the server: ${answeredIn(view.value)}`), ...checksLine(body)];
}
