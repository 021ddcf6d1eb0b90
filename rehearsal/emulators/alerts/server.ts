import { jsonOf, send, type Exchange } from "../http-core/exchange";
import { Faults, type PlannedFault } from "../http-core/faults";
import { Refusal } from "../http-core/refusal";
import { RequestLog } from "../http-core/request-log";
import type { Emulation } from "../http-core/server";
import type { Received } from "./received";

/** The next `times` messages to a path are answered with 503. */
interface Fault extends PlannedFault {
  readonly path: string;
}

/** Accepts JSON by POST at every path, as the webhooks of Slack and Discord and the server of ntfy do, and keeps it. */
export class Receiver implements Emulation<Fault, Received> {
  readonly faults = new Faults<Fault>((fault, path) => fault.path === path);
  readonly log = new RequestLog<Received>();

  async answer(exchange: Exchange): Promise<void> {
    const { request, url } = exchange;
    if (request.method !== "POST") throw new Refusal(405, "only POST");
    const body = await jsonOf(request);
    if (this.faults.next(url.pathname) !== undefined) throw new Refusal(503, "a planned fault");
    const { authorization = "" } = request.headers;
    this.log.add({ kind: "http", path: url.pathname, authorization, body });
    send(exchange, { status: 200, body: {} });
  }

  administer(): unknown {
    return {};
  }

  unexpected(error: unknown): Refusal {
    return error instanceof SyntaxError ? new Refusal(400, "the body is not JSON") : new Refusal(500, String(error));
  }
}
