/** One directive of an nginx configuration, such as `listen 443 ssl` or a whole `server` block. */
export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  /** What is in its block; nothing where it has none. */
  readonly children: readonly Directive[];
}

const tokenPattern = /#[^\n]*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[{};]|(?:[^\s{};"'#]|(?<=\S)[#"'])+/g;

const unquote = (token: string): string => (/^(["']).*\1$/s.test(token) ? token.slice(1, -1) : token);

function readBlock(tokens: Iterator<string>): Directive[] {
  const directives: Directive[] = [];
  let words: string[] = [];
  for (let next = tokens.next(); !next.done && next.value !== "}"; next = tokens.next()) {
    if (next.value !== ";" && next.value !== "{") {
      words.push(unquote(next.value));
      continue;
    }
    const [name = "", ...args] = words;
    directives.push({ name, args, children: next.value === "{" ? readBlock(tokens) : [] });
    words = [];
  }
  return directives;
}

/** Reads nginx's configuration language, as far as rules look at it: it accepts what nginx itself would refuse. */
export const parseNginx = (text: string): Directive[] =>
  readBlock((text.match(tokenPattern) ?? []).filter((token) => !token.startsWith("#")).values());

/** The directives of this name, at whatever depth. */
export const directivesNamed = (directives: readonly Directive[], name: string): Directive[] =>
  directives.flatMap((directive) => [
    ...(directive.name === name ? [directive] : []),
    ...directivesNamed(directive.children, name),
  ]);

/** The server blocks; in an upstream, `server` is a plain directive. */
export const serversOf = (directives: readonly Directive[]): Directive[] =>
  directivesNamed(directives, "server").filter(({ children }) => children.length > 0);

const childrenNamed = ({ children }: Directive, name: string): Directive[] =>
  children.filter((child) => child.name === name);

/** The names a server block answers to. */
export const serverNames = (server: Directive): string[] =>
  childrenNamed(server, "server_name").flatMap(({ args }) => [...args]);

/** Whether a server block takes TLS connections. */
export const isTls = (server: Directive): boolean =>
  childrenNamed(server, "listen").some(({ args }) => args.includes("ssl"));
