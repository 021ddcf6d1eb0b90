/** One statement of an nftables file, and the block that it is in. */
export interface Statement {
  readonly line: number;
  /** Words with one space between them, without the block of the statement. */
  readonly text: string;
  /** The heads of the blocks around it, from outside to inside, such as `table inet vps`, `chain input`. */
  readonly blocks: readonly string[];
  /** Whether a block of further statements follows. */
  readonly opensBlock: boolean;
}

interface Token {
  readonly line: number;
  readonly text: string;
}

const token = /#[^\n]*|"[^"]*"|\\\n|[{};,\n]|[^\s{};,"#]+/g;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let from = 0;
  for (const found of text.matchAll(token)) {
    line += text.slice(from, found.index).split("\n").length - 1;
    from = found.index;
    if (!found[0].startsWith("#") && found[0] !== "\\\n") tokens.push({ line, text: found[0] });
  }
  return tokens;
}

/** Words before a brace that opens a block. Any other brace belongs to a set of values in a rule. */
const blockHead =
  /^(table|chain|set|map|flowtable|counter|quota|limit|secmark|synproxy|ct (helper|timeout|expectation))\b[^{]*$/;
const declaration = /^(add|create) (table|chain|set|map)\b/;

const opensBlock = (words: readonly string[]): boolean => blockHead.test(words.join(" ").replace(declaration, "$2"));

/** Reads nftables' language as far as rules need it. It accepts more than nft does. */
export function parseNftables(text: string): Statement[] {
  const statements: Statement[] = [];
  const blocks: string[] = [];
  let words: string[] = [];
  let line = 1;
  let depth = 0;
  const end = (opens: boolean): void => {
    if (words.length > 0) statements.push({ line, text: words.join(" "), blocks: [...blocks], opensBlock: opens });
    words = [];
  };
  for (const next of tokensOf(text)) {
    if (words.length === 0) line = next.line;
    if (next.text === "{" && depth === 0 && opensBlock(words)) {
      const head = words.join(" ");
      end(true);
      blocks.push(head);
    } else if (next.text === "}" && depth === 0) {
      end(false);
      blocks.pop();
    } else if (depth === 0 && (next.text === ";" || next.text === "\n")) {
      end(false);
    } else if (next.text !== "\n") {
      depth += next.text === "{" ? 1 : next.text === "}" ? -1 : 0;
      words.push(next.text);
    }
  }
  end(false);
  return statements;
}
