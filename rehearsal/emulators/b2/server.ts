import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { nowOf } from "./account";
import { Authority } from "./authority";
import { Faults, type Fault, type FaultKind } from "./fault";
import { applyLifecycle } from "./lifecycle";
import { bucketOf, operations, type Body } from "./operations";
import { Refusal, badRequest, notFound } from "./refusal";
import { Store } from "./store";
import { download, downloaded, uploadFile, uploadPart } from "./transfer";

const loggedCalls = 2000;

/** A call that was answered, or broken off by a fault. */
interface Logged {
  readonly operation: string;
  /** Body of the request; empty for content. */
  readonly body: Body;
  readonly authorization: string;
  readonly status: number;
  readonly response: Body;
}

async function jsonOf(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  try {
    return text === "" ? {} : (JSON.parse(text) as Body);
  } catch {
    throw badRequest("the body is not JSON");
  }
}

/** The native API of Backblaze B2, an emulator of it: what it stores, it keeps in a folder. */
export class Emulator {
  private readonly authority: Authority;
  private readonly faults = new Faults();
  private log: Logged[] = [];

  constructor(private readonly store: Store) {
    this.authority = new Authority(store.account);
  }

  listen(port: number, host: string): Promise<Server> {
    const server = createServer((request, response) => void this.answer(request, response));
    // An upload may take its ten minutes.
    server.requestTimeout = 0;
    return new Promise((resolve) => {
      server.listen(port, host, () => {
        resolve(server);
      });
    });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // The account's clock is what clients see.
    response.setHeader("Date", new Date(nowOf(this.store.account)).toUTCString());
    try {
      await this.route(request, response);
    } catch (error) {
      const refusal = error instanceof Refusal ? error : new Refusal(500, "internal_error", String(error));
      this.refuse(response, refusal);
    }
    // What was refused half-way is not read on: the client learns of it at once.
    if (!request.complete) request.resume();
  }

  private refuse(response: ServerResponse, { status, code, message, retryAfterSeconds }: Refusal): void {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (retryAfterSeconds !== undefined) response.setHeader("Retry-After", retryAfterSeconds);
    send(response, status, { status, code, message });
  }

  private async route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://b2");
    const [, area = "", second = "", ...rest] = url.pathname.split("/");
    if (area === "emulator") return this.administer(second, request, response);
    applyLifecycle(this.store.account, nowOf(this.store.account));
    if (area === "upload") return this.upload(second, rest[0] ?? "", request, response);
    if (area === "file") return this.download(second, rest.map(decodeURIComponent).join("/"), "", request, response);
    if (area !== "b2api") throw notFound(`no such path: ${url.pathname}`);
    const operation = rest[0] ?? "";
    if (operation === "b2_download_file_by_id") {
      return this.download("", "", url.searchParams.get("fileId") ?? "", request, response);
    }
    return this.operate(Number(second.slice(1)), operation, request, response);
  }

  /** Meets the operation's next fault. @returns the faults that spoil content, for who sends or keeps it. */
  private meet(operation: string, request: IncomingMessage): FaultKind | undefined {
    const fault = this.faults.next(operation);
    if (fault?.kind === "status") {
      if (fault.status === 401) this.authority.expire();
      throw new Refusal(fault.status, fault.code, `fault: ${fault.code}`, fault.retryAfterSeconds);
    }
    if (fault?.kind === "cut" && request.method === "POST") request.destroy();
    return fault;
  }

  private async operate(version: number, operation: string, request: IncomingMessage, response: ServerResponse) {
    const { account } = this.store;
    const authorization = request.headers.authorization ?? "";
    const address = `http://${request.headers.host ?? ""}`;
    const body = await jsonOf(request);
    if (this.meet(operation, request)?.kind === "hang") return;
    if (operation === "b2_authorize_account") {
      this.finish(
        response,
        { operation, body, authorization: "Basic" },
        this.authority.authorize(authorization, version, address),
      );
      return;
    }
    this.authority.check(authorization, operation, bucketOf({ account, body }));
    const run = operations[operation];
    if (run === undefined) throw badRequest(`the emulator has no operation ${operation}`);
    const grantUpload = (): string => this.authority.grantUpload(authorization);
    const answer = run({ account, body, address, grantUpload }) as Body;
    this.finish(response, { operation, body, authorization }, answer);
  }

  private async upload(kind: string, id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const operation = kind === "part" ? "b2_upload_part" : "b2_upload_file";
    const authorization = request.headers.authorization ?? "";
    const fault = this.meet(operation, request);
    if (fault?.kind === "hang") return;
    this.authority.checkUpload(authorization);
    const receive = kind === "part" ? uploadPart : uploadFile;
    const answer = await receive(this.store.account, this.store.content, id, request, fault);
    this.finish(response, { operation, body: {}, authorization }, answer);
  }

  private async download(bucket: string, name: string, id: string, request: IncomingMessage, response: ServerResponse) {
    const operation = "b2_download_file";
    const authorization = request.headers.authorization ?? "";
    const fault = this.meet(operation, request);
    if (fault?.kind === "hang") return;
    const bucketId = this.store.account.buckets.find(({ bucketName }) => bucketName === bucket)?.bucketId;
    this.authority.check(
      authorization,
      operation,
      bucketId ?? bucketOf({ account: this.store.account, body: { fileId: id } }),
    );
    const version = downloaded(this.store.account, bucket, name, id);
    this.note({ operation, body: { fileName: version.fileName }, authorization, status: 200, response: {} });
    await download(version, this.store.content, request, response, fault);
  }

  private finish(response: ServerResponse, call: Omit<Logged, "status" | "response">, answer: Body): void {
    this.store.save();
    this.note({ ...call, status: 200, response: answer });
    send(response, 200, answer);
  }

  private note(call: Logged): void {
    this.log = [...this.log, call].slice(-loggedCalls);
  }

  /** For tests: the clock, the faults to come, what is stored and what was asked. */
  private async administer(what: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { account } = this.store;
    const body = await jsonOf(request);
    // Whoever is told of backups, too: calls to the dead-man URL and to the alert webhook.
    if (what === "ping" || what === "alert")
      this.note({ operation: what, body, authorization: "", status: 200, response: {} });
    if (what === "faults") this.faults.set(body["faults"] as Fault[]);
    if (what === "clock") {
      account.clockOffsetMilliseconds = Number(body["aheadMilliseconds"]);
      applyLifecycle(account, nowOf(account));
      this.store.prune();
      this.store.save();
    }
    send(response, 200, what === "log" ? { calls: this.log } : { account });
  }
}

function send(response: ServerResponse, status: number, body: Body): void {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(body));
}
