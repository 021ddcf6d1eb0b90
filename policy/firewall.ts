import { filesOfFormat } from "./file-entries";
import * as kinds from "./kinds";
import { parseNftables, type Statement } from "./nftables-text";
import { byCondition, condition, fact, factsOf, resourceRule, type Condition, type Fact } from "./rule";
import type { StackSettings } from "./stack-settings";

/** A statement with the file and the chain that it belongs to. The chain is undefined outside a chain. */
interface Placed {
  readonly path: string;
  readonly statement: Statement;
  readonly chain: string | undefined;
  /** The statement without the words that name its chain. */
  readonly text: string;
}

const mainPath = "/etc/nftables.d/vps.nft";

/** The chain that every packet to the server passes, and that drops what no rule accepts. */
const guard = "input";

const addedRule = /^add rule inet vps ([\w-]+) (.+)$/;

function placed(path: string, statement: Statement): Placed {
  const [, addedTo, rule] = addedRule.exec(statement.text) ?? [];
  if (addedTo !== undefined && rule !== undefined) return { path, statement, chain: addedTo, text: rule };
  const chain = /^chain ([\w-]+)$/.exec(statement.blocks[1] ?? "")?.[1];
  return { path, statement, chain, text: statement.text };
}

/** The chains whose accept lets a packet into the server: the guard, and the chains that it jumps to. */
function guarding(statements: readonly Placed[], from: readonly string[] = [guard]): string[] {
  const targets = statements
    .filter(({ chain }) => chain !== undefined && from.includes(chain))
    .flatMap(({ text }) => [...text.matchAll(/\b(?:jump|goto) ([\w-]+)/g)].map(([, target = ""]) => target));
  const all = [...new Set([...from, ...targets])];
  return all.length === from.length ? all : guarding(statements, all);
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

const arePrivate = (text: string, match: string): boolean =>
  valuesOf(text, match)?.every((value) => privateAddress.test(value)) ?? false;

/** A service of the server for its own containers. */
const isBetweenPrivateAddresses = (text: string): boolean =>
  arePrivate(text, "ip saddr") &&
  arePrivate(text, "ip daddr") &&
  /^\d+$/.test(valuesOf(text, "(?:tcp|udp) dport")?.[0] ?? "");

const controlMessages = ["icmp", "icmpv6", "ipv6-icmp"];
const answers = /^ct state vmap \{ ((established|related) : accept( , )?)+(invalid : drop)? ?\}$/;

/** Whether the ports of one protocol that a rule names are all open, as `22/tcp`. */
const areOpen = (text: string, protocol: "tcp" | "udp", open: readonly string[]): boolean =>
  isWithin(
    valuesOf(text, `${protocol} dport`)?.map((port) => `${port}/${protocol}`),
    open,
  );

/** Whether a rule that accepts packets to the server accepts only answers, control messages and the open ports. */
function isNarrow(text: string, open: readonly string[]): boolean {
  if (answers.test(text)) return true;
  if (/\bvmap\b|!=/.test(text)) return false;
  return (
    isWithin(valuesOf(text, "ct state"), ["established", "related"]) ||
    isWithin(valuesOf(text, "iif(?:name)?"), ["lo"]) ||
    isWithin(valuesOf(text, "(?:meta l4proto|ip protocol|ip6 nexthdr)"), controlMessages) ||
    /(^| )icmp(v6)? type /.test(text) ||
    /^ip6 saddr fe80::\/10 udp dport 546( |$)/.test(text) ||
    areOpen(text, "tcp", open) ||
    areOpen(text, "udp", open) ||
    isBetweenPrivateAddresses(text)
  );
}

/** They send packets elsewhere. */
const redirects = /\b(dnat|snat|redirect|tproxy|masquerade|queue|dup|fwd)\b/;

/** A packet must pass every base chain, so an accept in another chain than the guard does not open the server. */
function holdsRule(rule: string, isGuarding: boolean, open: readonly string[]): boolean {
  const text = withoutTexts(rule);
  if (redirects.test(text)) return false;
  return !isGuarding || !/\baccept\b/.test(text) || /^policy /.test(text) || isNarrow(text, open);
}

const ownTable = /^(add )?table inet vps$/;
const innerBlock = /^(chain|set) [a-z][a-z0-9_-]*$/;
const include = /^include "\/etc\/nftables\.d\/vps\/\*\.nft"$/;
const baseChain = /^type filter hook \w+ priority [\w+ -]+$/;
const notAllowed =
  /^(include|define|redefine|undefine|flush|reset|rename|insert|replace|import|monitor|delete|destroy|create)\b/;

/** The replacement of the whole table, which only the main file may start with. */
const isReplacement = ({ path, statement }: Placed, firstBlock: number): boolean =>
  path === mainPath && statement.line < firstBlock && /^(delete|destroy) table inet vps$/.test(statement.text);

/** Outside a block are only the table itself and rules that are added to its chains. */
const holdsOutside = ({ statement: { text, opensBlock } }: Placed): boolean =>
  ownTable.test(text) || (!opensBlock && addedRule.test(text));

interface Context {
  readonly chains: readonly string[];
  readonly open: readonly string[];
  readonly firstBlock: number;
}

function holdsStatement(one: Placed, { chains, open, firstBlock }: Context): boolean {
  const { path, statement, chain, text } = one;
  const { blocks, opensBlock } = statement;
  if (include.test(text)) return path === mainPath && (blocks.length === 0 || blocks.length === 2);
  if (isReplacement(one, firstBlock)) return true;
  if (notAllowed.test(text)) return false;
  if (blocks.length === 0 && !holdsOutside(one)) return false;
  if (opensBlock) return blocks.length === 0 || (blocks.length === 1 && innerBlock.test(text));
  if (/^type \w+ hook\b/.test(text)) return baseChain.test(text);
  return holdsRule(text, chain !== undefined && chains.includes(chain), open);
}

const placedIn = (path: string, content: string): Placed[] =>
  parseNftables(content).map((statement) => placed(path, statement));

/** The policies of the guard. A chain that is declared twice takes the last one. */
const guardPolicies = (statements: readonly Placed[]): string[] =>
  statements.filter(({ chain, text }) => chain === guard && /^policy /.test(text)).map(({ text }) => text);

const isGuarded = (statements: readonly Placed[]): boolean =>
  statements.some(({ chain, text }) => chain === guard && /^type filter hook input /.test(text));

function* firewallFacts(set: kinds.FileSet, stack: StackSettings | undefined): Generator<Fact<Condition>> {
  const files = filesOfFormat(set, "nftables", stack);
  const read = fact("firewall", () => files.flatMap(([path, file]) => placedIn(path, file.content))).value();
  const chains = guarding(read);
  const base = ["22/tcp", "80/tcp", "443/tcp"];
  for (const one of read) {
    const firstBlock =
      read.find(({ path, statement }) => path === one.path && statement.opensBlock)?.statement.line ?? 0;
    yield condition(
      `${one.path} line ${one.statement.line}`,
      () => one.statement.text,
      () => {
        const open = [...base, `${set.connection.port}/tcp`, ...(stack?.host.allow ?? [])];
        return holdsStatement(one, { chains, open, firstBlock });
      },
    );
  }
  if (files.length === 0) return;
  yield condition(
    `policy of the chain input in ${files.map(([path]) => path).join(" and ")}`,
    () => (isGuarded(read) ? guardPolicies(read) : []),
    (policies) => policies.length > 0 && policies.every((policy) => policy === "policy drop"),
  );
}

export const firewallRules = resourceRule({
  name: "firewall-rules",
  why: "The firewall is a table of its own whose input chain drops what no rule accepts, and its rules accept only ssh, http, https, the ports of host.allow, answers and control messages. `flush ruleset` removes Docker's rules and with them the app's network; a wide rule opens every port of the server",
  source: "CIS Debian Linux Benchmark 4.3; wiki.nftables.org, Simple ruleset for a server",
  fix: "keep `policy drop`, accept only the ports of host/sets/firewall.ts and host.allow, replace the table with `delete table inet vps` at the start of vps.nft, and never flush the ruleset",
  facts: [factsOf(kinds.fileSet, (set, _, stack) => firewallFacts(set, stack))],
  ...byCondition,
});
