import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { github } from "../../offline/plugins/github/plugin";
import { PluginClient } from "./support/plugin-client";
import { recording, title, type Json, type Recorded } from "./support/recording";

interface RestCall {
  readonly phase: string;
  readonly method: string;
  readonly path: string;
  readonly body?: Json;
  readonly status: number;
  readonly response: Json;
}

const recordedAddress = "http://127.0.0.1:9911/";
const calls = recording("github.jsonl");
const restCalls = recording("github-rest.jsonl") as unknown as RestCall[];
const asked: string[] = [];
let phase = "";
let server: Server;
let plugin: PluginClient;

/** Equal for equal requests: the fields of an object have no order, and each sealed box differs. */
const requestText = ({ phase, method, path, body }: Omit<RestCall, "status" | "response">): string =>
  JSON.stringify([phase, method, path, body ?? null], (name, part: unknown) => {
    if (name === "encrypted_value") return "<sealed>";
    return isObject(part) ? Object.fromEntries(Object.entries(part).sort()) : part;
  });

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

async function bodyOf(request: IncomingMessage): Promise<Json | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === "" ? undefined : (JSON.parse(text) as Json);
}

/** Gives the recorded answers, each request's in their order. */
async function play(request: IncomingMessage): Promise<RestCall | undefined> {
  const body = await bodyOf(request);
  const path = (request.url ?? "").replace("/api/v3", "");
  const text = requestText({ phase, method: request.method ?? "", path, ...(body && { body }) });
  const before = asked.filter((earlier) => earlier === text).length;
  asked.push(text);
  return restCalls.filter((call) => requestText(call) === text)[before];
}

beforeAll(async () => {
  server = createServer((request, response) => {
    void play(request).then((call) => {
      response.writeHead(call?.status ?? 599, { "Content-Type": "application/json", ETag: '"0"' });
      response.end(JSON.stringify(call?.response ?? { message: "not recorded" }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  plugin = await PluginClient.connect(github({}));
});

afterAll(() => {
  plugin.close();
  server.close();
});

const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

/** The recording's address is the server's here, nobody waits between writes, and ETags are of the answers. */
function toHere(call: Recorded): Json {
  const text = JSON.stringify(call.request).replaceAll(recordedAddress, address());
  const request = JSON.parse(text) as Json;
  if (call.method !== "Configure") return request;
  return { ...request, args: { ...(request["args"] as Json), writeDelayMs: 0 } };
}

const plainTags = (response: Json): unknown =>
  JSON.parse(
    JSON.stringify(response)
      .replaceAll(address(), recordedAddress)
      .replace(/"etag":"\\"[^"]*\\""/, '"etag":"*"'),
  );

describe("github, replaying github.jsonl against the recorded answers", () => {
  test.each(calls.map((call, index) => ({ index, name: title(call), call })))("$index $name", async ({ call }) => {
    ({ phase } = call);
    expect(plainTags(await plugin.call(call.method, toHere(call)))).toEqual(plainTags(call.response));
  });

  test("sends GitHub the same requests as the real plugin", () => {
    expect([...asked].sort()).toEqual(restCalls.map(requestText).sort());
  });
});
