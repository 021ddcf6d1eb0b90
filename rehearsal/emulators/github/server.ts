import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Account } from "./account";
import { activityRoutes } from "./activity";
import { authenticate, authorize } from "./authority";
import { ok, type Answer, type Body, type Route } from "./call";
import { contentRoutes } from "./contents";
import { Faults, type Fault } from "./fault";
import { Refusal, notFound } from "./refusal";
import { opened } from "./sealed-box";
import { pullRoutes } from "./pulls";
import { refRoutes } from "./refs";
import { secretRoutes } from "./secrets";
import { settingRoutes } from "./settings";

const repositoryId = 1;
const loggedCalls = 2000;

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

async function jsonOf(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === "" ? {} : (JSON.parse(text) as Body);
}

/** A call that was answered: never with a token, and secrets only as they came, sealed. */
interface Logged {
  readonly method: string;
  readonly path: string;
  readonly body: Body;
  readonly status: number;
  readonly response: unknown;
}

/** GitHub's REST API for one repository, an emulator of it. */
export class Emulator {
  private readonly faults = new Faults();
  private log: Logged[] = [];

  /** @param save is called after every change. */
  constructor(
    readonly account: Account,
    private readonly save: () => void = () => undefined,
  ) {}

  listen(port: number): Promise<Server> {
    const server = createServer((request, response) => void this.serve(request, response));
    return new Promise((resolve) => {
      server.listen(port, "127.0.0.1", () => {
        resolve(server);
      });
    });
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET" } = request;
    const url = new URL(request.url ?? "/", `http://${request.headers.host ?? ""}`);
    const body = await jsonOf(request);
    if (url.pathname.startsWith("/emulator/")) {
      send(response, ok(this.administer(url.pathname, body)));
      return;
    }
    const path = url.pathname.replace(/^\/api\/v3/, "");
    const answer = this.answer(method, path, url, body, request.headers.authorization);
    this.log = [...this.log, { method, path: path + url.search, body, status: answer.status, response: answer.body }];
    this.log = this.log.slice(-loggedCalls);
    if (method !== "GET") this.save();
    send(response, answer, answer.more ? { link: nextLink(url) } : answer.headers);
  }

  private answer(method: string, path: string, url: URL, body: Body, authorization: string | undefined) {
    try {
      return this.route(method, path, url, body, authorization);
    } catch (error) {
      const refusal = error instanceof Refusal ? error : new Refusal(500, String(error));
      return { status: refusal.status, body: { message: refusal.message }, headers: refusal.headers };
    }
  }

  private route(method: string, path: string, url: URL, body: Body, authorization: string | undefined) {
    const fault = this.faults.next(`${method} ${path}${url.search}`);
    if (fault) throw new Refusal(fault.status, fault.message, fault.headers);
    const token = authenticate(this.account, authorization);
    const own = this.ownPath(path);
    const found = routes.find((route) => route.method === method && route.pattern.test(own));
    if (found === undefined) throw notFound();
    if (found.scope) authorize(token, found.scope);
    const words = (found.pattern.exec(own) ?? []).slice(1);
    const address = `${url.origin}${url.pathname.startsWith("/api/v3") ? "/api/v3" : ""}`;
    const { account } = this;
    const answer: Answer & { headers?: Record<string, string> } = found.answer({
      account,
      token,
      address,
      words,
      query: url.searchParams,
      body,
    });
    return answer;
  }

  /** The one repository goes by its name and by its number. */
  private ownPath(path: string): string {
    const { owner, repository } = this.account;
    const named = new RegExp(`^/(repos/${owner}/${repository}|repositories/${repositoryId})(?=/|$)`, "i");
    return path.replace(named, "/repo");
  }

  /** For tests: what is kept, what was asked, what was sealed (as a hash of what was in it), and faults to come. */
  private administer(path: string, body: Body): unknown {
    if (path === "/emulator/faults") this.faults.set(body["faults"] as Fault[]);
    if (path === "/emulator/log") return { calls: this.log };
    if (path === "/emulator/secrets") return this.sealedHashes();
    return { status: "up" };
  }

  private sealedHashes(): Record<string, string> {
    const { keys, secrets, environments } = this.account;
    const hashes = (prefix: string, stored: Account["secrets"]) =>
      Object.entries(stored).map(([name, { sealed }]) => [
        prefix + name,
        createHash("sha256").update(opened(keys, sealed)).digest("hex"),
      ]);
    const ofEnvironments = Object.entries(environments).flatMap(([name, one]) => hashes(`${name}/`, one.secrets));
    return Object.fromEntries([...hashes("", secrets), ...ofEnvironments]) as Record<string, string>;
  }
}

function nextLink(url: URL): string {
  const next = new URL(url);
  next.searchParams.set("page", String(Number(url.searchParams.get("page") ?? 1) + 1));
  return `<${next.href}>; rel="next"`;
}

function send(response: ServerResponse, { status, body }: Answer, headers: Record<string, string> = {}): void {
  const text = JSON.stringify(body);
  const etag = `"${createHash("sha256").update(text).digest("hex").slice(0, 8)}"`;
  response.writeHead(status, { "Content-Type": "application/json", ETag: etag, ...headers });
  response.end(status === 204 ? undefined : text);
}
