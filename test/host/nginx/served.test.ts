import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SiteSettings } from "../../../host/nginx/configuration";
import { nginxSet } from "../../../host/sets/nginx";
import { siteEntries } from "../../../host/sets/site";
import { bodyLength, PrivateNginx } from "../../support/private-nginx";

const settings: SiteSettings = {
  app: "shop",
  domain: "shop.test",
  certificate: "shop.test",
  staples: false,
  uploadLimit: "1m",
  healthPath: "/api/health",
  contentSecurityPolicy: "static",
  connectSources: [],
  connectionsPerAddress: 30,
  nginxVersion: "1.22.1",
};

let nginx: PrivateNginx;

beforeAll(async () => {
  nginx = await PrivateNginx.start({ ...nginxSet("modern").entries, ...siteEntries(settings) }, ["shop.test"]);
  await nginx.serve("shop", (request, response) => {
    void bodyLength(request).then((length) => response.end(`${request.method ?? ""} ${String(length)}`));
  });
});
afterAll(() => nginx.dispose());

describe("a body that is not announced", () => {
  const send = (method: string, kilobytes: number, version = "--http2") =>
    nginx
      .ask("https://shop.test/", [version, "-X", method, "-T", "-"], Buffer.alloc(kilobytes * 1024))
      .then(({ status }) => status);

  test.each(["GET", "DELETE"])("of %s is small over HTTP/2", async (method) => {
    expect(await send(method, 50)).toBe(200);
    expect(await send(method, 200)).toBe(413);
  });
});
