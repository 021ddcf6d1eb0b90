import { appPattern } from "./app-name";
import { filesOfFormat } from "./file-entries";
import * as kinds from "./kinds";
import {
  allDirectives,
  directivesNamed,
  isTls,
  parseNginx,
  serverNames,
  serversOf,
  textOf,
  type Directive,
} from "./nginx-text";
import { byCondition, condition, fact, factsOf, resourceRule, type Fact } from "./rule";
import type { StackSettings } from "./stack-settings";

const ofFileSet = <Value>(facts: (set: kinds.FileSet, stack: StackSettings | undefined) => Iterable<Fact<Value>>) => [
  factsOf(kinds.fileSet, (set, _, stack) => facts(set, stack)),
];

const mainPath = "/etc/nginx/nginx.conf";
const headerSnippets = "/etc/nginx/snippets/security-headers";

/** Settings for every site: nginx.conf and the files of its set, which it includes. */
const shared = <Value>(
  subject: string,
  read: (directives: readonly Directive[]) => Value,
  isRight: (value: Value) => boolean,
) =>
  ofFileSet((set, stack) =>
    mainPath in set.entries
      ? [
          condition(
            `${subject} in ${mainPath} and its snippets`,
            () => read(filesOfFormat(set, "nginx", stack).flatMap(([, file]) => parseNginx(file.content))),
            isRight,
          ),
        ]
      : [],
  );

const isSite = (path: string): boolean => path.startsWith("/etc/nginx/sites-available/");

/** Each server block of a site. */
const everySite = <Value>(subject: string, read: (server: Directive) => Value, isRight: (value: Value) => boolean) =>
  ofFileSet(function* (set, stack) {
    for (const [path, file] of filesOfFormat(set, "nginx", stack).filter(([path]) => isSite(path))) {
      const servers = fact(path, () => serversOf(parseNginx(file.content)));
      for (const [index, server] of servers.value().entries()) {
        const name = serverNames(server).join(" ") || `server ${index + 1}`;
        const at = `${subject} of ${name}${isTls(server) ? "" : " (http)"} in ${path}`;
        yield condition(at, () => read(server), isRight);
      }
    }
  });

/** Each snippet with security headers. A site includes one of them. */
const everyHeaderSnippet = <Value>(
  subject: string,
  read: (all: readonly Directive[]) => Value,
  isRight: (value: Value) => boolean,
) =>
  ofFileSet((set, stack) =>
    filesOfFormat(set, "nginx", stack)
      .filter(([path]) => path.startsWith(headerSnippets))
      .map(([path, file]) => condition(`${subject} in ${path}`, () => read(parseNginx(file.content)), isRight)),
  );

/** Each directive with one of these names, in every file of nginx. */
const everyDirective = (
  isChecked: (name: string) => boolean,
  isRight: (directive: Directive, stack: StackSettings | undefined) => boolean,
) =>
  ofFileSet(function* (set, stack) {
    for (const [path, file] of filesOfFormat(set, "nginx", stack)) {
      const found = fact(path, () => allDirectives(parseNginx(file.content))).value();
      for (const directive of found.filter(({ name }) => isChecked(name))) {
        yield condition(
          `${path} line ${directive.line}`,
          () => textOf(directive),
          () => isRight(directive, stack),
        );
      }
    }
  });

const weakCipher = /(^|:)(?!!)\W?(ALL|COMPLEMENTOF\w+|aNULL|eNULL|NULL|LOW|MEDIUM|EXP\w*|3?DES|RC4|MD5)\b/i;

const isStrongTls = ({ name, args }: Directive): boolean =>
  name === "ssl_ciphers"
    ? !args.some((ciphers) => weakCipher.test(ciphers))
    : args.includes("TLSv1.3") && args.every((protocol) => ["TLSv1.2", "TLSv1.3"].includes(protocol));

export const nginxTls = resourceRule({
  name: "nginx-tls",
  why: "nginx offers TLS 1.3 and at most TLS 1.2 beside it, with strong ciphers. Older protocols and weak ciphers can be decrypted",
  source: "docs/data-model.md section 6; Mozilla Server Side TLS 6.0",
  fix: "set site.tls to modern or intermediate, and take protocols and ciphers from host/nginx/configuration.ts",
  facts: [
    ...everyDirective((name) => name === "ssl_protocols" || name === "ssl_ciphers", isStrongTls),
    ...shared(
      "number of ssl_protocols",
      (all) => directivesNamed(all, "ssl_protocols").length,
      (count) => count > 0,
    ),
  ],
  ...byCondition,
});

const hstsHeaders = (all: readonly Directive[]): Directive[] =>
  directivesNamed(all, "add_header").filter(({ args }) => args[0] === "Strict-Transport-Security");

/** Seconds of each `max-age` that the header can have. Its value can come from a map. */
function maxAges(all: readonly Directive[]): number[] {
  const sent = hstsHeaders(all);
  const maps = directivesNamed(all, "map");
  const valuesOf = (value: string): string[] => {
    const found = maps.filter(({ args }) => args[1] === value);
    return found.length === 0
      ? [value]
      : found.flatMap(({ children }) => children.flatMap(({ args }) => valuesOf(args[0] ?? "")));
  };
  const values = [...new Set(sent.flatMap(({ args: [, value = ""] }) => valuesOf(value)))];
  return values.filter((value) => value !== "").map((value) => Number(/max-age=(\d+)/.exec(value)?.[1] ?? 0));
}

/** Seconds of the `max-age` that a server block states itself. */
const ownMaxAges = (server: Directive): number[] =>
  server.children
    .filter(({ name, args }) => name === "set" && args[0] === "$strict_transport_security")
    .map(({ args }) => Number(/max-age=(\d+)/.exec(args[1] ?? "")?.[1] ?? 0));

const ofApp = "the app's own";

/** The policy of a server block: by `set` for the shared header, by a header of its own, or from the app. */
function contentSecurityPolicy(server: Directive): string | undefined {
  const stated = server.children.find(
    ({ name, args }) =>
      (name === "set" && args[0] === "$content_security_policy") ||
      (name === "add_header" && args[0] === "Content-Security-Policy"),
  );
  const isPassedOn = server.children.some(
    ({ name, args }) => name === "proxy_pass_header" && args[0] === "Content-Security-Policy",
  );
  return stated?.args[1] ?? (isPassedOn ? ofApp : undefined);
}

/** A source that lets the code or data of strangers in. */
function isWide(directive: string, source: string): boolean {
  if (source === "data:") return ["default-src", "script-src", "object-src"].includes(directive);
  return source.includes("*") || /^(https?|wss?):$/.test(source) || source === "'unsafe-eval'";
}

const hasWideSource = (policy: string): boolean =>
  policy.split(";").some((part) => {
    const [directive = "", ...sources] = part.trim().split(/\s+/);
    return sources.some((source) => isWide(directive, source));
  });

const isNarrowPolicy = (policy: string | undefined): boolean =>
  policy === ofApp || (policy !== undefined && /(^|;)\s*default-src\s+\S/.test(policy) && !hasWideSource(policy));

export const nginxContentSecurityPolicy = resourceRule({
  name: "nginx-content-security-policy",
  why: "Every site has a content security policy that allows named sources only. Without it, one injected script controls every session",
  source: "W3C Content Security Policy Level 3; OWASP Content Security Policy Cheat Sheet",
  fix: "use a mode of site.contentSecurityPolicy, and name each origin in site.connectSources, such as https://errors.example.com",
  facts: everySite("content security policy", contentSecurityPolicy, isNarrowPolicy),
  ...byCondition,
});

const includesOf = (server: Directive): string[] =>
  server.children.filter(({ name }) => name === "include").flatMap(({ args }) => [...args]);

const headersInLocations = (server: Directive): string[] =>
  directivesNamed(
    server.children.filter(({ name }) => name === "location"),
    "add_header",
  ).map(textOf);

const yearInSeconds = 31_536_000;

export const nginxSecurityHeaders = resourceRule({
  name: "nginx-security-headers",
  why: "Every answer of a site has the shared security headers, and browsers use https only for at least a year. One add_header in a location removes all of the headers there",
  source: "nginx.org, add_header; RFC 6797; OWASP Secure Headers Project",
  fix: "include /etc/nginx/snippets/security-headers.conf in the server block, write no add_header in a location, and send Strict-Transport-Security with a max-age of 31536000 or more",
  facts: [
    ...shared(
      "max-age of Strict-Transport-Security",
      maxAges,
      (seconds) => seconds.length > 0 && seconds.every((value) => value >= yearInSeconds),
    ),
    ...everyHeaderSnippet(
      "number of Strict-Transport-Security",
      (all) => hstsHeaders(all).length,
      (count) => count > 0,
    ),
    ...everySite("max-age of Strict-Transport-Security", ownMaxAges, (seconds) =>
      seconds.every((value) => value >= yearInSeconds),
    ),
    ...everySite("includes", includesOf, (paths) => paths.some((path) => path.startsWith(headerSnippets))),
    ...everySite("add_header in locations", headersInLocations, (headers) => headers.length === 0),
  ],
  ...byCondition,
});

/** The directives that pass a request on, open a file or load code. */
const reaching =
  /^((proxy|fastcgi|uwsgi|scgi|grpc|memcached)_pass|root|alias|include|load_module|user|autoindex|dav_methods|ssl_certificate(_key)?|ssl_trusted_certificate|(perl|js|lua|content_by_lua|access_by_lua|init_by_lua)\w*|server|return|rewrite|stub_status|resolver|mirror|auth_request|auth_basic_user_file|env)$/;

const certificatePath = /^\/etc\/letsencrypt\/live\/[a-z0-9.-]+\/(fullchain|privkey|chain)\.pem$/;
const includePath =
  /^\/etc\/nginx\/(mime\.types|modules-enabled\/\*\.conf|conf\.d\/\*\.conf|sites-enabled\/\*|snippets\/[\w-]+\.conf)$/;

/** Whether a redirect leads to the site itself. */
function isOwnAddress(target: string, stack: StackSettings | undefined): boolean {
  const [, host] = /^(?:https?:|\$scheme:)?\/\/([^/]*)/.exec(target) ?? [];
  if (host === undefined) return target.startsWith("/");
  const name = host.replace(/\$(request_uri|uri)$/, "");
  return (
    name === "$host" || name === "$server_name" || (stack ? stack.app.domains.includes(name) : !name.includes("$"))
  );
}

function holdsReturn([code = "", target]: readonly string[], stack: StackSettings | undefined): boolean {
  if (target === undefined) return /^\d+$/.test(code) || isOwnAddress(code, stack);
  return !/^30\d$/.test(code) || isOwnAddress(target, stack);
}

function holdsReaching({ name, args, children }: Directive, stack: StackSettings | undefined): boolean {
  const app = appPattern(stack);
  const [first = ""] = args;
  switch (name) {
    case "proxy_pass":
      return new RegExp(`^http://${app}$`).test(first);
    case "server":
      return children.length > 0 || new RegExp(`^unix:/(var/lib|run)/${app}/[\\w-]+\\.sock$`).test(first);
    case "root":
      return first === "/var/www/acme" || new RegExp(`^/var/lib/${app}/assets/served$`).test(first);
    case "alias":
      return new RegExp(`^/var/lib/${app}/maintenance/page\\.html$`).test(first);
    case "return":
      return holdsReturn(args, stack);
    case "rewrite":
      return isOwnAddress(args[1] ?? "", stack);
    case "user":
      return first === "www-data";
    case "include":
      return includePath.test(first);
    case "auth_basic_user_file":
      return new RegExp(`^/etc/nginx/${app}\\.users$`).test(first);
    case "ssl_certificate":
    case "ssl_certificate_key":
    case "ssl_trusted_certificate":
      return certificatePath.test(first);
    default:
      return false;
  }
}

export const nginxTargets = resourceRule({
  name: "nginx-targets",
  why: "nginx passes requests to the app's socket only, and reads only its own files and the challenge directory. Another target shows files of the server, or sends the visitors to a stranger",
  source: "docs/data-model.md section 4",
  fix: "pass to http://<app>, whose upstream is a socket below /var/lib/<app>; use root only for /var/www/acme and for kept assets",
  facts: everyDirective((name) => reaching.test(name), holdsReaching),
  ...byCondition,
});

export const nginxPlainHttp = resourceRule({
  name: "nginx-plain-http",
  why: "Over plain http a site only redirects to https and answers the certificate authority. It never shows the app, whose cookies could be read",
  source: "docs/data-model.md section 4; Mozilla Server Side TLS 6.0",
  fix: "write `return 301 https://...` instead of proxy_pass",
  facts: everySite(
    "proxy_pass",
    (server) => (isTls(server) ? [] : directivesNamed([server], "proxy_pass").map(textOf)),
    (passes) => passes.length === 0,
  ),
  ...byCondition,
});
