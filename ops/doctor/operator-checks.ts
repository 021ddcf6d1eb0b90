import type { HostFacts } from "../../host/status/host-facts";
import type { CheckResult } from "../check";
import type { Source } from "../source";
import type { OperatorFacts } from "./operator-facts";

/** package.json and README name the same versions. */
const oldest = { node: "20.19.0", pulumi: "3.250.0" };
/** sshd's MaxAuthTries is 6 by default. */
const mostKeys = 6;
const clockSeconds = 30;

const good = (check: string, detail: string): CheckResult => ({ check, ok: true, detail });
const bad = (check: string, detail: string, fix: string): CheckResult => ({ check, ok: false, detail, fix });
const doubtful = (check: string, detail: string, fix: string): CheckResult => ({
  check,
  ok: true,
  warn: true,
  detail,
  fix,
});

/** Whether a version is at least another one; both as three numbers. */
export function isAtLeast(version: string, least: string): boolean {
  const [found, needed] = [version, least].map((text) => text.split(".").map((part) => Number.parseInt(part, 10)));
  for (const [at, number] of (needed ?? []).entries()) {
    const own = found?.[at] ?? 0;
    if (own !== number) return own > number;
  }
  return true;
}

const nodeCheck = ({ node }: OperatorFacts): CheckResult =>
  isAtLeast(node, oldest.node)
    ? good("Node.js is supported", node)
    : bad(
        "Node.js is supported",
        `${node} is older than ${oldest.node}`,
        "install Node.js 22 or 24: https://nodejs.org",
      );

function pulumiCheck({ pulumi }: OperatorFacts): CheckResult {
  const check = "the Pulumi CLI is supported";
  const fix = `install version ${oldest.pulumi} or later: https://www.pulumi.com/docs/install/`;
  if (!pulumi.ok) return bad(check, `it cannot be started: ${pulumi.cause}`, fix);
  return isAtLeast(pulumi.value, oldest.pulumi)
    ? good(check, pulumi.value)
    : bad(check, `${pulumi.value} is older than ${oldest.pulumi}`, fix);
}

function agentCheck({ agentKeys }: OperatorFacts): CheckResult {
  const check = "the ssh agent has a key";
  const fix = "start an agent and add your key: eval $(ssh-agent) && ssh-add";
  if (!agentKeys.ok) return bad(check, agentKeys.cause, fix);
  if (agentKeys.value === 0) return bad(check, "it has no key", "add your key: ssh-add");
  const detail = `${agentKeys.value} keys`;
  const few = `a server refuses a login after ${mostKeys} keys: remove some with ssh-add -d`;
  return agentKeys.value > mostKeys
    ? doubtful(check, detail, few)
    : good(check, agentKeys.value === 1 ? "1 key" : detail);
}

function clockCheck({ now }: OperatorFacts, host: Source<HostFacts>): readonly CheckResult[] {
  const clock = host.ok ? host.value.clock : null;
  if (clock === null) return [];
  const check = "the clocks of this machine and of the server agree";
  const apart = Math.round((now - Date.parse(clock.now)) / 1000);
  if (Math.abs(apart) <= clockSeconds) return [good(check, "")];
  const fix = "set the wrong one: timedatectl set-ntp true";
  return [bad(check, `this machine is ${Math.abs(apart)} s ${apart > 0 ? "ahead" : "behind"}`, fix)];
}

function dnsCheck({ siteAddresses: site, serverAddresses: server }: OperatorFacts): CheckResult {
  const check = "DNS points at the server";
  if (!site.ok) return bad(check, site.cause, "set the A record of the domain to the address of the server");
  const detail = site.value.join(", ");
  const foreign = site.value.filter((address) => !server.ok || !server.value.includes(address));
  if (foreign.length === 0) return good(check, detail);
  const fix =
    "correct the record, unless a proxy such as Cloudflare is in front of the server, or it is the server's IPv6";
  return doubtful(check, `${foreign.join(", ")} is not the address in host.host`, fix);
}

function statusCheck(check: string, answer: Source<number>, accepted: readonly number[], fix: string): CheckResult {
  if (!answer.ok) return bad(check, answer.cause, fix);
  return accepted.includes(answer.value) ? good(check, "") : bad(check, `it answered ${answer.value}`, fix);
}

function accountChecks({ registry, b2, github }: OperatorFacts): readonly CheckResult[] {
  const registryFix = "a tag that served before needs no registry; for others: check image.repository and the network";
  const b2Fix =
    "export B2_APPLICATION_KEY_ID and B2_APPLICATION_KEY with the bucket's master key; pulumi up needs them";
  const githubFix =
    "check the network; if GitHub refuses the token, make a new one and export it as GITHUB_TOKEN. Deployments need neither";
  return [
    statusCheck("the registry answers", registry, [200, 401], registryFix),
    ...(b2 === undefined ? [] : [statusCheck("B2 accepts the master key", b2, [200], b2Fix)]),
    ...(github === undefined ? [] : [statusCheck("GitHub accepts GITHUB_TOKEN", github, [200], githubFix)]),
  ];
}

/** Only `pulumi up` needs these accounts, so the site serves without them: no failure, but a warning. */
const asWarning = (result: CheckResult): CheckResult => (result.ok ? result : { ...result, ok: true, warn: true });

/** The checks of the operator's machine, of DNS and of the accounts. */
export const operatorChecks = (
  facts: OperatorFacts,
  host: Source<HostFacts>,
  siteIsResolved: boolean,
): readonly CheckResult[] => [
  nodeCheck(facts),
  pulumiCheck(facts),
  agentCheck(facts),
  ...clockCheck(facts, host),
  ...(siteIsResolved ? [] : [dnsCheck(facts)]),
  ...accountChecks(facts).map(asWarning),
];
