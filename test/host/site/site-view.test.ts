import { describe, expect, test } from "vitest";
import { gateSchema } from "../../../host/rollout/inputs";
import { judgeSite, parseSiteView, type SiteView } from "../../../host/site/site-view";

const gate = gateSchema.parse({});
const healthy = {
  kind: "answer" as const,
  seconds: 0.01,
  http: "2",
  status: 200,
  body: JSON.stringify({ status: "healthy", checks: { database: { status: "up" } }, version: "4f2c1e9" }),
};
const none = (cause: string) => ({ kind: "none" as const, cause });
const good: SiteView = {
  release: "0a0b0c0d",
  nginx: "active",
  socket: "active",
  proxy: "active",
  public: healthy,
  direct: healthy,
};
const judge = (parts: Partial<SiteView>) => judgeSite("memoryloop", { ...good, ...parts }, gate);

describe("judgeSite", () => {
  test("a healthy answer through nginx is a site that serves, with its version", () => {
    expect(judge({})).toEqual({ serves: true, version: "4f2c1e9" });
  });

  test("a dead nginx is named, although the app is healthy", () => {
    expect(judge({ nginx: "failed", public: none("curl: (7) Failed to connect") })).toEqual({
      serves: false,
      cause: "nginx is failed",
      fix: "on the server: nginx -t && systemctl restart nginx; its log: journalctl -u nginx",
    });
  });

  test.each([
    ["failed", "failed"],
    ["active", "failed"],
    ["inactive", "inactive"],
  ])("a socket that is %s with a proxy that is %s is named", (socket, proxy) => {
    const bad = { ...healthy, status: 502, body: "" };
    expect(judge({ socket, proxy, public: bad, direct: none("curl: (7)") })).toEqual({
      serves: false,
      cause: `the socket of release 0a0b0c0d is ${socket} and its proxy is ${proxy}`,
      fix: "on the server: systemctl reset-failed memoryloop-release@0a0b0c0d.socket memoryloop-release@0a0b0c0d.service; systemctl restart memoryloop-release@0a0b0c0d.socket",
    });
  });

  test("an app that is not healthy is named when nginx and socket are good", () => {
    const bad = { ...healthy, status: 500, body: "" };
    expect(judge({ public: bad, direct: bad })).toMatchObject({
      serves: false,
      cause: "the app: answered 500, not 200",
    });
  });

  test("a certificate that is not valid is a problem of nginx", () => {
    expect(judge({ public: none("curl: (60) certificate has expired") })).toMatchObject({
      serves: false,
      cause: "the app is healthy, but through nginx: no answer: curl: (60) certificate has expired",
    });
  });

  test("before the first deployment there is nothing to serve", () => {
    expect(judge({ release: "", public: none("curl: (7)") })).toMatchObject({ cause: "no release is deployed" });
  });
});

test("parseSiteView refuses an answer of another kind", () => {
  expect(() => parseSiteView(JSON.stringify({ ...good, public: { kind: "odd" } }))).toThrow();
});
