import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { explainRefusal } from "../host/refusals";
import { patiently } from "./refused-call";

const timeoutMilliseconds = 30_000;
const pageSize = 100;
/** Larger than any real list. A list with more pages is an error, so that the program always ends. */
const maxPages = 100;

/** The API of github.com. */
export const publicApi = "https://api.github.com";

export interface GithubOptions {
  /** @default https://api.github.com */
  readonly apiUrl?: string | undefined;
  /** The constructor throws an Error when it is missing. */
  readonly token: string | undefined;
}

/** Address of the API of a GitHub other than github.com, from the address of its web pages. */
export const apiUrlOf = (baseUrl: string | undefined): string | undefined =>
  baseUrl && `${baseUrl.replace(/\/$/, "")}/api/v3`;

const refusal = z.object({ message: z.string() });

/** When the rate limit ends, if GitHub says it. */
function endOfLimit(headers: Headers): string {
  const reset = Number(headers.get("x-ratelimit-reset") ?? 0);
  return reset === 0 ? "" : ` (after ${new Date(reset * 1000).toISOString()})`;
}

/** The next step for a call that GitHub refused. */
function explain(status: number, message: string, headers: Headers): string {
  const isLimit = headers.get("x-ratelimit-remaining") === "0" || /rate limit/i.test(message);
  const known = explainRefusal("GitHub", status, isLimit ? `rate limit: ${message}` : message);
  if (known === undefined) return message;
  return `${message}\n${known.cause}\n  next: ${known.next}${isLimit ? endOfLimit(headers) : ""}`;
}

/** A call that GitHub refused. */
export class GithubRefusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = "GithubRefusal";
  }
}

/**
 * The part of GitHub's REST API that the program's commands use. Every request ends within 30 s. A call that GitHub puts
 * off is repeated, three times at most, if the pause is a minute or less.
 */
export class Github {
  private readonly apiUrl: string;
  private readonly token: string;

  constructor({ apiUrl = publicApi, token }: GithubOptions) {
    if (!token) throw new Error("GITHUB_TOKEN is not set: set it to a token for the repository");
    this.apiUrl = apiUrl.replace(/\/$/, "");
    this.token = token;
  }

  /** @throws Error with the call, GitHub's message and the next step. */
  async call(method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<unknown> {
    const { body: answer } = await this.request(method, path, body);
    return answer;
  }

  /** Sends a GET. Returns undefined for status 404. */
  async find(path: string): Promise<unknown> {
    try {
      return await this.call("GET", path);
    } catch (error) {
      if (error instanceof GithubRefusal && error.status === 404) return undefined;
      throw error;
    }
  }

  /** All pages of a list. If one page fails, the call fails. */
  async list<Item>(path: string, item: z.ZodType<Item>): Promise<Item[]> {
    const found: Item[] = [];
    const separator = path.includes("?") ? "&" : "?";
    for (let page = 1; page <= maxPages; page += 1) {
      const { body, headers } = await this.request("GET", `${path}${separator}per_page=${pageSize}&page=${page}`);
      found.push(...z.array(item).parse(body));
      if (!/rel="next"/.test(headers.get("link") ?? "")) return found;
    }
    throw new Error(`GET ${path}: more than ${maxPages} pages`);
  }

  private send(method: string, path: string, body: unknown): Promise<Response> {
    return fetch(`${this.apiUrl}${path}`, {
      method,
      headers: {
        accept: "application/vnd.github+json",
        authorization: `Bearer ${this.token}`,
        "x-github-api-version": "2022-11-28",
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMilliseconds),
    });
  }

  private async request(method: string, path: string, body?: unknown) {
    const response = await patiently(() => this.send(method, path, body), sleep);
    const text = await response.text();
    const answer: unknown = text === "" ? {} : JSON.parse(text);
    if (response.ok) return { body: answer, headers: response.headers };
    const message = refusal.safeParse(answer).data?.message ?? text.slice(0, 200);
    const explained = explain(response.status, message, response.headers);
    throw new GithubRefusal(response.status, `${method} ${path}: ${response.status} ${explained}`);
  }
}
