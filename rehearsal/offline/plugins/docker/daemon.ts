import { Agent, request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import { DialStdio, type SshHost } from "./dial-stdio";
import type { PullName } from "./image-name";

/** Time for one call where the caller knows of no reason to wait longer. */
const callSeconds = 60;
/** As long as the real plugin waits for an image. */
const pullSeconds = 1200;

/** An answer of Docker that is not a success, in the words of Docker's own command line. */
export class DaemonError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(`Error response from daemon: ${message}`);
    this.name = "DaemonError";
  }
}

/** The host's Docker could not be asked: no ssh, no Docker, or no answer in time. */
export class Unreachable extends Error {
  constructor(address: string, cause: string) {
    super(
      `failed to create Docker client: Error pinging Docker server, please make sure that ${address}` +
        ` is reachable and has a  '_ping' endpoint. Error: ${cause}`,
    );
    this.name = "Unreachable";
  }
}

/** Options of one call. */
export interface CallOptions {
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** The call fails when it is not answered whole after this long. */
  readonly timeoutSeconds?: number;
}

/** The Docker API of one host, over one ssh connection that is dialled at the first call and kept. */
export class Daemon {
  private readonly dialer: DialStdio;
  private readonly agent: Agent;

  constructor(private readonly host: SshHost) {
    this.dialer = new DialStdio(host);
    // One socket is one ssh login. Calls queue behind each other rather than log in again.
    this.agent = new DialAgent(this.dialer);
  }

  /** Ends the connection and its ssh process. */
  close(): void {
    this.agent.destroy();
    this.dialer.close();
  }

  /** @throws DaemonError for an answer of 400 and above, Unreachable when the host does not answer. */
  async call<Answer = unknown>(
    method: "GET" | "POST" | "DELETE",
    path: string,
    options: CallOptions = {},
  ): Promise<Answer> {
    const { status, body } = await this.exchange(method, path, options);
    if (status >= 400) throw new DaemonError(status, messageOf(body) ?? `status ${status}`);
    return (body === "" ? undefined : parse(body)) as Answer;
  }

  /** Like `call`, but undefined where there is no such thing. */
  async find<Answer>(path: string): Promise<Answer | undefined> {
    try {
      return await this.call<Answer>("GET", path);
    } catch (error) {
      if (error instanceof DaemonError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Pulls an image and waits for it. @throws DaemonError in the registry's words when it cannot be pulled. */
  async pull(image: PullName, platform: string, registryAuth: string): Promise<void> {
    const query = { ...image, ...(platform === "" ? {} : { platform }) };
    const headers = { "X-Registry-Auth": registryAuth };
    const { status, body } = await this.exchange("POST", "/images/create", {
      query,
      headers,
      timeoutSeconds: pullSeconds,
    });
    if (status >= 400) throw new DaemonError(status, messageOf(body) ?? `status ${status}`);
  }

  private exchange(method: string, path: string, options: CallOptions): Promise<{ status: number; body: string }> {
    const { body, query = {}, headers = {}, timeoutSeconds = callSeconds } = options;
    const search = new URLSearchParams(query).toString();
    const content = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => void this.unreachable(error).then(reject, reject);
      const call = httpRequest(
        {
          agent: this.agent,
          method,
          path: search === "" ? path : `${path}?${search}`,
          host: "docker.example.com",
          headers: { ...headers, ...jsonHeaders(content) },
        },
        (response) => {
          collect(response).then(resolve, fail);
        },
      );
      call.on("error", fail);
      bound(call, timeoutSeconds, `no answer to ${method} ${path} within ${timeoutSeconds} s`);
      call.end(content);
    });
  }

  private async unreachable(error: Error): Promise<Unreachable> {
    return new Unreachable(this.host.address, (await this.dialer.lastWords()) ?? error.message);
  }
}

/** Ends a call that takes too long, counted from when it has the connection for itself. */
function bound(call: ClientRequest, seconds: number, message: string): void {
  call.once("socket", () => {
    const timer = setTimeout(() => call.destroy(new Error(message)), seconds * 1000);
    call.once("close", () => {
      clearTimeout(timer);
    });
  });
}

/** Makes every socket of the agent an ssh process. */
class DialAgent extends Agent {
  constructor(private readonly dialer: DialStdio) {
    super({ keepAlive: true, maxSockets: 1 });
  }

  override createConnection(): ReturnType<DialStdio["dial"]> {
    return this.dialer.dial();
  }
}

function jsonHeaders(content: string | undefined): Record<string, string> {
  if (content === undefined) return {};
  return { "Content-Type": "application/json", "Content-Length": String(Buffer.byteLength(content)) };
}

async function collect(response: IncomingMessage): Promise<{ status: number; body: string }> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

function messageOf(body: string): string | undefined {
  const answer = parse(body) as { message?: string } | string | undefined;
  return typeof answer === "object" ? answer.message : answer?.trim();
}
