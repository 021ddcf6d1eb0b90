import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clientAddress, renderMaintenance } from "../../ops/commands/maintenance";
import { PrivateHost } from "../support/private-host";

let host: PrivateHost;

beforeAll(() => {
  host = new PrivateHost();
  host.bash("mkdir -p /var/lib/shop /var/lib/old /etc/nginx/sites-available", ["mkdir"]);
  host.write("/etc/nginx/sites-available/shop.conf", "if (-f /var/lib/shop/maintenance/on) {\n");
  host.write("/etc/nginx/sites-available/old.conf", "server {}\n");
});
afterAll(() => {
  host.dispose();
});

const run = (args: readonly string[], page = "") => host.run("maintenance/maintenance.sh", args, page);
const state = (args: readonly string[], page = ""): unknown => JSON.parse(run(args, page).stdout);

describe("maintenance.sh", () => {
  test("is off at first, and off can be repeated", () => {
    expect(state(["shop", "status"])).toEqual({ state: "off", since: null, allow: [] });
    expect(state(["shop", "off"])).toEqual({ state: "off", since: null, allow: [] });
  });

  test("begins with page and addresses; a repeat replaces both and keeps the time", () => {
    const since = expect.stringMatching(/^\d{4}-.*Z$/) as string;
    expect(state(["shop", "on", "203.0.113.7", "2001:db8::7"], "one")).toEqual({
      ...{ state: "on", since, allow: ["2001:db8::7", "203.0.113.7"] },
    });
    const { since: first } = state(["shop", "status"]) as { since: string };
    expect(state(["shop", "on", "203.0.113.8"], "two")).toEqual({ state: "on", since: first, allow: ["203.0.113.8"] });
    expect(host.bash("cat /var/lib/shop/maintenance/page.html", ["cat"]).stdout).toBe("two");
  });

  test("nginx's user can read everything", () => {
    const listed = host.bash("find /var/lib/shop/maintenance ! -perm -o=r -o -type d ! -perm -o=x", ["find"]);
    expect(listed.stdout).toBe("");
  });

  test("ends", () => {
    expect(state(["shop", "off"])).toMatchObject({ state: "off" });
  });

  test("an app that is not deployed, and a site of an earlier version, are refused", () => {
    expect(run(["nobody", "on"]).stderr).toBe("nobody is not deployed on this server\n");
    expect(run(["old", "on"]).stderr).toContain("knows no maintenance: run pulumi up first");
  });
});

test("renderMaintenance", () => {
  expect(renderMaintenance({ state: "off", since: null, allow: [] }, "shop.test")).toBe("shop.test is open");
  const on = { state: "on" as const, since: "2026-11-26T16:00:00Z", allow: ["203.0.113.7"] };
  expect(renderMaintenance(on, "shop.test")).toBe(
    "shop.test answers 503 since 2026-11-26T16:00:00Z; 203.0.113.7 see the site. To end it: ops maintenance off",
  );
});

test("clientAddress is the form in which nginx names a client", () => {
  expect(clientAddress("2001:DB8:0:0::7")).toBe("2001:db8::7");
  expect(() => clientAddress("203.0.113.0/24")).toThrow("no IP address");
});
