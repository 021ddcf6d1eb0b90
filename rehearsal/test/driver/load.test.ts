import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { eventStream, keepAliveLoad, loadReport, longUpload, webSocket, type Target } from "../../driver/load";
import { methodOf } from "../../driver/load/keep-alive-load";
import { streamReport } from "../../driver/load/event-stream";
import { requestOptions } from "../../driver/load/target";

const site = "site.test";
const folder = mkdtempSync(join(tmpdir(), "load-test-"));
const keyFile = join(folder, "key.pem");
const certificateFile = join(folder, "certificate.pem");
const servers: Server[] = [];

beforeAll(() => {
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", keyFile];
  const certificate = ["-x509", "-days", "1", "-subj", `/CN=${site}`, "-addext", `subjectAltName=DNS:${site}`];
  execFileSync("openssl", ["req", ...key, ...certificate, "-out", certificateFile], { stdio: "ignore" });
});
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(listener: Listener, prepare: (server: Server) => void = () => undefined): Promise<Target> {
  const ca = readFileSync(certificateFile, "utf8");
  const server = createServer({ key: readFileSync(keyFile), cert: ca }, listener);
  prepare(server);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { address: "127.0.0.1", port: (server.address() as AddressInfo).port, serverName: site, ca };
}

function answer(response: ServerResponse, release = "a"): void {
  response.writeHead(200, { "x-release": release, "content-length": 2 }).end("ok");
}

/** Answers, except for the request of this number, which is left to `misbehave`. */
function once(number: number, misbehave: Listener): Listener {
  let count = 0;
  return (request, response) => {
    if (++count === number) misbehave(request, response);
    else answer(response);
  };
}

const brief = (clients = 1, milliseconds = 150) => ({ clients, stop: AbortSignal.timeout(milliseconds) });

describe("keepAliveLoad", () => {
  test("a good server answers every request, on one connection for each client", async () => {
    const sockets = new Set<unknown>();
    const end = new AbortController();
    let asked = 0;
    const target = await serve((request, response) => {
      sockets.add(request.socket);
      if (++asked === 50) end.abort();
      answer(response);
    });
    const report = await keepAliveLoad({ target, clients: 5, stop: end.signal });
    expect(report.lost).toEqual([]);
    expect(report.answered).toBe(report.sent);
    expect(report.sent).toBe(asked);
    expect(report.statuses).toEqual({ 200: report.sent });
    expect(report.byRelease).toEqual({ a: report.sent });
    expect(sockets.size).toBe(5);
  });

  test("half of the requests are POST with a body", async () => {
    const bodies = { GET: "", POST: "" } as Record<string, string>;
    const counts = { GET: 0, POST: 0 } as Record<string, number>;
    const target = await serve((request, response) => {
      const method = request.method ?? "";
      counts[method] = (counts[method] ?? 0) + 1;
      request.on("data", (chunk: Buffer) => (bodies[method] = chunk.toString()));
      request.on("end", () => {
        answer(response);
      });
    });
    const { sent } = await keepAliveLoad({ target, ...brief(), pauseMs: 5 });
    expect(Math.abs((counts["POST"] ?? 0) - sent / 2)).toBeLessThanOrEqual(1);
    expect(bodies).toEqual({ GET: "", POST: "a small body of a POST request" });
  });

  test("a connection that is reset instead of an answer is one loss, on its request's number", async () => {
    const target = await serve(once(7, (request) => request.socket.destroy()));
    const { lost, sent, answered } = await keepAliveLoad({ target, ...brief(1, 1000) });
    expect(lost).toEqual([expect.objectContaining({ kind: "reset", requestNumber: 7 })]);
    expect(sent - answered).toBe(1);
    expect(answered).toBeGreaterThan(7);
  });

  test("a connection closed in good order, but after the request was sent, is a loss", async () => {
    const target = await serve(once(3, (request) => request.socket.end()));
    const { lost } = await keepAliveLoad({ target, ...brief(1, 1000) });
    expect(lost).toEqual([expect.objectContaining({ kind: "reset", requestNumber: 3 })]);
  });

  test("an idle connection that the server closes just before the next request is a loss if the request was sent", async () => {
    const closeAfterAnswer: Listener = (request, response) => {
      answer(response);
      response.on("finish", () => setImmediate(() => request.socket.destroy()));
    };
    const target = await serve(closeAfterAnswer);
    const load = () => keepAliveLoad({ target, ...brief(10) });
    // The order is random: on a busy machine it takes several attempts until the client is first.
    let report = await load();
    while (report.lost.length === 0) report = await load();
    expect(report.lost.length).toBe(report.sent - report.answered);
  });

  test("an orderly close before the next request is a new connection, not a loss", async () => {
    const sockets = new Set<unknown>();
    const end = new AbortController();
    const target = await serve((request, response) => {
      if (sockets.add(request.socket).size === 5) end.abort();
      response.setHeader("connection", "close");
      answer(response);
    });
    const { lost, answered } = await keepAliveLoad({ target, clients: 1, stop: end.signal });
    expect(lost).toEqual([]);
    expect(answered).toBe(5);
  });

  test("an incomplete answer is a loss", async () => {
    const cut: Listener = (request, response) => {
      response.writeHead(200, { "content-length": 100 }).write("half");
      setTimeout(() => request.socket.destroy(), 20);
    };
    const target = await serve(once(2, cut));
    const { lost } = await keepAliveLoad({ target, ...brief() });
    expect(lost).toEqual([expect.objectContaining({ kind: "truncated", requestNumber: 2 })]);
  });

  test("an answer that never comes is a loss at the deadline", async () => {
    const target = await serve(once(2, () => undefined));
    const { lost } = await keepAliveLoad({ target, ...brief(), deadlineMs: 100 });
    expect(lost).toEqual([expect.objectContaining({ kind: "timeout", requestNumber: 2 })]);
  });

  test("a refused connection is a loss", async () => {
    const target = await serve(() => undefined);
    servers.pop()?.close();
    const { lost, answered } = await keepAliveLoad({ target, ...brief() });
    expect(answered).toBe(0);
    expect(lost[0]).toMatchObject({ kind: "connect", requestNumber: 1 });
    expect(lost[0]?.error).toContain("ECONNREFUSED");
  });

  test("a certificate for another name is a loss", async () => {
    const target = await serve((_request, response) => {
      answer(response);
    });
    const { answered, lost } = await keepAliveLoad({ target: { ...target, serverName: "other.test" }, ...brief() });
    expect(answered).toBe(0);
    expect(lost[0]?.kind).toBe("connect");
  });

  test("a request in progress at the stop completes and is counted", async () => {
    const target = await serve((_request, response) =>
      setTimeout(() => {
        answer(response);
      }, 250),
    );
    const report = await keepAliveLoad({ target, ...brief() });
    expect(report).toMatchObject({ sent: 1, answered: 1, lost: [] });
  });
});

describe("loadReport", () => {
  const answered = (at: number, release: string, status: number, latencyMs: number) =>
    ({ kind: "answered", method: "GET", at, release, status, latencyMs }) as const;

  test("counts by release and status, and has the times of each release's answers", () => {
    const lost = { kind: "reset", method: "POST", at: 15, error: "socket hang up", requestNumber: 4 } as const;
    expect(loadReport([answered(10, "a", 200, 1), answered(20, "b", 200, 3), lost, answered(12, "a", 502, 2)])).toEqual(
      {
        sent: 4,
        answered: 3,
        lost: [lost],
        byRelease: { a: 2, b: 1 },
        statuses: { 200: 2, 502: 1 },
        latencyMs: { p50: 2, p99: 3 },
        switches: { a: { first: 10, last: 12 }, b: { first: 20, last: 20 } },
      },
    );
  });
});

describe("methodOf", () => {
  test("spreads the share of POST evenly", () => {
    const methods = (share: number) => [0, 1, 2, 3].map((index) => methodOf(index, share));
    expect(methods(0.5)).toEqual(["GET", "POST", "GET", "POST"]);
    expect(methods(0)).toEqual(["GET", "GET", "GET", "GET"]);
    expect(methods(1)).toEqual(["POST", "POST", "POST", "POST"]);
  });
});

describe("requestOptions", () => {
  test("a target that is not this machine is refused", () => {
    const target = { address: "192.0.2.1", port: 443, serverName: site, ca: "" };
    expect(() => requestOptions(target)).toThrow("load goes to loopback addresses only, not to 192.0.2.1");
  });
});

describe("longUpload", () => {
  const receive = (request: IncomingMessage, done: (bytes: number, sha256: string) => void): void => {
    const hash = createHash("sha256");
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      hash.update(chunk);
    });
    request.on("end", () => {
      done(bytes, hash.digest("hex"));
    });
  };

  test("reports that every byte arrived", async () => {
    const target = await serve((request, response) => {
      receive(request, (bytes, sha256) => {
        response.setHeader("x-release", "a").end(JSON.stringify({ version: "a", bytes, sha256 }));
      });
    });
    expect(await longUpload(target, 0.3)).toMatchObject({ release: "a", bytes: 3 * 16 * 1024, isIntact: true });
  });

  test("reports missing bytes", async () => {
    const target = await serve((request, response) => {
      receive(request, (bytes, sha256) => response.end(JSON.stringify({ version: "a", bytes: bytes - 1, sha256 })));
    });
    expect(await longUpload(target, 0.2)).toMatchObject({ isIntact: false });
  });

  test("fails when the connection is lost during the upload", async () => {
    const target = await serve((request) => setTimeout(() => request.socket.destroy(), 150));
    await expect(longUpload(target, 0.5)).rejects.toThrow(/^upload lost after \d+ bytes/);
  });

  test("fails when the answer is an error", async () => {
    const target = await serve((request, response) => {
      receive(request, () => response.writeHead(502).end("bad gateway"));
    });
    await expect(longUpload(target, 0.2)).rejects.toThrow("upload answered 502: bad gateway");
  });
});

describe("eventStream", () => {
  const event = (number: number): string => `data: ${JSON.stringify({ version: "a", number })}\n\n`;
  const stream = (response: ServerResponse): void => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(event(0) + event(1).slice(0, 9));
    setTimeout(() => response.write(event(1).slice(9)), 50);
  };

  test("an orderly end has endedBy server", async () => {
    const target = await serve((_request, response) => {
      stream(response);
      setTimeout(() => response.end(), 100);
    });
    const report = await eventStream(target, AbortSignal.timeout(1000));
    expect(report).toMatchObject({ releases: ["a"], events: 2, missing: [], endedBy: "server" });
  });

  test("the client ends a stream that is still open at the stop", async () => {
    const stop = new AbortController();
    const target = await serve((_request, response) => {
      stream(response);
      // On a busy machine a fixed time would end before the second event.
      response.write("", () =>
        setTimeout(() => {
          stop.abort();
        }, 500),
      );
    });
    expect(await eventStream(target, stop.signal)).toMatchObject({ events: 2, endedBy: "client" });
  });

  test("a broken connection is a lost stream", async () => {
    const target = await serve((request, response) => {
      stream(response);
      setTimeout(() => request.socket.destroy(), 100);
    });
    expect(await eventStream(target, AbortSignal.timeout(1000))).toMatchObject({ events: 2, endedBy: "lost" });
  });

  test("another status than 200 is an error", async () => {
    const target = await serve((_request, response) => response.writeHead(502).end());
    await expect(eventStream(target, AbortSignal.timeout(1000))).rejects.toThrow("event stream answered 502");
  });
});

describe("streamReport", () => {
  test("names the numbers that did not come and the longest silence", () => {
    const events = [
      { version: "a", number: 0, at: 0 },
      { version: "a", number: 1, at: 1000 },
      { version: "b", number: 4, at: 4500 },
    ];
    expect(streamReport(events, "client")).toEqual({
      releases: ["a", "b"],
      events: 3,
      missing: [2, 3],
      longestSilenceMs: 3500,
      lastAt: 4500,
      endedBy: "client",
    });
  });
});

describe("webSocket", () => {
  type Socket = Parameters<Parameters<WebSocketServer["handleUpgrade"]>[3]>[0];
  const serveSocket = (converse: (socket: Socket) => void): Promise<Target> =>
    serve(
      () => undefined,
      (server) => {
        const sockets = new WebSocketServer({ server, path: "/api/socket" });
        sockets.on("headers", (headers) => headers.push("x-release: a"));
        sockets.on("connection", converse);
      },
    );
  const echoes = (socket: Socket): void => {
    socket.on("message", (message, isBinary) => {
      socket.send(message, { binary: isBinary });
    });
  };

  test("every message has an echo until the stop", async () => {
    const report = await webSocket(await serveSocket(echoes), AbortSignal.timeout(500));
    expect(report).toMatchObject({ release: "a", endedBy: "client" });
    expect(report.sent).toBeGreaterThanOrEqual(2);
    expect(report.echoed).toBe(report.sent);
  });

  test("an orderly close has endedBy server", async () => {
    const target = await serveSocket((socket) => {
      echoes(socket);
      socket.on("message", () => {
        socket.close(1001);
      });
    });
    const report = await webSocket(target, AbortSignal.timeout(2000));
    expect(report).toMatchObject({ sent: 1, endedBy: "server" });
    expect(report.echoed).toBe(report.sent);
  });

  test("a broken connection is lost", async () => {
    const target = await serveSocket((socket) => {
      echoes(socket);
      setTimeout(() => {
        socket.terminate();
      }, 300);
    });
    expect(await webSocket(target, AbortSignal.timeout(2000))).toMatchObject({ endedBy: "lost" });
  });

  test("a wrong echo counts as lost", async () => {
    const target = await serveSocket((socket) => {
      socket.on("message", () => {
        socket.send("something else");
      });
    });
    expect(await webSocket(target, AbortSignal.timeout(1000))).toMatchObject({ sent: 1, echoed: 0, endedBy: "lost" });
  });
});
