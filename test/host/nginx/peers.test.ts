import type { RequestListener } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { peerServers } from "../../../host/nginx/peers";
import { bodyLength, PrivateNginx } from "../../support/private-nginx";
import { siteSettings } from "../../support/site-settings";

// One real nginx is both servers: the sites `own`, `torn` and `none` are on one, the site `peer` is the release on the other.
const here = { privateAddress: "127.0.0.1", peers: ["127.0.0.2"] };
const there = { privateAddress: "127.0.0.2", peers: ["127.0.0.1"] };
const sites = [
  ...["own", "torn", "none"].map((name) => siteSettings(name, `${name}.test`, { place: here })),
  siteSettings("peer", "peer.test", { place: there }),
];

test("a Swarm of one server has an upstream that no site asks", () => {
  expect(peerServers({ privateAddress: "10.0.0.1", peers: [] })).toBe("    server 127.0.0.1:1 down;\n");
  expect(peerServers({ privateAddress: "10.0.0.1", peers: ["10.0.0.2"] })).toBe("    server 10.0.0.2:8090;\n");
});

let nginx: PrivateNginx;
/** The requests that the release on the other server got. */
const passedOn: string[] = [];

/** Tells which server answered, and the request as it came. */
const answering =
  (server: string, got: string[] = []): RequestListener =>
  (request, response) =>
    void bodyLength(request).then((length) => {
      got.push(`${request.method ?? ""} ${request.url ?? ""}`);
      const { host, "x-forwarded-for": address } = request.headers;
      response.end(JSON.stringify({ server, host, address, length }));
    });

/** A release that takes the request and ends without an answer. */
const tearing: RequestListener = (request) => {
  void bodyLength(request).then(() => request.socket.destroy());
};

beforeAll(async () => {
  nginx = await PrivateNginx.start(...sites);
  await nginx.serve("own", answering("own"));
  await nginx.serve("torn", tearing);
  await nginx.serve("peer", answering("peer", passedOn));
  await nginx.serve("none", answering("none"));
  for (const app of ["own", "torn", "peer"]) await setWay(app, "open");
});
afterAll(() => nginx.dispose());

/** As `follow-task` on a server: opens or closes the way to the release there. */
const setWay = (app: string, way: "open" | "closed"): Promise<string> =>
  nginx.inside("sh", [
    "-c",
    way === "open"
      ? `mkdir -p /run/${app}-task && ln -s /var/lib/${app}/current.sock /run/${app}-task/current.sock`
      : `rm /run/${app}-task/current.sock`,
  ]);

/** A server that failed is not asked for two seconds, which nginx counts in whole ones. */
const forgottenMs = 3500;

const post = ["-X", "POST", "-d", "0123456789"];
async function askOf(url: string, args: readonly string[] = []) {
  const { status, body } = await nginx.ask(url, args);
  return { status, told: status === 200 ? (JSON.parse(body) as unknown) : undefined };
}
const answerOf = (server: string, host: string, length: number) => ({
  status: 200,
  told: { server, host, address: "127.0.0.1", length },
});
describe("a server of a cluster", () => {
  test("answers with its own release", async () => {
    expect(await askOf("https://own.test/")).toEqual(answerOf("own", "own.test", 0));
  });

  test("passes a GET and a POST on if the way to its release is closed, with host and address of the client", async () => {
    expect(await askOf("https://none.test/a")).toEqual(answerOf("peer", "none.test", 0));
    expect(await askOf("https://none.test/b", post)).toEqual(answerOf("peer", "none.test", 10));
  });

  test("answers with its own release again when the way is open, without a reload", async () => {
    await setWay("none", "open");
    await sleep(forgottenMs);
    expect(await askOf("https://none.test/c", post)).toEqual(answerOf("none", "none.test", 10));
    await setWay("none", "closed");
    // nginx keeps a connection to the release for 0.3 s.
    await sleep(500);
    expect(await askOf("https://none.test/d", post)).toEqual(answerOf("peer", "none.test", 10));
  });

  test("sends a POST that its release got to no other server", async () => {
    passedOn.length = 0;
    expect((await askOf("https://torn.test/once", post)).status).toBe(502);
    expect(passedOn).toEqual([]);
  });

  test("sends a GET that its release did not answer to another server, and then does not ask the release for a while", async () => {
    await sleep(forgottenMs);
    expect(await askOf("https://torn.test/again")).toEqual(answerOf("peer", "torn.test", 0));
    expect(await askOf("https://torn.test/next", post)).toEqual(answerOf("peer", "torn.test", 10));
  });

  test("answers at its private port for the other servers alone, and never passes their requests on", async () => {
    const direct = ["--header", "Host: peer.test", "http://127.0.0.2:8090/"];
    expect(await nginx.inside("curl", ["-s", ...direct])).toContain('"server":"peer"');
    expect(
      await nginx.inside("curl", [
        "-s",
        "-o",
        "/dev/null",
        "-w",
        "%{http_code}",
        "--interface",
        "127.0.0.9",
        ...direct,
      ]),
    ).toBe("403");
    const missing = ["-s", "-o", "/dev/null", "-w", "%{http_code}", "--interface", "127.0.0.2"];
    expect(await nginx.inside("curl", [...missing, "--header", "Host: none.test", "http://127.0.0.1:8090/"])).toBe(
      "502",
    );
  });

  test("asks the other servers for a challenge that it does not have", async () => {
    const { status } = await nginx.ask("http://none.test/.well-known/acme-challenge/unknown");
    expect(status).toBe(404);
    expect(nginx.log("error")).not.toContain("no live upstreams");
    expect(nginx.log("access")).toMatch(
      /127\.0\.0\.1 - \[[^\]]*\] vps-peers "GET \/.well-known\/acme-challenge\/unknown/,
    );
  });
});
