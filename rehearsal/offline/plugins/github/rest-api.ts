import { setTimeout as delay } from "node:timers/promises";
import { text, type Properties } from "../value";
import { oneError } from "../bridge/one-error";

const timeoutMilliseconds = 30_000;
const publicAddress = "https://api.github.com/";
/** Statuses after which the real provider asks again. */
const retriedStatuses: readonly number[] = [500, 502, 503, 504];

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

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

/** An answer of GitHub, with the ETag that the state keeps. */
export interface Answer {
  readonly body: Properties;
  readonly etag: string;
}

/** The settings of the provider, completed from the environment. */
interface Settings {
  readonly baseUrl: string;
  readonly token: string;
  /** Empty: the user of the token. */
  readonly owner: string;
  readonly maxRetries: number;
  readonly retryDelayMilliseconds: number;
  readonly writeDelayMilliseconds: number;
}

/**
 * Reads the settings as the real provider does (terraform-provider-github 6.13, `configureProvider`): the variables
 * GITHUB_ORGANIZATION and GITHUB_OWNER win over the input `owner`.
 */
function settingsOf(args: Properties, environment: NodeJS.ProcessEnv): Settings {
  const variable = (name: string): string => environment[name] ?? "";
  const number = (name: string, absent: number): number => Number(args[name] ?? absent);
  const organization = text(args, "organization") || variable("GITHUB_ORGANIZATION");
  return {
    baseUrl: text(args, "baseUrl") || variable("GITHUB_BASE_URL") || publicAddress,
    token: text(args, "token") || variable("GITHUB_TOKEN"),
    owner: organization || variable("GITHUB_OWNER") || text(args, "owner"),
    maxRetries: number("maxRetries", 3),
    retryDelayMilliseconds: number("retryDelayMs", 1000),
    writeDelayMilliseconds: number("writeDelayMs", 1000),
  };
}

/** GitHub's REST API for one owner. */
export class RestApi {
  private writing: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly settings: Settings,
    /** Owner of the repositories that a resource names without an owner. */
    readonly owner: string,
  ) {}

  /**
   * Looks the owner up, as the real provider does when it is configured.
   * @throws Error in the real provider's words when GitHub does not answer, or refuses the token.
   */
  static async open(args: Properties, environment: NodeJS.ProcessEnv): Promise<RestApi> {
    const settings = settingsOf(args, environment);
    const owner = settings.owner || (await ownerOfToken(settings));
    const api = new RestApi(settings, owner);
    if (owner !== "") await api.lookUpOrganization();
    return api;
  }

  /** @throws RestError in GitHub's words. */
  async call(method: Method, path: string, body?: unknown): Promise<Answer> {
    return method === "GET"
      ? request(this.settings, method, path)
      : this.inTurn(() => request(this.settings, method, path, body));
  }

  /** The answer to a GET; undefined for status 404. */
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

  /** GitHub's number of a repository. */
  async repositoryId(name: string): Promise<number> {
    const { body } = await this.call("GET", this.repository(name));
    return Number(body["id"]);
  }

  /** The owner may be a user: only other errors than "not found" count. */
  private async lookUpOrganization(): Promise<void> {
    try {
      await this.find(`/orgs/${this.owner}`);
    } catch (error) {
      throw oneError(`failed to lookup organization "${this.owner}": ${(error as Error).message}`, error);
    }
  }

  /** GitHub asks clients to write one by one, with a pause after each write. */
  private inTurn<Result>(write: () => Promise<Result>): Promise<Result> {
    const turn = this.writing.then(write);
    this.writing = turn.catch(() => undefined).then(() => delay(this.settings.writeDelayMilliseconds));
    return turn;
  }
}

async function ownerOfToken(settings: Settings): Promise<string> {
  if (settings.token === "") return "";
  try {
    const { body } = await request(settings, "GET", "/user");
    return text(body, "login");
  } catch (error) {
    throw oneError(`owner cannot be found by token: ${(error as Error).message}`, error);
  }
}

async function request(settings: Settings, method: Method, path: string, body?: unknown): Promise<Answer> {
  const address = addressOf(settings.baseUrl, path);
  const response = await withRetries(settings, () => send(settings, method, address, body));
  const answer = JSON.parse((await response.text()) || "{}") as Properties;
  if (response.ok) return { body: answer, etag: response.headers.get("etag") ?? "" };
  throw new RestError(response.status, `${method} ${address}: ${response.status} ${text(answer, "message")} []`);
}

/** Every GitHub but github.com has its API below `/api/v3`. */
export function addressOf(baseUrl: string, path: string): string {
  const { host } = new URL(baseUrl);
  if (host === "api.github.com" || host === "github.com") return `https://api.github.com${path}`;
  return `${baseUrl.replace(/\/$/, "").replace(/\/api\/v3$/, "")}/api/v3${path}`;
}

/** The real provider also waits after the last try. */
async function withRetries(settings: Settings, attempt: () => Promise<Response>): Promise<Response> {
  for (let tries = 0; ; tries += 1) {
    const result = await attempt().catch((error: unknown) => error as Error);
    if (!(result instanceof Error) && !retriedStatuses.includes(result.status)) return result;
    if (settings.maxRetries > 0) await delay(settings.retryDelayMilliseconds);
    if (tries < settings.maxRetries) continue;
    if (result instanceof Error) throw result;
    return result;
  }
}

async function send({ token }: Settings, method: Method, address: string, body: unknown): Promise<Response> {
  try {
    return await fetch(address, {
      method,
      headers: { accept: "application/vnd.github+json", ...(token && { authorization: `Bearer ${token}` }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMilliseconds),
    });
  } catch (error) {
    const verb = method.charAt(0) + method.slice(1).toLowerCase();
    throw new Error(`${verb} "${address}": ${networkError(error)}`, { cause: error });
  }
}

/** A failed connection in the words of Go. */
function networkError(error: unknown): string {
  const { cause, message } = error as Error;
  const { code, address, port } = (cause ?? {}) as { code?: string; address?: string; port?: number };
  if (code === "ECONNREFUSED") return `dial tcp ${address ?? ""}:${port ?? ""}: connect: connection refused`;
  return cause instanceof Error ? cause.message : message;
}
