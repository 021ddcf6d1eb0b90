import { lookup } from "node:dns/promises";
import { request } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectTls, type TLSSocket } from "node:tls";

/** An address at which the site is asked, instead of the one of DNS. */
export interface SiteAddress {
  readonly address: string;
  readonly port: number;
}

/** One visit of the site, as a browser makes it. */
export interface Visit {
  readonly address: string;
  /** Version of HTTP: "1.1" or "2". */
  readonly http: string;
  readonly status: number;
  readonly body: string;
  /** Seconds from the look-up of the name to the end of the answer. */
  readonly seconds: number;
  readonly certificate: {
    /** ISO 8601, UTC. */
    readonly expiresAt: string;
    /** Why a browser refuses it; empty when it does not. */
    readonly problem: string;
  };
}

const httpsPort = 443;
const largestBody = 65_536;

/** `203.0.113.7`, `203.0.113.7:8443` or `[2001:db8::1]:8443`; undefined for any other text. */
export function parseSiteAddress(text: string): SiteAddress | undefined {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-f:]+)\]|([^:\s]+))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const address = bracketed ?? plain;
  return address === undefined ? undefined : { address, port: port === undefined ? httpsPort : Number(port) };
}

const addressOf = async (domain: string): Promise<SiteAddress> => ({
  address: (await lookup(domain)).address,
  port: httpsPort,
});

function secured({ address, port }: SiteAddress, domain: string, signal: AbortSignal): Promise<TLSSocket> {
  const socket = connectTls({
    host: address,
    port,
    servername: domain,
    ALPNProtocols: ["h2", "http/1.1"],
    // A bad certificate is a finding, too: the visit goes on, and reports it.
    rejectUnauthorized: false,
  });
  signal.addEventListener("abort", () => socket.destroy());
  return new Promise((resolve, reject) => {
    socket.once("secureConnect", () => {
      resolve(socket);
    });
    socket.once("error", reject);
    socket.once("close", () => {
      reject(new Error("the connection ended before TLS was ready"));
    });
  });
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

const userAgent = "ops-status";

const askHttp2 = (socket: TLSSocket, domain: string, path: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const session = connectHttp2(`https://${domain}`, { createConnection: () => socket });
    session.once("error", reject);
    const stream = session.request({ ":authority": domain, ":path": path, "user-agent": userAgent });
    let [status, body] = [0, ""];
    stream.once("response", (headers) => (status = headers[":status"] ?? 0));
    stream.setEncoding("utf8").on("data", (text: string) => (body = (body + text).slice(0, largestBody)));
    stream.once("error", reject);
    stream.once("close", () => {
      session.close();
      if (status === 0) reject(new Error("the connection ended without an answer"));
      else resolve({ status, body });
    });
  });

const askHttp1 = (socket: TLSSocket, domain: string, path: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const headers = { host: domain, "user-agent": userAgent };
    const call = request({ createConnection: () => socket, path, headers }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => (body = (body + text).slice(0, largestBody)));
      response.once("close", () => {
        resolve({ status: response.statusCode ?? 0, body });
      });
    });
    call.once("error", reject);
    call.end();
  });

/**
 * Asks the site once, with a new connection, as a visitor on this machine does.
 * @param at where to ask; without it, DNS says where.
 * @throws Error of the look-up, the connection or the answer. It ends with the signal.
 */
export async function visit(
  domain: string,
  path: string,
  at: SiteAddress | undefined,
  signal: AbortSignal,
): Promise<Visit> {
  const start = performance.now();
  const target = at ?? (await addressOf(domain));
  const socket = await secured(target, domain, signal);
  try {
    const { valid_to: validTo } = socket.getPeerCertificate();
    const http = socket.alpnProtocol === "h2" ? "2" : "1.1";
    const answer = await (http === "2" ? askHttp2 : askHttp1)(socket, domain, path);
    const seconds = (performance.now() - start) / 1000;
    // Node's types say Error; it is the text of the code.
    const problem = socket.authorized ? "" : String(socket.authorizationError);
    const certificate = { expiresAt: new Date(validTo).toISOString(), problem };
    return { address: target.address, http, ...answer, seconds, certificate };
  } finally {
    socket.destroy();
  }
}
