/** The home page: what a content security policy judges, inline and from files, and the app's three ways to its server. */
import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const page = (version, nonce) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>MemoryLoop</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/page.css" />
    <style nonce="${nonce}">
      h1 {
        color: rebeccapurple;
      }
    </style>
  </head>
  <body>
    <h1>MemoryLoop</h1>
    <p>Release <code id="version">${version}</code></p>
    <dl>
      <dt>Inline script</dt>
      <dd id="inline">blocked</dd>
      <dt>External script</dt>
      <dd id="external">blocked</dd>
      <dt>Fetch</dt>
      <dd id="fetch">blocked</dd>
      <dt>Event stream</dt>
      <dd id="events">blocked</dd>
      <dt>WebSocket</dt>
      <dd id="socket">blocked</dd>
    </dl>
    <script nonce="${nonce}">
      document.getElementById("inline").textContent = "works";
    </script>
    <script nonce="${nonce}" src="/page.js" defer></script>
  </body>
</html>
`;

const policy = (nonce) =>
  [
    "default-src 'self'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
  ].join("; ");

const escaped = (text) => text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);

/** As Next.js takes it: from the policy that the proxy tells. Where it tells none, the app draws its own. */
const nonceFor = ({ headers }) =>
  /'nonce-([\w+/=-]+)'/.exec(headers["content-security-policy"] ?? "")?.[1] ?? randomBytes(16).toString("base64");

/** Keeps the page in .next/cache as Next.js keeps its own; like Next.js it serves the page when it cannot. */
async function keep(root, html) {
  const folder = join(root, ".next", "cache");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "index.html"), html);
}

export async function servePage(request, response, { root, release }) {
  const nonce = nonceFor(request);
  const html = page(escaped(release.version), nonce);
  await keep(root, html).catch((error) => console.error(`cache: ${error.message}`));
  response.writeHead(200, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": policy(nonce),
  });
  response.end(html);
}
