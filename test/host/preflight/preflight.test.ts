import { describe, expect, test } from "vitest";
import { dnsWarnings, preflight } from "../../../host/preflight/preflight";
import { FakeHost } from "../../support/fake-host";

const fine =
  "os=debian\nversion=12\ninit=systemd\ndocker=installed\ngroups=root\nfree_mb=9000\nfullest=/\nport80=nginx\nport443=\ndeployments=[]\n";
const connection = { host: "127.0.0.1", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
function look(facts: string) {
  const host = new FakeHost({ "preflight/preflight.sh": facts });
  return preflight({ connection, app: "app", domain: "app.example.com" }, host);
}

describe("preflight", () => {
  test("a host that lacks nothing", async () => {
    expect(await look(fine)).toEqual({ warnings: [], rolledBack: [] });
  });

  test("names every problem in one report", async () => {
    const lacking = fine.replace("debian", "alpine").replace("nginx", "apache2");
    await expect(look(lacking)).rejects.toThrow(
      `preflight of root@127.0.0.1: 
    - the host runs alpine 12: Debian or Ubuntu is needed; reinstall it with one of them
    - port 80 is taken by apache2: stop and disable it (systemctl disable --now apache2), nginx needs the port
  next: fix these and run \`pulumi up\` again; nothing was changed`,
    );
  });
});

describe("dnsWarnings", () => {
  const host = { name: "203.0.113.7", addresses: ["203.0.113.7"] };

  test("none for a domain that leads to the host", () => {
    expect(dnsWarnings("app.example.com", ["203.0.113.7"], host)).toEqual([]);
  });

  test.each([
    [["198.51.100.9", "198.51.100.10"], "leads to 198.51.100.9, 198.51.100.10"],
    [[], "does not resolve"],
  ])("%j", (found, leads) => {
    expect(dnsWarnings("app.example.com", found, host)).toEqual([
      `DNS: app.example.com ${leads}, not to 203.0.113.7: set an A record for app.example.com to the VPS's address; until it is there, no certificate is issued`,
    ]);
  });
});
