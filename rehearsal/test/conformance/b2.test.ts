import { mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Emulator } from "../../emulators/b2/server";
import { Store } from "../../emulators/b2/store";
import { terraformProvider } from "../../offline/plugins/terraform-provider/plugin";
import { PluginClient } from "./support/plugin-client";
import { recording, type Json, type Recorded } from "./support/recording";
import { Translation } from "./support/translation";

interface RestCall {
  readonly path: string;
  readonly body: Json;
  readonly response: Json;
}

const recordedEndpoint = "http://127.0.0.1:9922";
const calls = recording("b2.jsonl");
const restCalls = recording("b2-rest.jsonl") as unknown as RestCall[];
const translation = new Translation();
const folder = mkdtempSync(join(tmpdir(), "memoryloop-b2-"));
let server: Server;
let endpoint = "";
let plugin: PluginClient;

beforeAll(async () => {
  server = await new Emulator(new Store(folder, { keyId: "master", key: "mk" })).listen(0, "127.0.0.1");
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  translation.learn(recordedEndpoint, endpoint);
  plugin = await PluginClient.connect(terraformProvider({}));
});

afterAll(() => {
  plugin.close();
  server.close();
  rmSync(folder, { recursive: true });
});

function secretOf(state: Json): string {
  const key = state["applicationKey"] as string | { value: string } | undefined;
  return typeof key === "object" ? key.value : (key ?? "");
}

function learnKey(recorded: Json, here: Json): void {
  if (secretOf(recorded) !== "") translation.learn(secretOf(recorded), secretOf(here));
}

const title = ({ phase, method, request }: Recorded): string =>
  `${phase}: ${method} ${(request["name"] as string | undefined) ?? "b2"}`;

describe("terraform-provider with Backblaze/b2, replaying b2.jsonl against the emulator", () => {
  test.each(calls.map((call, index) => ({ index, name: title(call), call })))("$index $name", async ({ call }) => {
    const response = await plugin.call(call.method, translation.toHere(call.request));
    if (call.method === "Create") learnKey(call.response["properties"] as Json, response["properties"] as Json);
    expect(translation.toRecorded(response)).toEqual(call.response);
  });
});

/** Capabilities are a set, and the engine refreshes resources side by side: neither order means anything. */
const unordered = (calls: readonly object[]): string[] =>
  calls
    .map((call) =>
      JSON.stringify(call, (name, part: unknown) =>
        name === "capabilities" && Array.isArray(part)
          ? [...(part as string[])].sort()
          : isObject(part)
            ? Object.fromEntries(Object.entries(part).sort())
            : part,
      ),
    )
    .sort();

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

describe("the emulator, replaying b2-rest.jsonl", () => {
  test("gets the requests of the real plugin and gives the recorded answers", async () => {
    const { calls: log } = (await (await fetch(`${endpoint}/emulator/log`)).json()) as {
      calls: { operation: string; body: Json; response: Json }[];
    };
    const token = (response: Json): Json =>
      "authorizationToken" in response ? { ...response, authorizationToken: "" } : response;
    const here = log.map(({ operation, body, response }) => ({
      path: `/b2api/v4/${operation}`,
      body,
      response: token(response),
    }));
    const recorded = restCalls.map(({ path, body, response }) => ({ path, body, response: token(response) }));
    expect(unordered(translation.toRecorded(here))).toEqual(unordered(recorded));
  });
});

describe("a bucket's name that is taken", () => {
  test("is refused with B2's message, and nothing is created", async () => {
    const create = calls.find(({ method, phase }) => method === "Create" && phase === "create");
    const request = translation.toHere(create?.request ?? {});
    await plugin.call("Create", request);
    await expect(plugin.call("Create", request)).rejects.toThrow(
      "duplicate_bucket_name: Bucket name is already in use.",
    );
  });
});
