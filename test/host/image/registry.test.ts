import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { locate, readImage } from "../../../host/image/registry";

const config = { os: "linux", architecture: "amd64", config: { User: "1001", Env: ["A=b=c", "EMPTY="] } };
const digest = `sha256:${"1".repeat(64)}`;
const amd64 = { platform: "linux/amd64", user: "1001", environment: { A: "b=c", EMPTY: "" } };
const platform = (architecture: string, os = "linux") => ({ os, architecture });

/** Answers by path below `/v2/owner/app/`. */
const single: Readonly<Record<string, unknown>> = {
  [`manifests/${digest}`]: { config: { digest: "sha256:c" } },
  "blobs/sha256:c": config,
};
const index: Readonly<Record<string, unknown>> = {
  [`manifests/${digest}`]: {
    manifests: [
      { digest: "sha256:m1", platform: platform("amd64") },
      { digest: "sha256:m2", platform: platform("arm64") },
      { digest: "sha256:m3", platform: platform("unknown", "unknown") },
    ],
  },
  "manifests/sha256:m1": { config: { digest: "sha256:c" } },
  "manifests/sha256:m2": { config: { digest: "sha256:c2" } },
  "blobs/sha256:c": config,
  "blobs/sha256:c2": { ...platform("arm64"), config: null },
};

let server: Server;
let registry: string;
let answers: Readonly<Record<string, unknown>>;
let login: "none" | "basic" | "bearer";

const basicLogin = `Basic ${Buffer.from("me:token").toString("base64")}`;

function challenge(response: ServerResponse): void {
  const bearer = `Bearer realm="${registry}/token",service="registry",scope="repository:owner/app:pull"`;
  response.writeHead(401, { "www-authenticate": login === "basic" ? 'Basic realm="registry"' : bearer }).end();
}

function answer({ url = "", headers }: IncomingMessage, response: ServerResponse): void {
  const json = (value: unknown) => response.end(JSON.stringify(value));
  if (url.startsWith("/token")) {
    const isKnown = headers.authorization === basicLogin && url.includes("scope=repository%3Aowner%2Fapp%3Apull");
    if (isKnown) json({ token: "issued" });
    else response.writeHead(403).end();
    return;
  }
  const wanted = { none: undefined, basic: basicLogin, bearer: "Bearer issued" }[login];
  if (headers.authorization !== wanted) {
    challenge(response);
    return;
  }
  const found = answers[url.replace("/v2/owner/app/", "")];
  if (found === undefined) response.writeHead(404).end();
  else json(found);
}

beforeAll(async () => {
  server = createServer(answer);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(() => {
  answers = single;
  login = "none";
});

const read = (withLogin: object = {}) =>
  readImage({ repository: `${registry.slice(7)}/owner/app`, digest, registry, ...withLogin });

describe("readImage", () => {
  test("reads platform, user and ENV of an image", async () => {
    expect(await read()).toEqual([amd64]);
  });

  test("reads each platform of an index, without attestations", async () => {
    answers = index;
    expect(await read()).toEqual([amd64, { platform: "linux/arm64", user: "", environment: {} }]);
  });

  test.each(["basic", "bearer"] as const)("logs in by %s where the registry asks for it", async (kind) => {
    login = kind;
    expect(await read({ username: "me", password: "token" })).toEqual([amd64]);
    await expect(read()).rejects.toThrow(/40[13]/);
  });

  test("names the address and the answer of a registry that does not know the image", async () => {
    answers = {};
    await expect(read()).rejects.toThrow(`GET ${registry}/v2/owner/app/manifests/${digest}: 404 Not Found`);
  });
});

test.each([
  ["ghcr.io/owner/app", undefined, "https://ghcr.io", "owner/app"],
  ["registry.example.com:5000/team/app", undefined, "https://registry.example.com:5000", "team/app"],
  ["owner/app", undefined, "https://registry-1.docker.io", "owner/app"],
  ["docker.io/owner/app", undefined, "https://registry-1.docker.io", "owner/app"],
  ["127.0.0.1:5000/owner/app", "http://127.0.0.1:5000/", "http://127.0.0.1:5000", "owner/app"],
])("%s is at %s", (repository, given, address, name) => {
  expect(locate({ repository, registry: given })).toEqual({ address, name });
});
