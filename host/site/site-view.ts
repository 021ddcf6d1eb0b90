import { z } from "zod";
import { healthProblem, reportedVersion } from "../rollout/health";
import type { Gate } from "../rollout/inputs";
import type { Command } from "../shell";

const answerSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("answer"),
    status: z.int(),
    body: z.string(),
    /** Seconds to the end of the answer. */
    seconds: z.number(),
    /** Version of HTTP: "1.1" or "2". */
    http: z.string(),
  }),
  /** No answer; the cause is curl's own. */
  z.object({ kind: z.literal("none"), cause: z.string() }),
]);

const siteViewSchema = z.object({
  /** Release that `current.sock` points to; empty before the first deployment. */
  release: z.string(),
  /** States of units, in systemd's words: active, inactive, failed. */
  nginx: z.string(),
  socket: z.string(),
  proxy: z.string(),
  /** Through nginx and TLS, as a visitor asks. */
  public: answerSchema,
  /** From the socket of the active release, without nginx. */
  direct: answerSchema,
});

/** An answer of the site, or the cause of a missing one. */
export type Answer = z.output<typeof answerSchema>;

/** The site, as its own server sees it. */
export type SiteView = z.output<typeof siteViewSchema>;

/** @param answerSeconds how long the site may take for one answer. It is asked twice. */
export const askSite = (app: string, domain: string, path: string, answerSeconds: number): Command => ({
  operation: "ask the site",
  target: `https://${domain}${path}`,
  script: "site/ask-site.sh",
  args: [app, domain, path, String(answerSeconds)],
  timeoutSeconds: 2 * answerSeconds + 5,
});

export const parseSiteView = (text: string): SiteView => siteViewSchema.parse(JSON.parse(text));

/** A judgement of the site: whether it serves, and otherwise the cause and the next command. */
export type SiteVerdict =
  | { readonly serves: true; readonly version: string }
  | { readonly serves: false; readonly cause: string; readonly fix: string };

/** The remedy for an app that does not answer as it should. */
export const appFix = "ops logs; to roll back: ops rollback";

const goodContainer = { running: true, exitCode: 0, oomKilled: false, restarts: 0 };

/** Why an answer is not the answer of a healthy app; undefined when it is. */
export const answerProblem = (answer: Answer, gate: Gate): string | undefined =>
  answer.kind === "none"
    ? `no answer: ${answer.cause}`
    : healthProblem({ ...answer, version: "", container: goodContainer }, gate);

function brokenSocket(app: string, { release, socket, proxy }: SiteView): SiteVerdict | undefined {
  const units = `${app}-release@${release}.socket ${app}-release@${release}.service`;
  const cause = `the socket of release ${release} is ${socket} and its proxy is ${proxy}`;
  const fix = `on the server: systemctl reset-failed ${units}; systemctl restart ${app}-release@${release}.socket`;
  return socket === "active" && proxy !== "failed" ? undefined : { serves: false, cause, fix };
}

/** Finds the first broken part on the way of a request: nginx, the socket of the release, the app, nginx's configuration. */
export function judgeSite(app: string, view: SiteView, gate: Gate): SiteVerdict {
  const problem = answerProblem(view.public, gate);
  if (problem === undefined) {
    return { serves: true, version: view.public.kind === "answer" ? reportedVersion(view.public.body) : "" };
  }
  if (view.release === "")
    return { serves: false, cause: "no release is deployed", fix: "pulumi up -c imageTag=<commit sha>" };
  if (view.nginx !== "active") {
    const fix = "on the server: nginx -t && systemctl restart nginx; its log: journalctl -u nginx";
    return { serves: false, cause: `nginx is ${view.nginx}`, fix };
  }
  const direct = answerProblem(view.direct, gate);
  if (direct === undefined) {
    return {
      serves: false,
      cause: `the app is healthy, but through nginx: ${problem}`,
      fix: "on the server: nginx -t; tail /var/log/nginx/error.log",
    };
  }
  return (
    brokenSocket(app, view) ?? {
      serves: false,
      cause: `the app: ${direct}`,
      fix: appFix,
    }
  );
}
