import { setTimeout as delay } from "node:timers/promises";
import { text, type Properties } from "../value";

const timeoutMilliseconds = 30_000;
const publicAddress = "https://api.github.com/";

/** An answer of GitHub that is not a success. */
class RestError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = "RestError";
  }
}

/** An answer: its body, and the ETag without which nothing can be compared. */
export interface Answer {
  readonly body: Properties;
  readonly etag: string;
}

/** GitHub's REST API for one owner, as the provider's configuration says. */
export class RestApi {
  private account: Promise<void> | undefined;
  private writing: Promise<unknown> = Promise.resolve();

  /** @param args the provider's configuration; what is not in it comes from the environment, as with the real plugin. */
  constructor(
    private readonly args: Properties,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  /** @throws RestError in GitHub's words. */
  async call(method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<Answer> {
    this.account ??= this.request("GET", `/orgs/${this.owner}`).then(
      () => undefined,
      () => undefined,
    );
    await this.account;
    return method === "GET" ? this.request(method, path) : this.inTurn(() => this.request(method, path, body));
  }

  /** A GET; undefined where there is no such thing. */
  async find(path: string): Promise<Answer | undefined> {
    try {
      return await this.call("GET", path);
    } catch (error) {
      if (error instanceof RestError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Path of a repository of the owner. */
  repository(name: string): string {
    return `/repos/${this.owner}/${name}`;
  }

  /** The number by which GitHub knows the repository. */
  async repositoryId(name: string): Promise<number> {
    const { body } = await this.call("GET", this.repository(name));
    return Number(body["id"]);
  }

  /** Whose repositories are meant where a resource does not say. */
  get owner(): string {
    return text(this.args, "owner") || (this.environment["GITHUB_OWNER"] ?? "");
  }

  /** Writes go one by one with a pause after each, which GitHub asks for; `writeDelayMs` says how long. */
  private inTurn<Result>(write: () => Promise<Result>): Promise<Result> {
    const turn = this.writing.then(write);
    this.writing = turn.catch(() => undefined).then(() => delay(Number(this.args["writeDelayMs"] ?? 1000)));
    return turn;
  }

  private async request(method: string, path: string, body?: unknown): Promise<Answer> {
    const base = text(this.args, "baseUrl") || (this.environment["GITHUB_BASE_URL"] ?? publicAddress);
    const address = `${base.replace(/\/$/, "")}${base === publicAddress ? "" : "/api/v3"}${path}`;
    const token = text(this.args, "token") || (this.environment["GITHUB_TOKEN"] ?? "");
    const response = await fetch(address, {
      method,
      headers: { accept: "application/vnd.github+json", ...(token && { authorization: `Bearer ${token}` }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMilliseconds),
    });
    const answer = JSON.parse((await response.text()) || "{}") as Properties;
    if (response.ok) return { body: answer, etag: response.headers.get("etag") ?? "" };
    throw new RestError(response.status, `${method} ${address}: ${response.status} ${text(answer, "message")} []`);
  }
}
