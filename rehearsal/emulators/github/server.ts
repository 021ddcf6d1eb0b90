import { createHash } from "node:crypto";
import type { Server } from "node:http";
import { jsonOf, send, type Body, type Exchange, type JsonAnswer } from "../http-core/exchange";
import { Refusal } from "../http-core/refusal";
import { RequestLog } from "../http-core/request-log";
import { refusalAnswer, startServer, type Emulation } from "../http-core/server";
import { authenticate, authorize } from "./access";
import type { Account } from "./account";
import { activityRoutes } from "./activity";
import { ok, type Answer, type Route } from "./call";
import { contentRoutes } from "./contents";
import { githubFaults, type Fault } from "./fault";
import { pullRoutes } from "./pulls";
import { refRoutes } from "./refs";
import { notFound } from "./refusal";
import { opened } from "./sealed-box";
import { secretRoutes } from "./secrets";
import { settingRoutes } from "./settings";

const repositoryId = 1;

const baseRoutes: readonly Route[] = [
  {
    method: "GET",
    pattern: /^\/repo$/,
    answer: ({ account: { owner, repository } }) =>
      ok({
        id: repositoryId,
        node_id: "R_1",
        name: repository,
        full_name: `${owner}/${repository}`,
        default_branch: "main",
        owner: { login: owner, id: 7 },
        private: true,
        visibility: "private",
      }),
  },
  { method: "GET", pattern: /^\/users\/[^/]+$/, answer: ({ account }) => ok({ login: account.owner, type: "User" }) },
  { method: "GET", pattern: /^\/user$/, answer: ({ token }) => ok({ login: token.login }) },
];

const routes: readonly Route[] = [
  ...baseRoutes,
  ...secretRoutes,
  ...settingRoutes,
  ...contentRoutes,
  ...refRoutes,
  ...pullRoutes,
  ...activityRoutes,
];

/** A request as the routes see it: without the prefix of the API. */
interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly url: URL;
  readonly body: Body;
  readonly authorization: string | undefined;
}

/** A call and its answer. It holds no token, and secrets only in their sealed form. */
interface LoggedCall {
  readonly method: string;
  readonly path: string;
  readonly body: Body;
  readonly status: number;
  readonly response: unknown;
}

/** Emulates GitHub's REST API for one repository. */
export class Emulator implements Emulation<Fault, LoggedCall> {
  readonly faults = githubFaults();
  readonly log = new RequestLog<LoggedCall>();

  /** @param save is called after every change of the account. */
  constructor(
    readonly account: Account,
    private readonly save: () => void = () => undefined,
  ) {}

  listen(port: number): Promise<Server> {
    return startServer(this, port, "127.0.0.1");
  }

  async answer(exchange: Exchange): Promise<void> {
    const { request, url } = exchange;
    const { method = "GET" } = request;
    const path = url.pathname.replace(/^\/api\/v3/, "");
    const body = await jsonOf(request);
    const answer = this.answerTo({ method, path, url, body, authorization: request.headers.authorization });
    this.log.add({ method, path: path + url.search, body, status: answer.status, response: answer.body });
    if (method !== "GET") this.save();
    send(exchange, withTag(answer));
  }

  unexpected(error: unknown): Refusal {
    return error instanceof SyntaxError ? new Refusal(400, "Problems parsing JSON") : new Refusal(500, String(error));
  }

  /** Beside faults and log: a SHA-256 of each secret's plain text, for tests. */
  administer(name: string): unknown {
    return name === "secrets" ? this.secretHashes() : { status: "up" };
  }

  private answerTo(request: ApiRequest): JsonAnswer {
    try {
      const { more = false, ...answer } = this.route(request);
      return more ? { ...answer, headers: { link: nextLink(request.url) } } : answer;
    } catch (error) {
      return refusalAnswer(error instanceof Refusal ? error : this.unexpected(error));
    }
  }

  private route({ method, path, url, body, authorization }: ApiRequest): Answer {
    const fault = this.faults.next(`${method} ${path}${url.search}`);
    if (fault) throw new Refusal(fault.status, fault.message, {}, fault.headers);
    const token = authenticate(this.account, authorization);
    const repositoryPath = this.repositoryPath(path);
    const found = routes.find((route) => route.method === method && route.pattern.test(repositoryPath));
    if (found === undefined) throw notFound();
    if (found.scope) authorize(token, found.scope);
    const words = (found.pattern.exec(repositoryPath) ?? []).slice(1);
    const address = `${url.origin}${url.pathname.startsWith("/api/v3") ? "/api/v3" : ""}`;
    return found.answer({ account: this.account, token, address, words, query: url.searchParams, body });
  }

  /** GitHub finds a repository by its name and by its number. */
  private repositoryPath(path: string): string {
    const { owner, repository } = this.account;
    const named = new RegExp(`^/(repos/${owner}/${repository}|repositories/${repositoryId})(?=/|$)`, "i");
    return path.replace(named, "/repo");
  }

  private secretHashes(): Record<string, string> {
    const { keys, secrets, environments } = this.account;
    const hashes = (prefix: string, stored: Account["secrets"]) =>
      Object.entries(stored).map(([name, { sealed }]): [string, string] => [
        prefix + name,
        createHash("sha256").update(opened(keys, sealed)).digest("hex"),
      ]);
    const ofEnvironments = Object.entries(environments).flatMap(([name, one]) => hashes(`${name}/`, one.secrets));
    return Object.fromEntries([...hashes("", secrets), ...ofEnvironments]);
  }
}

function nextLink(url: URL): string {
  const next = new URL(url);
  next.searchParams.set("page", String(Number(url.searchParams.get("page") ?? 1) + 1));
  return `<${next.href}>; rel="next"`;
}

/** GitHub sends an ETag of the content with every answer. */
function withTag(answer: JsonAnswer): JsonAnswer {
  const hash = createHash("sha256").update(JSON.stringify(answer.body)).digest("hex");
  return { ...answer, headers: { ETag: `"${hash.slice(0, 8)}"`, ...answer.headers } };
}
