import { filesOf } from "./file-entries";
import * as kinds from "./kinds";
import { directivesNamed, isTls, parseNginx, serverNames, serversOf, type Directive } from "./nginx-text";
import { fact, factsOf, resourceRule, type Fact } from "./rule";

const ofFileSet = <Value>(facts: (set: kinds.FileSet) => Iterable<Fact<Value>>) => [factsOf(kinds.fileSet, facts)];

const nginxFiles = (set: kinds.FileSet) => filesOf(set).filter(([path]) => /^\/etc\/nginx\/.*\.conf$/.test(path));

const mainPath = "/etc/nginx/nginx.conf";

/** What holds for every site: nginx.conf and the files beside it in its set, which it includes. */
const shared = <Value>(what: string, read: (directives: readonly Directive[]) => Value) =>
  ofFileSet((set) =>
    mainPath in set.entries
      ? [
          fact(`${what} of ${mainPath} and its snippets`, () =>
            read(nginxFiles(set).flatMap(([, file]) => parseNginx(file.content))),
          ),
        ]
      : [],
  );

const everyFile = <Value>(what: string, read: (directives: readonly Directive[]) => Value) =>
  ofFileSet((set) =>
    nginxFiles(set).map(([path, file]) => fact(`${what} of ${path}`, () => read(parseNginx(file.content)))),
  );

/** Each server block of a site's file. */
const everySite = <Value>(what: string, read: (server: Directive) => Value) =>
  ofFileSet(function* (set) {
    for (const [path, file] of nginxFiles(set).filter(([path]) => path.includes("/sites-"))) {
      const servers = fact(path, () => serversOf(parseNginx(file.content)));
      for (const [index, server] of servers.value().entries()) {
        const name = serverNames(server).join(" ") || `server ${index + 1}`;
        yield fact(`${what} of ${name}${isTls(server) ? "" : " (http)"} in ${path}`, () => read(server));
      }
    }
  });

const textOf = ({ name, args }: Directive): string => [name, ...args].join(" ");

export const nginxTls = resourceRule({
  name: "nginx-tls",
  why: "nginx speaks TLS 1.3, and nothing older than TLS 1.2",
  source: "data-model.md 6, SSL Validation; Mozilla guideline 6.0",
  remedy: "write `ssl_protocols TLSv1.3;` or `ssl_protocols TLSv1.2 TLSv1.3;` (TlsPolicy of SiteCertificate)",
  settings: { allowed: ["TLSv1.2", "TLSv1.3"] },
  facts: shared("ssl_protocols", (all) => directivesNamed(all, "ssl_protocols").map(({ args }) => args)),
  holds: (statements, { allowed }) =>
    statements.length > 0 &&
    statements.every((args) => args.includes("TLSv1.3") && args.every((name) => allowed.includes(name))),
});

export const nginxSiteTls = resourceRule({
  name: "nginx-site-tls",
  why: "A site does not choose protocols for itself: the choice of the default server holds, and another one would only mislead",
  source: "nginx.org, Configuring HTTPS servers",
  remedy: "take ssl_protocols out of the site and set it for the host (TlsPolicy of SiteCertificate)",
  facts: everySite("ssl_protocols", (server) => directivesNamed([server], "ssl_protocols").map(textOf)),
  holds: (statements) => statements.length === 0,
});

/** Seconds of each `max-age` that the header may have; it may take its value from a map. */
function maxAges(all: readonly Directive[]): number[] {
  const sent = directivesNamed(all, "add_header").filter(({ args }) => args[0] === "Strict-Transport-Security");
  const values = sent.flatMap(({ args: [, value = ""] }) => {
    const maps = directivesNamed(all, "map").filter(({ args }) => args[1] === value);
    return maps.length === 0 ? [value] : maps.flatMap(({ children }) => children.map(({ args }) => args[0] ?? ""));
  });
  return values.filter((value) => value !== "").map((value) => Number(/max-age=(\d+)/.exec(value)?.[1] ?? 0));
}

export const nginxHsts = resourceRule({
  name: "nginx-hsts",
  why: "Browsers are told to use https only, for a year at least: else the first request of each visit can be read and changed",
  source: "OWASP Secure Headers Project; RFC 6797",
  remedy: "send Strict-Transport-Security with a max-age of 31536000 or more (host/nginx/security-headers.conf)",
  settings: { minimumSeconds: 31_536_000 },
  facts: shared("max-age of Strict-Transport-Security", maxAges),
  holds: (seconds, { minimumSeconds }) => seconds.length > 0 && seconds.every((value) => value >= minimumSeconds),
});

export const nginxServerTokens = resourceRule({
  name: "nginx-server-tokens",
  why: "nginx does not tell its version: it only helps whoever looks for known holes",
  source: "OWASP Secure Headers Project, headers to remove",
  remedy: "write `server_tokens off;` in the http block",
  facts: shared("server_tokens", (all) => directivesNamed(all, "server_tokens").map(({ args }) => args[0])),
  holds: (values) => values.length > 0 && values.every((value) => value === "off"),
});

export const nginxDefaultServer = resourceRule({
  name: "nginx-default-server",
  why: "A name that is no site of ours gets no TLS answer: otherwise the first site's certificate and app answer for it",
  source: "nginx.org, ssl_reject_handshake",
  remedy: "give nginx.conf a server with `listen 443 ssl default_server;` and `ssl_reject_handshake on;`",
  level: "advisory",
  facts: shared("ssl_reject_handshake", (all) =>
    directivesNamed(all, "ssl_reject_handshake").map(({ args }) => args[0]),
  ),
  holds: (values) => values.includes("on"),
});

export const nginxStapling = resourceRule({
  name: "nginx-stapling",
  why: "What nginx staples it has checked; where a certificate names no OCSP responder, as Let's Encrypt's, it does not staple",
  source: "data-model.md 6, SSL Validation; letsencrypt.org, 2025/08/06",
  remedy: "write `ssl_stapling_verify on;` beside `ssl_stapling on;` in the site (NginxSite does), or take both out",
  facts: everyFile("stapling", (all) =>
    ["ssl_stapling", "ssl_stapling_verify"].flatMap((name) => directivesNamed(all, name)).map(textOf),
  ),
  holds: (statements) => !statements.includes("ssl_stapling on") || statements.includes("ssl_stapling_verify on"),
});

const passedOn = "the app's own";

/** The policy that a server block states, by `set` for the shared header or by a header of its own, or leaves to the app. */
function contentSecurityPolicy(server: Directive): string | undefined {
  const stated = server.children.find(
    ({ name, args }) =>
      (name === "set" && args[0] === "$content_security_policy") ||
      (name === "add_header" && args[0] === "Content-Security-Policy"),
  );
  const isPassedOn = server.children.some(
    ({ name, args }) => name === "proxy_pass_header" && args[0] === "Content-Security-Policy",
  );
  return stated?.args[1] ?? (isPassedOn ? passedOn : undefined);
}

export const nginxContentSecurityPolicy = resourceRule({
  name: "nginx-content-security-policy",
  why: "Every site states a content security policy that starts from nothing: else one injected script owns every session",
  source: "OWASP Secure Headers Project; reliability.md 1.4",
  remedy:
    "set $content_security_policy in the server block, with a default-src (host/nginx/content-security-policy.ts)",
  facts: everySite("content security policy", contentSecurityPolicy),
  holds: (policy) => policy === passedOn || (policy !== undefined && /(^|;)\s*default-src\s+\S/.test(policy)),
});

export const nginxContentSources = resourceRule({
  name: "nginx-content-sources",
  why: "A content security policy names its sources: a wildcard, a whole scheme or eval lets an attacker's script in",
  source: "W3C CSP Level 3; OWASP CSP Cheat Sheet",
  remedy: "name the origin, as https://errors.example.com, and leave 'unsafe-eval' out",
  facts: everySite("content security policy", (server) =>
    (contentSecurityPolicy(server) ?? "").split(/[\s;]+/).filter((source) => /\*|^https?:$|'unsafe-eval'/.test(source)),
  ),
  holds: (sources) => sources.length === 0,
});

export const nginxSecurityHeaders = resourceRule({
  name: "nginx-security-headers",
  why: "Every server block of a site sends the shared security headers",
  source: "OWASP Secure Headers Project",
  remedy: "write `include /etc/nginx/snippets/security-headers.conf;` at server level",
  facts: everySite("include", (server) =>
    server.children.filter(({ name }) => name === "include").flatMap(({ args }) => args),
  ),
  holds: (included) => included.includes("/etc/nginx/snippets/security-headers.conf"),
});

export const nginxHeadersKept = resourceRule({
  name: "nginx-headers-kept",
  why: "No location sets a header of its own: one add_header there drops all security headers of the server",
  source: "nginx.org, add_header",
  remedy: "move the add_header to server level",
  facts: everySite("add_header in a location", (server) =>
    directivesNamed(
      server.children.filter(({ name }) => name === "location"),
      "add_header",
    ).map(textOf),
  ),
  holds: (headers) => headers.length === 0,
});

export const nginxPlainHttp = resourceRule({
  name: "nginx-plain-http",
  why: "Over plain http a site only redirects and answers the certificate authority: never the app",
  source: "data-model.md 4; Mozilla guideline 6.0",
  remedy: "return 301 to https instead of proxy_pass",
  facts: everySite("proxy_pass", (server) =>
    isTls(server) ? [] : directivesNamed([server], "proxy_pass").map(textOf),
  ),
  holds: (passes) => passes.length === 0,
});

export const nginxValidated = resourceRule({
  name: "nginx-validated",
  why: "nginx itself reads new files before they count: a slip of the pen would take every site of the host down",
  source: "design.md 5.1",
  remedy: 'give the FileSet validate: [["nginx", "-t"]]',
  facts: ofFileSet((set) =>
    Object.keys(set.entries).some((path) => path.startsWith("/etc/nginx/"))
      ? [fact("validate", () => (set.validate ?? []).map((command) => command.join(" ")))]
      : [],
  ),
  holds: (commands) => commands.includes("nginx -t"),
});
