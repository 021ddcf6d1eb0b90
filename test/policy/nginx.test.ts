import * as kinds from "../../policy/kinds";
import * as nginx from "../../policy/nginx";
import { resourceOf } from "../support/policy";
import { testRules } from "../support/rule-cases";

const fileSet = resourceOf(kinds.fileSet);

const main = "/etc/nginx/nginx.conf";
const sitePath = "/etc/nginx/sites-available/app.conf";

const file = (path: string, content: string) => fileSet({ entries: { [path]: { kind: "file", content } } });
const http = (directives: string) => file(main, `http { ${directives} }`);
const site = (directives: string) => file(sitePath, `server { listen 443 ssl; server_name app.test; ${directives} }`);
const plain = (directives: string) => file(sitePath, `server { listen 80; server_name app.test; ${directives} }`);
const policy = (text: string) => site(`set $content_security_policy "${text}";`);
const hsts = (value: string) => http(`add_header Strict-Transport-Security "${value}" always;`);

const shared = `of ${main} and its snippets`;

testRules(nginx, {
  nginxTls: {
    passes: http("ssl_protocols TLSv1.2 TLSv1.3;"),
    fails: http("ssl_protocols TLSv1.1 TLSv1.3;"),
    says: `it: ssl_protocols ${shared} is [["TLSv1.1","TLSv1.3"]]`,
  },
  nginxSiteTls: {
    passes: site("ssl_certificate a.pem;"),
    fails: site("ssl_protocols TLSv1.3;"),
    says: `it: ssl_protocols of app.test in ${sitePath} is ["ssl_protocols TLSv1.3"]`,
  },
  nginxHsts: {
    passes: hsts("max-age=31536000; includeSubDomains"),
    fails: hsts("max-age=31535999"),
    says: `it: max-age of Strict-Transport-Security ${shared} is [31535999]`,
  },
  nginxServerTokens: {
    passes: http("server_tokens off;"),
    fails: http("gzip on;"),
    says: `it: server_tokens ${shared} is []`,
  },
  nginxDefaultServer: {
    passes: http("server { listen 443 ssl default_server; ssl_reject_handshake on; }"),
    fails: http("server { listen 443 ssl default_server; }"),
    says: `it: ssl_reject_handshake ${shared} is []`,
  },
  nginxStapling: {
    passes: site("ssl_stapling on; ssl_stapling_verify on;"),
    fails: site("ssl_stapling on;"),
    says: `it: stapling of ${sitePath} is ["ssl_stapling on"]`,
  },
  nginxContentSecurityPolicy: {
    passes: policy("default-src 'none'; script-src 'self'"),
    fails: policy("script-src 'self'"),
    says: `it: content security policy of app.test in ${sitePath} is "script-src 'self'"`,
  },
  nginxContentSources: {
    passes: policy("default-src 'none'; connect-src https://errors.example.com"),
    fails: policy("default-src 'none'; connect-src https: *.example.com"),
    says: `it: content security policy of app.test in ${sitePath} is ["https:","*.example.com"]`,
  },
  nginxSecurityHeaders: {
    passes: site("include /etc/nginx/snippets/security-headers.conf;"),
    fails: site("include /etc/nginx/snippets/proxy.conf;"),
    says: `it: include of app.test in ${sitePath} is ["/etc/nginx/snippets/proxy.conf"]`,
  },
  nginxHeadersKept: {
    passes: site("add_header X-Release 1; location / { proxy_pass http://app; }"),
    fails: site("location / { add_header X-Release 1; }"),
    says: `it: add_header in a location of app.test in ${sitePath} is ["add_header X-Release 1"]`,
  },
  nginxPlainHttp: {
    passes: plain("location / { return 301 https://app.test$request_uri; }"),
    fails: plain("location / { proxy_pass http://app; }"),
    says: `it: proxy_pass of app.test (http) in ${sitePath} is ["proxy_pass http://app"]`,
  },
  nginxValidated: {
    passes: fileSet({ entries: { [main]: { kind: "file", content: "" } }, validate: [["nginx", "-t"]] }),
    fails: fileSet({ entries: { [main]: { kind: "file", content: "" } }, validate: [["true"]] }),
    says: 'it: validate is ["true"]',
  },
});
