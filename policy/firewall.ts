import { filesOfFormat } from "./file-entries";
import * as kinds from "./kinds";
import { parseNftables, type Statement } from "./nftables-text";
import { byCondition, condition, fact, factsOf, resourceRule, type Condition, type Fact } from "./rule";

/** A statement with the hook of its chain. The hook is undefined outside a base chain. */
interface Hooked {
  readonly statement: Statement;
  readonly hook: string | undefined;
}

const chainOf = ({ blocks }: Statement): string => blocks.join("/");

function withHooks(statements: readonly Statement[]): Hooked[] {
  const hooks = new Map<string, string>();
  for (const statement of statements) {
    const hook = /^type \w+ hook (\w+)/.exec(statement.text)?.[1];
    if (hook !== undefined) hooks.set(chainOf(statement), hook);
  }
  return statements.map((statement) => ({ statement, hook: hooks.get(chainOf(statement)) }));
}

/** Comments and log prefixes decide nothing. */
const withoutTexts = (text: string): string => text.replaceAll(/ (comment|prefix) "[^"]*"/g, "");

/** The values of a match, such as 22 and 80 in `tcp dport { 22 , 80 }`. Undefined without such a match. */
function valuesOf(text: string, match: string): string[] | undefined {
  const pattern = new RegExp(`(?:^| )${match} (?:\\{ ([^{}]*) \\}|([^ ]+(?: , [^ ]+)*))(?= |$)`);
  const [, set, list] = pattern.exec(text) ?? [];
  return (set ?? list)
    ?.split(",")
    .map((value) => value.trim().replaceAll('"', ""))
    .filter((value) => value !== "");
}

const isWithin = (values: readonly string[] | undefined, allowed: readonly string[]): boolean =>
  values !== undefined && values.length > 0 && values.every((value) => allowed.includes(value));

const privateAddress = /^(10|192\.168|172\.(1[6-9]|2\d|3[01]))\.[\d./]+$/;

const isPrivate = (text: string, match: string): boolean =>
  valuesOf(text, match)?.every((value) => privateAddress.test(value)) ?? false;

/** A service of the server for its own containers. */
const isBetweenPrivateAddresses = (text: string): boolean =>
  isPrivate(text, "ip saddr") &&
  isPrivate(text, "ip daddr") &&
  /^\d+$/.test(valuesOf(text, "(?:tcp|udp) dport")?.[0] ?? "");

const controlMessages = ["icmp", "icmpv6", "ipv6-icmp"];
const answers = /^ct state vmap \{ ((established|related) : accept( , )?)+(invalid : drop)? ?\}$/;

/** Whether a rule that accepts packets to the server accepts only answers, control messages and the open ports. */
function isNarrow(text: string, openPorts: readonly number[]): boolean {
  if (answers.test(text)) return true;
  if (/\bvmap\b|!=/.test(text)) return false;
  return (
    isWithin(valuesOf(text, "ct state"), ["established", "related"]) ||
    isWithin(valuesOf(text, "iif(?:name)?"), ["lo"]) ||
    isWithin(valuesOf(text, "(?:meta l4proto|ip protocol|ip6 nexthdr)"), controlMessages) ||
    /(^| )icmp(v6)? type /.test(text) ||
    /^ip6 saddr fe80::\/10 udp dport 546( |$)/.test(text) ||
    isWithin(valuesOf(text, "(?:tcp|udp) dport"), openPorts.map(String)) ||
    isBetweenPrivateAddresses(text)
  );
}

/** They send packets elsewhere. */
const redirects = /\b(dnat|snat|redirect|tproxy|masquerade|queue|dup|fwd)\b/;

/** A packet passes every base chain of its hook, so an accept in another chain than input does not open the server. */
function holdsRule(rule: string, hook: string | undefined, openPorts: readonly number[]): boolean {
  const text = withoutTexts(rule);
  if (redirects.test(text)) return false;
  // The facts of the input chain check it.
  if (/^policy \w+$/.test(text)) return true;
  if (!/\baccept\b/.test(text) || (hook !== undefined && hook !== "input")) return true;
  return isNarrow(text, openPorts);
}

const ownTable = /^((add|delete|destroy) )?table (inet|ip|ip6) vps(-[a-z0-9-]+)?$/;
const innerBlock = /^(chain|set) [a-z][a-z0-9_-]*$/;
const include = /^include "\/etc\/nftables\.d\/vps\/\*\.nft"$/;
const baseChain = /^type filter hook \w+ priority [\w+ -]+$/;
const notAllowed = /^(include|define|redefine|undefine|flush|reset|rename|insert|replace|import|monitor)\b/;

/** A file that vps.nft includes in its input chain: rules without a table. */
const isSnippet = (path: string): boolean => path.startsWith("/etc/nftables.d/vps/");

function holdsStatement(path: string, { statement, hook }: Hooked, openPorts: readonly number[]): boolean {
  const { text, blocks, opensBlock } = statement;
  if (include.test(text)) return blocks.length === 2;
  if (notAllowed.test(text)) return false;
  if (opensBlock) return blocks.length === 0 ? ownTable.test(text) : blocks.length === 1 && innerBlock.test(text);
  if (blocks.length === 0 && !isSnippet(path)) return ownTable.test(text);
  if (/^type \w+ hook\b/.test(text)) return baseChain.test(text);
  return holdsRule(text, hook, openPorts);
}

/** The policies of the input chains. */
function inputPolicies(statements: readonly Statement[]): string[] {
  const inputs = withHooks(statements).filter(({ hook }) => hook === "input");
  const chains = [...new Set(inputs.map(({ statement }) => chainOf(statement)))];
  return chains.flatMap((chain) => {
    const policies = statements.filter((statement) => chainOf(statement) === chain && /^policy /.test(statement.text));
    return policies.length === 0 ? ["policy accept (the default)"] : policies.map(({ text }) => text);
  });
}

function* firewallFacts(path: string, content: () => string, port: () => number): Generator<Fact<Condition>> {
  const statements = fact(path, () => parseNftables(content())).value();
  for (const hooked of withHooks(statements)) {
    yield condition(
      `${path} line ${hooked.statement.line}`,
      () => hooked.statement.text,
      () => holdsStatement(path, hooked, [22, 80, 443, port()]),
    );
  }
  if (isSnippet(path)) return;
  yield condition(
    `policy of the input chain in ${path}`,
    () => inputPolicies(statements),
    (policies) => policies.length > 0 && policies.every((policy) => policy === "policy drop"),
  );
}

export const firewallRules = resourceRule({
  name: "firewall-rules",
  why: "The firewall is a table of its own that drops what no rule accepts, and its rules accept only ssh, http, https, answers and control messages. `flush ruleset` removes Docker's rules and with them the app's network; a wide rule opens every port of the server",
  source: "CIS Debian Linux Benchmark 4.3; wiki.nftables.org, Simple ruleset for a server",
  fix: "keep `policy drop`, accept only the ports of host/sets/firewall.ts, replace the table with `delete table inet vps`, and never flush the ruleset",
  facts: [
    factsOf(kinds.fileSet, function* (set, _, stack) {
      for (const [path, file] of filesOfFormat(set, "nftables", stack)) {
        yield* firewallFacts(
          path,
          () => file.content,
          () => set.connection.port,
        );
      }
    }),
  ],
  ...byCondition,
});
