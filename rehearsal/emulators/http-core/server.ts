import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { jsonOf, send, type Body, type Exchange, type JsonAnswer } from "./exchange";
import type { Faults, PlannedFault } from "./faults";
import { Refusal } from "./refusal";
import type { RequestLog } from "./request-log";

const testArea = "/emulator/";

/** The part of an emulator that is its own: its routes and its state. */
export interface Emulation<Fault extends PlannedFault, Call> {
  readonly faults: Faults<Fault>;
  readonly log: RequestLog<Call>;
  /** Answers one request of a client. @throws Refusal for every answer that is not a success. */
  answer(exchange: Exchange): Promise<void>;
  /** Answers a test that asks for `/emulator/<name>`. The core itself answers `faults` and `log`. */
  administer(name: string, body: Body): unknown;
  /** The refusal for an error that no route expects. */
  unexpected(error: unknown): Refusal;
}

/** A refusal as an answer. */
export const refusalAnswer = ({ status, message, fields, headers }: Refusal): JsonAnswer => ({
  status,
  body: { ...fields, message },
  headers,
});

/** Starts the HTTP server of an emulator. Resolves when it listens. */
export function startServer<Fault extends PlannedFault, Call>(
  emulation: Emulation<Fault, Call>,
  port: number,
  host: string,
): Promise<Server> {
  const server = createServer((request, response) => void exchange(emulation, request, response));
  // An upload may take ten minutes.
  server.requestTimeout = 0;
  return new Promise((resolve) => {
    server.listen(port, host, () => {
      resolve(server);
    });
  });
}

async function exchange<Fault extends PlannedFault, Call>(
  emulation: Emulation<Fault, Call>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", `http://${request.headers.host ?? "emulator"}`);
  const current: Exchange = { request, response, url };
  try {
    await (url.pathname.startsWith(testArea) ? answerTest(emulation, current) : emulation.answer(current));
  } catch (error) {
    refuse(current, error instanceof Refusal ? error : emulation.unexpected(error));
  }
  // After an early refusal the client must be able to finish its request.
  if (!request.complete) request.resume();
}

async function answerTest<Fault extends PlannedFault, Call>(
  emulation: Emulation<Fault, Call>,
  current: Exchange,
): Promise<void> {
  const name = current.url.pathname.slice(testArea.length);
  const body = await jsonOf(current.request);
  if (name === "faults") emulation.faults.plan(body["faults"] as Fault[]);
  const answer = name === "log" ? { calls: emulation.log.calls } : emulation.administer(name, body);
  send(current, { status: 200, body: answer });
}

/** After the first byte of an answer only the end of the connection can tell the client of an error. */
function refuse(current: Exchange, refusal: Refusal): void {
  if (current.response.headersSent) current.response.destroy();
  else send(current, refusalAnswer(refusal));
}
