import { describe, expect, test } from "vitest";
import { isAtLeast, operatorChecks } from "../../../ops/doctor/operator-checks";
import type { OperatorFacts } from "../../../ops/doctor/operator-facts";
import { hostFacts } from "../../support/status";

const good = <T>(value: T) => ({ ok: true as const, value });
const failure = { ok: false as const, cause: "no answer", fix: "" };
const facts: OperatorFacts = {
  node: "22.1.0",
  pulumi: good("3.250.0"),
  agentKeys: good(1),
  siteAddresses: good(["203.0.113.7"]),
  serverAddresses: good(["203.0.113.7"]),
  registry: good(401),
  b2: good(200),
  github: good(200),
  now: Date.parse("2026-11-26T12:00:05Z"),
};

/** The checks of facts with these parts, that do not simply pass. */
const found = (parts: Partial<OperatorFacts>): string[] =>
  operatorChecks({ ...facts, ...parts }, good(hostFacts), false)
    .filter(({ ok, warn }) => !ok || warn)
    .map(({ check, ok, detail, fix }) => `${ok ? "warn" : "FAIL"} ${check}: ${detail} | ${fix ?? ""}`);

test.each([
  ["3.250.0", "3.250.0", true],
  ["3.249.9", "3.250.0", false],
  ["4.0.0", "3.250.0", true],
  ["20.9.0", "20.19.0", false],
])("isAtLeast %s %s", (version, least, expected) => {
  expect(isAtLeast(version, least)).toBe(expected);
});

describe("operatorChecks", () => {
  test("a good machine passes all", () => {
    expect(found({})).toEqual([]);
    expect(operatorChecks(facts, good(hostFacts), false)).toHaveLength(8);
  });

  test.each<[Partial<OperatorFacts>, string]>([
    [
      { node: "18.0.0" },
      "FAIL Node.js is supported: 18.0.0 is older than 20.19.0 | install Node.js 22 or 24: https://nodejs.org",
    ],
    [
      { pulumi: failure },
      "FAIL the Pulumi CLI is supported: it cannot be started: no answer | install version 3.250.0 or later: https://www.pulumi.com/docs/install/",
    ],
    [
      { pulumi: good("3.90.0") },
      "FAIL the Pulumi CLI is supported: 3.90.0 is older than 3.250.0 | install version 3.250.0 or later: https://www.pulumi.com/docs/install/",
    ],
    [
      { agentKeys: failure },
      "FAIL the ssh agent has a key: no answer | start an agent and add your key: eval $(ssh-agent) && ssh-add",
    ],
    [{ agentKeys: good(0) }, "FAIL the ssh agent has a key: it has no key | add your key: ssh-add"],
    [
      { agentKeys: good(8) },
      "warn the ssh agent has a key: 8 keys | a server refuses a login after 6 keys: remove some with ssh-add -d",
    ],
    [
      { now: Date.parse("2026-11-26T12:02:00Z") },
      "FAIL the clocks of this machine and of the server agree: this machine is 120 s ahead | set the wrong one: timedatectl set-ntp true",
    ],
    [
      { siteAddresses: failure },
      "FAIL DNS points at the server: no answer | set the A record of the domain to the address of the server",
    ],
    [
      { siteAddresses: good(["198.51.100.1"]) },
      "warn DNS points at the server: 198.51.100.1 is not the address in host.host | correct the record, unless a proxy such as Cloudflare is in front of the server, or it is the server's IPv6",
    ],
    [
      { registry: good(503) },
      "warn the registry answers: it answered 503 | a tag that served before needs no registry; for others: check image.repository and the network",
    ],
    [
      { b2: good(401) },
      "warn B2 accepts the master key: it answered 401 | export B2_APPLICATION_KEY_ID and B2_APPLICATION_KEY with the bucket's master key; pulumi up needs them",
    ],
    [
      { github: good(401) },
      "warn GitHub accepts GITHUB_TOKEN: it answered 401 | check the network; if GitHub refuses the token, make a new one and export it as GITHUB_TOKEN. Deployments need neither",
    ],
  ])("%#", (parts, expected) => {
    expect(found(parts)).toEqual([expected]);
  });

  test("a stack without backups and a machine without a token have fewer checks; so has an address given by hand", () => {
    expect(
      operatorChecks({ ...facts, b2: undefined, github: undefined }, failure, true).map(({ check }) => check),
    ).toEqual([
      "Node.js is supported",
      "the Pulumi CLI is supported",
      "the ssh agent has a key",
      "the registry answers",
    ]);
  });
});
