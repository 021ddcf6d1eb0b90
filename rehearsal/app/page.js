/** The home page: inline script, external script and both kinds of style, for the content security policy to judge. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const page = (version) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>MemoryLoop</title>
    <link rel="stylesheet" href="/page.css" />
    <style>
      h1 {
        color: rebeccapurple;
      }
    </style>
  </head>
  <body>
    <h1>MemoryLoop</h1>
    <p>Release <code id="version">${version}</code></p>
    <p>Inline script: <span id="inline">blocked</span>. External script: <span id="external">blocked</span>.</p>
    <script>
      document.getElementById("inline").textContent = "ran";
    </script>
    <script src="/page.js" defer></script>
  </body>
</html>
`;

const escaped = (text) => text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);

/** Keeps the page in .next/cache as Next.js keeps its own; like Next.js it serves the page when it cannot. */
async function keep(root, html) {
  const folder = join(root, ".next", "cache");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "index.html"), html);
}

export async function servePage(_request, response, { root, release }) {
  const html = page(escaped(release.version));
  await keep(root, html).catch((error) => console.error(`cache: ${error.message}`));
  response.writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" });
  response.end(html);
}
