import type { IncomingMessage, ServerResponse } from "node:http";

/** A JSON object. */
export type Body = Readonly<Record<string, unknown>>;

/** One request and the answer to it. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
}

/** An answer with a JSON body. */
export interface JsonAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends an answer. Status 204 has no body. */
export function send({ response }: Exchange, { status, body, headers }: JsonAnswer): void {
  response.writeHead(status, { "Content-Type": "application/json", ...headers });
  response.end(status === 204 ? undefined : JSON.stringify(body));
}

/** The JSON object that a request carries; `{}` without a body. @throws SyntaxError for a body that is not JSON. */
export async function jsonOf(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === "" ? {} : (JSON.parse(text) as Body);
}
