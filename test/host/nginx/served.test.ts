import type { RequestListener } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { siteSettings } from "../../support/site-settings";
import { bodyLength, PrivateNginx } from "../../support/private-nginx";

// The sites run in one real nginx, with the files of the program. Each has an app of its own.
const proxy = "198.51.100.7";
const sites = [
  siteSettings("shop", "shop.test", { uploadLimit: "1m", connectionsPerAddress: 30 }),
  siteSettings("pair", "pair.test", { domains: ["pair.test", "www.pair.test"], headers: "app" }),
  siteSettings("same", "same.test", {
    domains: ["same.test", "www.same.test"],
    otherDomains: "serve",
    hsts: { includeSubDomains: true, preload: true },
  }),
  siteSettings("behind", "behind.test", { connectionsPerAddress: 30, trustedProxies: ["cloudflare", `${proxy}/32`] }),
  siteSettings("staging", "staging.test", {
    access: { users: { anna: "$apr1$saltsalt$EGVZDNN6gOqijy.tv9axG/" }, addresses: ["203.0.113.0/24"] },
    trustedProxies: [proxy],
  }),
];

let nginx: PrivateNginx;

/** The app tells what it was asked; `/hold` takes three seconds, `/wide` has large headers, `/own` has security headers of its own. */
const app: RequestListener = (request, response) => {
  const wide = {
    "set-cookie": [1, 2, 3].map((part) => `part${String(part)}=${"x".repeat(3900)}`),
    link: "l".repeat(5500),
  };
  const own = { "x-frame-options": "SAMEORIGIN", "strict-transport-security": "max-age=7", "x-powered-by": "Next.js" };
  const headers = { "/wide": wide, "/own": own }[request.url ?? ""] ?? {};
  void bodyLength(request).then(async (length) => {
    if (request.url === "/hold") await new Promise((resolve) => setTimeout(resolve, 3000));
    response.writeHead(200, headers);
    response.end(JSON.stringify({ method: request.method, url: request.url, length, headers: request.headers }));
  });
};

beforeAll(async () => {
  nginx = await PrivateNginx.start(...sites);
  for (const site of sites) await nginx.serve(site.app, app);
  for (const address of [proxy, "203.0.113.9"])
    await nginx.inside("ip", ["address", "add", `${address}/32`, "dev", "lo"]);
});
afterAll(() => nginx.dispose());

/** The request as the app got it. */
const told = async (url: string, args: readonly string[] = []): Promise<Record<string, string>> =>
  (JSON.parse((await nginx.ask(url, args)).body) as { headers: Record<string, string> }).headers;

const statusOf = async (url: string, args: readonly string[] = []): Promise<number> =>
  (await nginx.ask(url, args)).status;

describe("a body that is not announced", () => {
  const send = (method: string, kilobytes: number, version = "--http2") =>
    nginx
      .ask("https://shop.test/", [version, "-X", method, "-T", "-"], Buffer.alloc(kilobytes * 1024))
      .then(({ status }) => status);

  test.each(["GET", "DELETE"])("of %s is small over HTTP/2", async (method) => {
    expect([await send(method, 50), await send(method, 200)]).toEqual([200, 413]);
  });

  test("of POST, or over HTTP/1.1, has the limit of the site", async () => {
    expect([await send("POST", 200), await send("POST", 1100)]).toEqual([200, 413]);
    expect([await send("GET", 200, "--http1.1"), await send("GET", 1100, "--http1.1")]).toEqual([200, 413]);
  });
});

describe("the names of a site", () => {
  const leads = async (url: string): Promise<string> => {
    const { status, headers } = await nginx.ask(url);
    return `${String(status)} ${headers["location"] ?? ""}`.trim();
  };

  test("one name leads to https", async () => {
    expect(await leads("http://shop.test/a?b")).toBe("301 https://shop.test/a?b");
  });

  test("another name leads to https at the same name, and then to the canonical name, path and query included", async () => {
    expect(await leads("http://www.pair.test/a?b")).toBe("301 https://www.pair.test/a?b");
    expect(await leads("https://www.pair.test/a%2Fb?c=d")).toBe("308 https://pair.test/a%2Fb?c=d");
    expect(await leads("https://pair.test/a?b")).toBe("200");
  });

  test("a redirect has the security headers and closes its connection, so that a reload resets none", async () => {
    const { headers } = await nginx.ask("https://www.pair.test/", ["--http1.1"]);
    expect(headers).toMatchObject({
      connection: "close",
      "strict-transport-security": "max-age=63072000",
      "x-frame-options": "deny",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    });
  });

  test("other names serve the same where the owner wants it", async () => {
    expect(await leads("https://www.same.test/")).toBe("200");
    expect((await told("https://www.same.test/"))["host"]).toBe("www.same.test");
  });

  test("a request for a name of no site gets no response, also with the name of a site in TLS", async () => {
    for (const version of ["--http1.1", "--http2"])
      await expect(statusOf("https://shop.test/", [version, "-H", "Host: elsewhere.test"])).rejects.toThrow(
        /ended with/,
      );
    await expect(statusOf("https://elsewhere.test/")).rejects.toThrow(/ended with 35/);
    await expect(statusOf("http://elsewhere.test/")).rejects.toThrow(/ended with (52|56)/);
  });
});

describe("security headers", () => {
  test("of the site replace those of the app", async () => {
    const { headers } = await nginx.ask("https://shop.test/own");
    expect(headers).toMatchObject({
      "x-frame-options": "deny",
      "strict-transport-security": "max-age=63072000",
      "referrer-policy": "no-referrer",
    });
    expect(headers["x-powered-by"]).toBeUndefined();
  });

  test("in mode app are added only where the app sends none", async () => {
    const { headers } = await nginx.ask("https://pair.test/own");
    expect(headers).toMatchObject({
      "x-frame-options": "SAMEORIGIN",
      "strict-transport-security": "max-age=7",
      "referrer-policy": "no-referrer",
      "permissions-policy": expect.stringContaining("camera=()") as unknown,
    });
    expect(headers["x-powered-by"]).toBeUndefined();
    expect((await nginx.ask("https://pair.test/")).headers["strict-transport-security"]).toBe("max-age=63072000");
  });

  test("promise https for subdomains, and the list of browsers, only if the owner wants it", async () => {
    const hsts = async (url: string) => (await nginx.ask(url)).headers["strict-transport-security"];
    expect(await hsts("https://same.test/")).toBe("max-age=63072000; includeSubDomains; preload");
    expect(await hsts("http://same.test/")).toBeUndefined();
  });
});

describe("behind a trusted proxy", () => {
  const forwarded = (address: string) => ["-H", `X-Forwarded-For: ${address}`];
  const from = (address: string) => ["--interface", address];

  test("the app and the log see the client's address", async () => {
    const headers = await told("https://behind.test/logged", [...from(proxy), ...forwarded("192.0.2.55")]);
    expect([headers["x-forwarded-for"], headers["x-real-ip"]]).toEqual(["192.0.2.55", "192.0.2.55"]);
    expect(nginx.log("access")).toMatch(/^192\.0\.2\.55 .*"GET \/logged /m);
  });

  test("a client cannot choose its address, neither directly nor through the proxy", async () => {
    const direct = await told("https://behind.test/", [...from("203.0.113.9"), ...forwarded("192.0.2.55")]);
    expect(direct["x-forwarded-for"]).toBe("203.0.113.9");
    // The proxy appends the address that it sees to the client's own header.
    const through = await told("https://behind.test/", [...from(proxy), ...forwarded("10.0.0.1, 192.0.2.55")]);
    expect(through["x-forwarded-for"]).toBe("192.0.2.55");
    // Two proxies in a row, both trusted.
    const twice = await told("https://behind.test/", [
      ...from(proxy),
      ...forwarded("10.0.0.1, 192.0.2.55, 104.16.0.9"),
    ]);
    expect(twice["x-forwarded-for"]).toBe("192.0.2.55");
  });

  test("a site without trusted proxies ignores what clients say", async () => {
    const headers = await told("https://shop.test/", [...forwarded("192.0.2.55"), "-H", "X-Real-IP: 192.0.2.55"]);
    expect([headers["x-forwarded-for"], headers["x-real-ip"]]).toEqual(["127.0.0.1", "127.0.0.1"]);
  });
});

describe("a site that is not public", () => {
  test("asks for a user and a password, and the app does not get them", async () => {
    expect(await statusOf("https://staging.test/")).toBe(401);
    expect(await statusOf("https://staging.test/", ["--user", "anna:wrong"])).toBe(401);
    const headers = await told("https://staging.test/", ["--user", "anna:correct horse"]);
    expect(headers["authorization"]).toBeUndefined();
  });

  test("lets its addresses in, whose other credentials reach the app", async () => {
    const headers = await told("https://staging.test/", [
      "--interface",
      "203.0.113.9",
      "-H",
      "Authorization: Bearer x",
    ]);
    expect(headers["authorization"]).toBe("Bearer x");
  });

  test("sees the client behind a trusted proxy, and lets nobody in who only claims an address", async () => {
    const claim = ["-H", "X-Forwarded-For: 203.0.113.9"];
    expect(await statusOf("https://staging.test/", ["--interface", proxy, ...claim])).toBe(200);
    expect(await statusOf("https://staging.test/", claim)).toBe(401);
  });

  test("shows its health and the answers to ACME challenges to everybody", async () => {
    expect(await statusOf("https://staging.test/api/health")).toBe(200);
    await nginx.inside("bash", ["-c", "mkdir -p /var/www/acme/.well-known/acme-challenge; echo ok >$_/token"]);
    expect((await nginx.ask("http://staging.test/.well-known/acme-challenge/token")).body).toBe("ok\n");
  });

  test("covers requests on every path through its configuration", async () => {
    expect(await statusOf("https://staging.test/", ["-X", "DELETE", "--http2", "-T", "/etc/hostname"])).toBe(401);
    await nginx.inside("touch", ["/run/nginx-closing"]);
    expect(await statusOf("https://staging.test/")).toBe(401);
    await nginx.inside("rm", ["/run/nginx-closing"]);
  });
});

describe("maintenance", () => {
  const folder = "/var/lib/shop/maintenance";
  const inside = (line: string): Promise<string> => nginx.inside("bash", ["-euc", line]);
  const close = (...allowed: string[]): Promise<string> =>
    inside(
      `mkdir -p ${folder}/allow; echo '<p>Back soon</p>' >${folder}/page.html; ${allowed.map((address) => `touch ${folder}/allow/${address}; `).join("")}touch ${folder}/on`,
    );
  afterEach(() => inside(`rm -rf ${folder}`));

  test.each([
    ["a page", "https://shop.test/a?b", []],
    ["a POST with a body", "https://shop.test/", ["--data", "x".repeat(2000)]],
    ["an upload without an announced length", "https://shop.test/", ["--http2", "-X", "GET", "-T", "/etc/hostname"]],
    ["the page's own path", "https://shop.test/.maintenance-page", []],
  ])("answers %s with 503, Retry-After, the page, and the security headers", async (_, url, args) => {
    await close();
    const { status, headers, body } = await nginx.ask(url, args);
    expect([status, headers["retry-after"], headers["content-type"]]).toEqual(
      url.endsWith("-page") ? [404, undefined, "text/html"] : [503, "300", "text/html"],
    );
    if (status === 503) expect(body).toBe("<p>Back soon</p>\n");
    expect(headers["strict-transport-security"]).toBe("max-age=63072000");
    expect(headers["content-security-policy"]).toBeDefined();
  });

  test("begins and ends without a reload; other sites do not notice", async () => {
    expect(await statusOf("https://shop.test/")).toBe(200);
    await close();
    expect([await statusOf("https://shop.test/"), await statusOf("https://pair.test/")]).toEqual([503, 200]);
    await inside(`rm ${folder}/on`);
    const { status, headers } = await nginx.ask("https://shop.test/");
    expect([status, headers["retry-after"]]).toEqual([200, undefined]);
  });

  test("leaves the health path open, and the challenges of the certificate authority", async () => {
    await close();
    expect(await statusOf("https://shop.test/api/health")).toBe(200);
    await inside("mkdir -p /var/www/acme/.well-known/acme-challenge; echo ok >$_/token");
    expect((await nginx.ask("http://shop.test/.well-known/acme-challenge/token")).body).toBe("ok\n");
  });

  test("shows the site to the allowed addresses, over IPv6, too", async () => {
    await close("203.0.113.9", "::1");
    const from = (address: string, ...args: string[]): Promise<number> =>
      statusOf("https://shop.test/", ["--interface", address, ...args]);
    expect(await from("203.0.113.9")).toBe(200);
    expect(await from(proxy)).toBe(503);
    const overIpv6 = ["--resolve", "shop.test:443:[::1]", "-6"];
    expect(await statusOf("https://shop.test/", overIpv6)).toBe(200);
    await inside(`rm ${folder}/allow/::1`);
    expect(await statusOf("https://shop.test/", overIpv6)).toBe(503);
  });
});

describe("limits", () => {
  test("only WebSocket is passed on as an upgrade, so that h2c cannot lead past the site's configuration", async () => {
    const upgrade = async (to: string): Promise<string | undefined> =>
      (
        await told("https://shop.test/", [
          "--http1.1",
          "-H",
          "Connection: Upgrade, HTTP2-Settings",
          "-H",
          `Upgrade: ${to}`,
        ])
      )["upgrade"];
    expect(await upgrade("h2c")).toBeUndefined();
    expect(await upgrade("websocket")).toBe("websocket");
  });

  test("one address has 30 requests at one time; a client behind a trusted proxy counts by its own address", async () => {
    const many = async (name: string, address: (index: number) => string): Promise<Record<string, number>> => {
      const one = (index: number) =>
        statusOf(`https://${name}/hold`, ["--interface", proxy, "-H", `X-Forwarded-For: ${address(index)}`]);
      const statuses = await Promise.all(Array.from({ length: 34 }, (_, index) => one(index)));
      return Object.fromEntries(
        [200, 429].map((status) => [status, statuses.filter((found) => found === status).length]),
      );
    };
    expect(await many("behind.test", () => "192.0.2.1")).toEqual({ 200: 30, 429: 4 });
    expect(await many("behind.test", (index) => `192.0.2.${String(index + 1)}`)).toEqual({ 200: 34, 429: 0 });
  });
});

describe("headers", () => {
  test("of a response can have 17 KB", async () => {
    const { status, headers } = await nginx.ask("https://shop.test/wide");
    expect(status).toBe(200);
    expect(headers["set-cookie"]).toHaveLength(3 * 3906 + 2 * " and ".length);
  });

  test.each(["--http1.1", "--http2"])("of a request can have a cookie of 12 KB (%s)", async (version) => {
    const cookie = `a=${"x".repeat(12_000)}`;
    expect((await told("https://shop.test/", [version, "-H", `Cookie: ${cookie}`]))["cookie"]).toBe(cookie);
  });
});
