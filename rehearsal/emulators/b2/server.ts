import type { IncomingMessage, Server } from "node:http";
import { jsonOf, send, type Body, type Exchange } from "../http-core/exchange";
import type { Refusal } from "../http-core/refusal";
import { RequestLog } from "../http-core/request-log";
import { startServer, type Emulation } from "../http-core/server";
import { AccessControl } from "./access-control";
import { nowOf } from "./account";
import { b2Faults, type Fault, type FaultKind } from "./fault";
import { applyLifecycle } from "./lifecycle";
import { bucketOf, operations } from "./operations";
import { badRequest, notFound, refusal } from "./refusal";
import type { Store } from "./store";
import { download, downloaded, uploadFile, uploadPart } from "./transfer";

/** A call with a successful answer, or with an answer that a fault broke off. */
interface LoggedCall {
  readonly operation: string;
  /** Body of the request; empty for file content. */
  readonly body: Body;
  readonly authorization: string;
  readonly status: number;
  readonly response: Body;
}

const authorizationOf = ({ headers }: IncomingMessage): string => headers.authorization ?? "";

/** Emulates the native API of Backblaze B2. Keeps its state in a folder. */
export class Emulator implements Emulation<Fault, LoggedCall> {
  readonly faults = b2Faults();
  readonly log = new RequestLog<LoggedCall>();
  private readonly access: AccessControl;

  constructor(private readonly store: Store) {
    this.access = new AccessControl(store.account);
  }

  listen(port: number, host: string): Promise<Server> {
    return startServer(this, port, host);
  }

  async answer(exchange: Exchange): Promise<void> {
    const { account } = this.store;
    // Clients read the time of the account from this header.
    exchange.response.setHeader("Date", new Date(nowOf(account)).toUTCString());
    applyLifecycle(account, nowOf(account));
    const { pathname, searchParams } = exchange.url;
    const [, area = "", second = "", ...rest] = pathname.split("/");
    if (area === "upload") return this.upload(second, rest[0] ?? "", exchange);
    if (area === "file")
      return this.download({ bucket: second, name: rest.map(decodeURIComponent).join("/") }, exchange);
    if (area !== "b2api") throw notFound(`no such path: ${pathname}`);
    const operation = rest[0] ?? "";
    if (operation === "b2_download_file_by_id")
      return this.download({ id: searchParams.get("fileId") ?? "" }, exchange);
    return this.operate(Number(second.slice(1)), operation, exchange);
  }

  unexpected(error: unknown): Refusal {
    if (error instanceof SyntaxError) return badRequest("the body is not JSON");
    return refusal(500, "internal_error", String(error));
  }

  /** Beside faults and log: the clock, the stored account, and the dead-man's switch that backups call. */
  administer(name: string, body: Body): unknown {
    const { account } = this.store;
    // The dead-man's switch of the backups.
    if (name === "ping") {
      this.log.add({ operation: name, body, authorization: "", status: 200, response: {} });
    }
    if (name === "clock") {
      account.clockOffsetMilliseconds = Number(body["aheadMilliseconds"]);
      applyLifecycle(account, nowOf(account));
      this.store.prune();
      this.store.save();
    }
    return { account };
  }

  /** Applies the next fault of the operation. @returns a fault that the caller applies to the content. */
  private applyFault(operation: string, request: IncomingMessage): FaultKind | undefined {
    const fault = this.faults.next(operation)?.fault;
    if (fault?.kind === "status") {
      if (fault.status === 401) this.access.expire();
      throw refusal(fault.status, fault.code, `fault: ${fault.code}`, fault.retryAfterSeconds);
    }
    if (fault?.kind === "cut" && request.method === "POST") request.destroy();
    return fault;
  }

  private async operate(version: number, operation: string, exchange: Exchange): Promise<void> {
    const { request } = exchange;
    const authorization = authorizationOf(request);
    const address = `http://${request.headers.host ?? ""}`;
    const body = await jsonOf(request);
    if (this.applyFault(operation, request)?.kind === "hang") return;
    if (operation === "b2_authorize_account") {
      const answer = this.access.authorize(authorization, version, address);
      this.succeed(exchange, { operation, body, authorization: "Basic" }, answer);
      return;
    }
    const { account } = this.store;
    this.access.check(authorization, operation, bucketOf({ account, body }));
    const run = operations[operation];
    if (run === undefined) throw badRequest(`the emulator has no operation ${operation}`);
    const grantUpload = (): string => this.access.grantUpload(authorization);
    const answer = run({ account, body, address, grantUpload }) as Body;
    this.succeed(exchange, { operation, body, authorization }, answer);
  }

  private async upload(kind: string, id: string, exchange: Exchange): Promise<void> {
    const { request } = exchange;
    const operation = kind === "part" ? "b2_upload_part" : "b2_upload_file";
    const authorization = authorizationOf(request);
    const fault = this.applyFault(operation, request);
    if (fault?.kind === "hang") return;
    this.access.checkUpload(authorization);
    const receive = kind === "part" ? uploadPart : uploadFile;
    const answer = await receive(this.store.account, this.store.content, id, request, fault);
    this.succeed(exchange, { operation, body: {}, authorization }, answer);
  }

  /** Sends a file, found by its name in a bucket or by its id. */
  private async download(
    { bucket = "", name = "", id = "" }: { bucket?: string; name?: string; id?: string },
    { request, response }: Exchange,
  ): Promise<void> {
    const { account, content } = this.store;
    const operation = "b2_download_file";
    const authorization = authorizationOf(request);
    const fault = this.applyFault(operation, request);
    if (fault?.kind === "hang") return;
    const bucketId = account.buckets.find(({ bucketName }) => bucketName === bucket)?.bucketId;
    this.access.check(authorization, operation, bucketId ?? bucketOf({ account, body: { fileId: id } }));
    const version = downloaded(account, bucket, name, id);
    this.log.add({ operation, body: { fileName: version.fileName }, authorization, status: 200, response: {} });
    await download(version, content, request, response, fault);
  }

  private succeed(exchange: Exchange, call: Omit<LoggedCall, "status" | "response">, answer: Body): void {
    this.store.save();
    this.log.add({ ...call, status: 200, response: answer });
    send(exchange, { status: 200, body: answer });
  }
}
