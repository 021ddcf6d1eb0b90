import { describe, expect, test } from "vitest";
import { dnsWarnings, preflight, serverProblems } from "../../../host/preflight/preflight";
import { deployment } from "../../support/deployment";
import { FakeHost } from "../../support/fake-host";

const fine = "disk\t/\t20000\t9000\nactive\t\n";
const connection = { host: "127.0.0.1", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
const args = {
  connection,
  app: "app",
  owner: "infra/prod/app",
  domains: ["app.example.com"],
  subnet: "10.213.0.0/16",
  memoryMb: 512,
};

const inventory = (memory: string): string =>
  [
    ...["begin", "os\tdebian\t12\tx86_64\t6.1\tsystemd", memory, `clock\t${Math.round(Date.now() / 1000)}`],
    ...["ipv6\tyes", "login\troot\t0\t/bin/bash\troot", "docker\tnone\t\t", "nginx\t"],
  ].join("\n");

function look(facts: string, found: string) {
  const text = found === "" ? "" : `${found}\n${facts}end\n`;
  const host = new FakeHost({ "inventory/inventory.sh": text });
  return preflight({ ...args, data: [], adopt: [], allow: [], claims: {} }, host);
}

describe("preflight", () => {
  test("a server that lacks nothing", async () => {
    expect(await look(fine, inventory("memory\t2000"))).toEqual({
      warnings: [],
      rolledBack: [],
      served: [],
      subnet: "10.213.0.0/16",
      identity: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      architecture: "x86_64",
    });
  });

  test("tells what serves and what served, and warns of each record that cannot be read", async () => {
    const good = deployment({ imageTag: "aaaaaaa", release: "11", digest: "sha256:a" });
    const records = [
      `record\tdeploy-1.json\t${JSON.stringify(good)}`,
      'record\tdeploy-2.json\t{ "id": "deploy-2", "reason": "a=b',
      `record\tdeploy-3.json\t${JSON.stringify({ ...good, status: "rolled_back", tagRefused: true, imageTag: "bad" })}`,
    ];
    const found = await look(
      `${fine.replace("active\t", "active\t11")}${records.join("\n")}\n`,
      inventory("memory\t2000"),
    );
    const image = { tag: "aaaaaaa", digest: "sha256:a" };
    expect(found).toMatchObject({ served: [image], rolledBack: [{ tag: "bad" }] });
    expect(found.warnings).toEqual([expect.stringContaining("/var/lib/app/deployments/deploy-2.json cannot be read")]);
  });

  test("names every problem in one report, each with its choices", async () => {
    await expect(look(fine.replace("9000", "100"), inventory("memory\t256"))).rejects.toThrow(
      `preflight of root@127.0.0.1: 
    - the server has 256 MB of memory; the app alone may use 512 MB
        - pulumi config set --path app.memoryMb <less>
        - or rent a larger server
    - 100 MB are free on /, 2048 are needed
        - du -xh / | sort -h | tail   shows what takes them
  next: fix these and run \`pulumi up\` again; nothing was changed`,
    );
  });

  test("a login shell that does not run scripts is never taken for a server without problems", async () => {
    await expect(look(fine, "")).rejects.toThrow("the login shell did not run a script to its end");
  });
});

describe("dnsWarnings", () => {
  const host = { name: "203.0.113.7", v4: ["203.0.113.7"], v6: [] };
  const own = ["10.0.0.5", "2001:db8::7"];
  const name = (v4: readonly string[], v6: readonly string[] = [], called = "app.example.com") => ({
    name: called,
    v4,
    v6,
  });

  test.each([
    ["an A record", name(["203.0.113.7"])],
    ["an A record and an AAAA record in another form", name(["203.0.113.7"], ["2001:DB8:0:0:0:0:0:7"])],
    ["an AAAA record alone", name([], ["2001:db8::7"])],
  ])("none for a name that leads to the server by %s", (_, found) => {
    expect(dnsWarnings([found], host, own)).toEqual([]);
  });

  test.each([
    [["198.51.100.9", "198.51.100.10"], "leads to 198.51.100.9, 198.51.100.10"],
    [[], "does not resolve"],
  ])("%j", (found, leads) => {
    expect(dnsWarnings([name(found)], host, own)).toEqual([
      `DNS: app.example.com ${leads}, not to 203.0.113.7: set an A record for app.example.com to the VPS's address; until it is there, no certificate is issued`,
    ]);
  });

  test("an AAAA record that leads elsewhere is named: the authority asks it first", () => {
    expect(dnsWarnings([name(["203.0.113.7"], ["2001:db8::9"])], host, own)).toEqual([
      "DNS: the AAAA record of app.example.com leads to 2001:db8::9, not to 203.0.113.7: set it to the VPS's IPv6 address or remove it; until then, no certificate is issued",
    ]);
  });

  test("each name of the site is looked at", () => {
    const names = [name(["203.0.113.7"]), name([], [], "www.example.com")];
    expect(dnsWarnings(names, host, own)).toEqual([expect.stringMatching(/^DNS: www\.example\.com does not resolve/)]);
  });
});

describe("serverProblems", () => {
  const problems = (text: string) =>
    serverProblems(
      { ...args, data: [], adopt: [], allow: [], claims: {} },
      new FakeHost({ "inventory/inventory.sh": text }),
    );

  test("none on a good server, all of them on another one, without an error", async () => {
    expect(await problems(`${inventory("memory\t2000")}\n${fine}end\n`)).toEqual([]);
    const bad = `${inventory("memory\t256")}\n${fine.replace("9000", "100")}end\n`;
    expect((await problems(bad)).map(({ fact }) => fact)).toEqual([
      "the server has 256 MB of memory; the app alone may use 512 MB",
      "100 MB are free on /, 2048 are needed",
    ]);
  });

  test("a login shell that does not run scripts is the problem", async () => {
    expect((await problems("")).map(({ fact }) => fact)).toEqual(["the login shell did not run a script to its end"]);
  });
});
