import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { keptAssets } from "../../../host/nginx/kept-assets";
import { bodyLength, PrivateNginx } from "../../support/private-nginx";
import { siteSettings } from "../../support/site-settings";

describe("keptAssets", () => {
  test("is nothing without a path", () => {
    expect(keptAssets("shop", {}, false)).toEqual([]);
  });

  test("asks the app first, and reads one folder", () => {
    expect(keptAssets("shop", { "/_next/static/": "/app/.next/static" }, false)).toEqual([
      "# Files that other releases have for pages of theirs (site.keepAssets). The release that serves is asked first.",
      'set $kept_asset_cache "";',
      "add_header Cache-Control $kept_asset_cache;",
      "error_page 404 = @kept_asset;",
      "error_page 422 = @closing_asset;",
      "location ^~ /_next/static/ {",
      "    if ($maintenance) {",
      "        return 417;",
      "    }",
      "    if (-f /run/nginx-closing) {",
      "        return 422;",
      "    }",
      "    if ($is_from_another_site) {",
      "        gzip off;",
      "    }",
      "    client_max_body_size 64k;",
      "    recursive_error_pages on;",
      "    proxy_intercept_errors on;",
      "    proxy_pass http://shop;",
      "}",
      "location @closing_asset {",
      "    keepalive_timeout 0;",
      "    gzip off;",
      "    client_max_body_size 64k;",
      "    recursive_error_pages on;",
      "    proxy_intercept_errors on;",
      "    proxy_pass http://shop;",
      "}",
      "location @kept_asset {",
      "    root /var/lib/shop/assets/served;",
      '    set $kept_asset_cache "public, max-age=31536000, immutable";',
      "    include /etc/nginx/mime.types;",
      "    types {",
      "        text/javascript mjs;",
      "        application/manifest+json webmanifest;",
      "        application/json map;",
      "    }",
      "    charset utf-8;",
      "    charset_types text/css text/plain application/javascript text/javascript;",
      "    try_files $uri =404;",
      "}",
    ]);
  });
});

describe("a site that keeps assets", () => {
  const keepAssets = { "/_next/static/": "/app/.next/static", "/fonts/": "/app/public/fonts" };
  const sites = [
    siteSettings("shop", "shop.test", { keepAssets, contentSecurityPolicy: "app" }),
    siteSettings("pair", "pair.test", { keepAssets, headers: "app" }),
    siteSettings("bare", "bare.test"),
  ];
  let nginx: PrivateNginx;
  let asked: string[] = [];

  /** The app has files of its own in `/own/`, and sends security headers with each answer. */
  const app: RequestListener = (request, response) => {
    asked.push(`${request.method ?? ""} ${request.url ?? ""}`);
    void bodyLength(request).then(() => {
      const found = request.url?.includes("own") === true;
      response.writeHead(found ? 200 : 404, {
        "content-type": "text/plain",
        "cache-control": found ? "public, max-age=60" : "no-store",
        "x-content-type-options": "of the app",
        etag: found ? "own" : "missing",
      });
      response.end(found ? "of the release that serves" : "the app's own page for 404");
    });
  };

  function keep(name: string, path: string, content: string): void {
    const file = nginx.path("var/lib", name, "assets/served", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  const ask = (path: string, ...args: string[]) => nginx.ask(`https://shop.test${path}`, args);

  beforeAll(async () => {
    nginx = await PrivateNginx.start(...sites);
    for (const { app: name } of sites) {
      await nginx.serve(name, app);
      for (const file of ["own.js", "a-1.js", "a-1.mjs", "a-1.css", "a-1.webmanifest", "a-1.js.map", "a-1.woff2"])
        keep(name, `_next/static/${file}`, `kept ${file}`);
      keep(name, "_next/static/[slug]/page-1.js", "kept, of a page with a parameter");
      keep(name, "elsewhere.js", "kept, but below no path");
    }
  });
  afterAll(() => nginx.dispose());

  test("answers with the file of the release that serves", async () => {
    const { status, headers, body } = await ask("/_next/static/own.js");
    expect([status, body, headers["cache-control"]]).toEqual([200, "of the release that serves", "public, max-age=60"]);
  });

  test.each(["--http1.1", "--http2"])("answers with a kept file where the app has none (%s)", async (version) => {
    asked = [];
    const { status, headers, body } = await ask("/_next/static/a-1.js?dpl=1", version);
    expect([status, body]).toEqual([200, "kept a-1.js"]);
    expect(asked).toEqual(["GET /_next/static/a-1.js?dpl=1"]);
    expect(headers).toMatchObject({
      "content-type": "application/javascript; charset=utf-8",
      "content-length": "11",
      "cache-control": "public, max-age=31536000, immutable",
      "x-content-type-options": "nosniff",
      "strict-transport-security": "max-age=63072000",
    });
    expect(headers["etag"]).not.toBe("missing");
  });

  test.each([
    ["a-1.css", "text/css; charset=utf-8"],
    ["a-1.mjs", "text/javascript; charset=utf-8"],
    ["a-1.webmanifest", "application/manifest+json"],
    ["a-1.js.map", "application/json"],
    ["a-1.woff2", "font/woff2"],
  ])("knows the type of %s", async (file, type) => {
    expect((await ask(`/_next/static/${file}`)).headers["content-type"]).toBe(type);
  });

  test("reads names as browsers write them", async () => {
    expect((await ask("/_next/static/%5Bslug%5D/page-1.js")).body).toBe("kept, of a page with a parameter");
  });

  test("tells a cache nothing about a file that nobody has", async () => {
    const { status, headers } = await ask("/_next/static/none.js");
    expect([status, headers["cache-control"], headers["x-content-type-options"]]).toEqual([404, undefined, "nosniff"]);
  });

  test.each(["/_next/static/", "/_next/static/%2e%2e/%2e%2e/elsewhere.js", "/_next/static/../../elsewhere.js"])(
    "shows neither a folder nor anything beside it: %s",
    async (path) => {
      expect((await ask(path, "--path-as-is")).body).not.toContain("kept");
    },
  );

  test("has nothing for another path: the app's own page stays", async () => {
    const { status, body } = await ask("/elsewhere.js");
    expect([status, body]).toEqual([404, "the app's own page for 404"]);
  });

  test("answers HEAD, and no other method, with a kept file", async () => {
    const { status, headers } = await ask("/_next/static/a-1.js", "--head");
    expect([status, headers["content-length"]]).toEqual([200, "11"]);
    for (const method of ["POST", "PUT", "DELETE"]) {
      asked = [];
      const answer = await ask("/_next/static/a-1.js", "-X", method, "--data", "x");
      expect([answer.status, asked]).toEqual([405, [`${method} /_next/static/a-1.js`]]);
    }
  });

  test("does so in the moment of a reload, and closes the connection", async () => {
    await nginx.inside("touch", ["/run/nginx-closing"]);
    const kept = await ask("/_next/static/a-1.js", "--http1.1");
    const own = await ask("/_next/static/own.js", "--http1.1");
    await nginx.inside("rm", ["/run/nginx-closing"]);
    expect([kept.status, kept.body, kept.headers["connection"]]).toEqual([200, "kept a-1.js", "close"]);
    expect([own.status, own.headers["connection"]]).toEqual([200, "close"]);
  });

  test("is closed during a maintenance", async () => {
    await nginx.inside("bash", [
      "-c",
      "mkdir -p /var/lib/shop/maintenance; touch $_/on; echo later >/var/lib/shop/maintenance/page.html",
    ]);
    const { status, body } = await ask("/_next/static/a-1.js");
    await nginx.inside("rm", ["-r", "/var/lib/shop/maintenance"]);
    expect([status, body]).toEqual([503, "later\n"]);
  });

  test("where the app sets the security headers, those of its 404 do not stand for those of the file", async () => {
    const { headers, body } = await nginx.ask("https://pair.test/_next/static/a-1.js");
    expect([body, headers["x-content-type-options"]]).toEqual(["kept a-1.js", "nosniff"]);
    const own = await nginx.ask("https://pair.test/_next/static/own.js");
    expect(own.headers["x-content-type-options"]).toBe("of the app");
  });

  test("without the key, the app answers everything", async () => {
    const { status, body } = await nginx.ask("https://bare.test/_next/static/a-1.js");
    expect([status, body]).toEqual([404, "the app's own page for 404"]);
  });

  test("nginx starts without the folder", async () => {
    rmSync(nginx.path("var/lib/shop/assets"), { recursive: true });
    expect((await ask("/_next/static/a-1.js")).status).toBe(404);
  });
});
