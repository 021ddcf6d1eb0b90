import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { github } from "../../../../offline/plugins/github/plugin";
import { addressOf } from "../../../../offline/plugins/github/rest-api";

let server: Server;
let baseUrl: string;
let status: number;
let asked: string[];

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    asked.push(`${request.method ?? ""} ${request.url ?? ""} ${request.headers.authorization ?? "anonymous"}`);
    const body = status === 200 ? { id: 9, login: "somebody" } : { message: "the words of GitHub" };
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const configure = async (args: object = {}, environment: NodeJS.ProcessEnv = {}): Promise<void> =>
  github(environment).configure?.({ baseUrl, owner: "o", token: "t", retryDelayMs: 1, ...args });

/** The words were recorded from the plugin github 6.15.0, built from its source. */
describe("Configure of the stand-in github", () => {
  test.each([200, 404])("asks for the organization of the owner; status %i is no error", async (answered) => {
    status = answered;
    await configure();
    expect(asked).toEqual(["GET /api/v3/orgs/o Bearer t"]);
  });

  test("a refused token is an error", async () => {
    status = 401;
    await expect(configure()).rejects.toThrow(
      `1 error occurred:\n\t* failed to lookup organization "o": GET ${baseUrl}api/v3/orgs/o: 401 the words of GitHub []\n\n`,
    );
  });

  test("an outage is an error after three further tries", async () => {
    status = 503;
    await expect(configure()).rejects.toThrow(
      `1 error occurred:\n\t* failed to lookup organization "o": GET ${baseUrl}api/v3/orgs/o: 503 the words of GitHub []\n\n`,
    );
    expect(asked).toHaveLength(4);
  });

  test("a refused connection is an error", async () => {
    server.close();
    await expect(configure()).rejects.toThrow(
      `1 error occurred:\n\t* failed to lookup organization "o": Get "${baseUrl}api/v3/orgs/o": dial tcp ${new URL(baseUrl).host}: connect: connection refused\n\n`,
    );
  });

  test("without an owner it is the user of the token", async () => {
    status = 200;
    await configure({ owner: undefined });
    expect(asked).toEqual(["GET /api/v3/user Bearer t", "GET /api/v3/orgs/somebody Bearer t"]);
  });

  test("without an owner a refused token is an error of its own", async () => {
    status = 401;
    await expect(configure({ owner: undefined })).rejects.toThrow(
      `1 error occurred:\n\t* owner cannot be found by token: GET ${baseUrl}api/v3/user: 401 the words of GitHub []\n\n`,
    );
  });

  test.each(["GITHUB_OWNER", "GITHUB_ORGANIZATION"])("%s wins over the input owner", async (variable) => {
    status = 404;
    await configure({}, { [variable]: "other" });
    expect(asked).toEqual(["GET /api/v3/orgs/other Bearer t"]);
  });

  test("the token of the environment is for a provider without a token", async () => {
    status = 404;
    await configure({ token: undefined }, { GITHUB_TOKEN: "from the environment" });
    expect(asked).toEqual(["GET /api/v3/orgs/o Bearer from the environment"]);
  });
});

test.each([
  ["https://api.github.com/", "https://api.github.com/user"],
  ["https://github.com", "https://api.github.com/user"],
  ["https://github.example.com", "https://github.example.com/api/v3/user"],
  ["https://github.example.com/api/v3/", "https://github.example.com/api/v3/user"],
])("the API of %s", (base, expected) => {
  expect(addressOf(base, "/user")).toBe(expected);
});
