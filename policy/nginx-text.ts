/** One directive of an nginx configuration, such as `listen 443 ssl` or a whole `server` block. */
export interface Directive {
  readonly line: number;
  readonly name: string;
  readonly args: readonly string[];
  /** The directives in its block. Empty without a block. */
  readonly children: readonly Directive[];
}

interface Token {
  readonly line: number;
  readonly text: string;
}

// A brace after a dollar sign belongs to a variable: ${host}.
const tokenPattern =
  /#[^\n]*|"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'|[{};]|(?:\$\{\w*\}|\\[^]|[^\s{};"'#\\]|(?<=[^\s{};])[#"'])+/g;

function* tokensOf(text: string): Generator<Token, undefined> {
  let line = 1;
  let from = 0;
  for (const found of text.matchAll(tokenPattern)) {
    line += text.slice(from, found.index).split("\n").length - 1;
    from = found.index;
    if (!found[0].startsWith("#")) yield { line, text: found[0] };
  }
  return undefined;
}

const unquote = (token: string): string => (/^(["']).*\1$/s.test(token) ? token.slice(1, -1) : token);

function readBlock(tokens: Iterator<Token, undefined>): Directive[] {
  const directives: Directive[] = [];
  let words: string[] = [];
  let line = 0;
  for (let next = tokens.next(); !next.done && next.value.text !== "}"; next = tokens.next()) {
    const { text } = next.value;
    if (text !== ";" && text !== "{") {
      if (words.length === 0) line = next.value.line;
      words.push(unquote(text));
      continue;
    }
    const [name = "", ...args] = words;
    directives.push({ line, name, args, children: text === "{" ? readBlock(tokens) : [] });
    words = [];
  }
  return directives;
}

/** Reads nginx's configuration language as far as rules need it. It accepts more than nginx does. */
export const parseNginx = (text: string): Directive[] => readBlock(tokensOf(text));

/** Every directive, at any depth. */
export const allDirectives = (directives: readonly Directive[]): Directive[] =>
  directives.flatMap((directive) => [directive, ...allDirectives(directive.children)]);

/** The directives with this name, at any depth. */
export const directivesNamed = (directives: readonly Directive[], name: string): Directive[] =>
  allDirectives(directives).filter((directive) => directive.name === name);

/** The server blocks. In an upstream, `server` has no block. */
export const serversOf = (directives: readonly Directive[]): Directive[] =>
  directivesNamed(directives, "server").filter(({ children }) => children.length > 0);

const childrenNamed = ({ children }: Directive, name: string): Directive[] =>
  children.filter((child) => child.name === name);

/** The names that a server block answers to. */
export const serverNames = (server: Directive): string[] =>
  childrenNamed(server, "server_name").flatMap(({ args }) => [...args]);

/** Whether a server block accepts TLS connections. */
export const isTls = (server: Directive): boolean =>
  childrenNamed(server, "listen").some(({ args }) => args.includes("ssl"));

export const textOf = ({ name, args }: Directive): string => [name, ...args].join(" ");
