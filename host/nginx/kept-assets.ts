import { keepsAssets, servedAssets, type KeepAssets } from "../rollout/assets";

/** The app is asked first, and only its 404 leads to a kept file. A body of such a request must be small. */
const askApp = (app: string): readonly string[] => [
  "client_max_body_size 64k;",
  "recursive_error_pages on;",
  "proxy_intercept_errors on;",
  `proxy_pass http://${app};`,
];

const indented = (lines: readonly string[]): string[] => lines.map((line) => `    ${line}`);

const block = (head: string, lines: readonly string[]): string[] => [`${head} {`, ...indented(lines), "}"];

const ofPath = (app: string, path: string): string[] =>
  block(`location ^~ ${path}`, [
    ...block("if ($maintenance)", ["return 417;"]),
    ...block("if (-f /run/nginx-closing)", ["return 422;"]),
    ...block("if ($is_from_another_site)", ["gzip off;"]),
    ...askApp(app),
  ]);

/** nginx of Debian 12 does not know these types, and with `nosniff` a browser runs no script of an unknown type. */
const types: readonly string[] = [
  "include /etc/nginx/mime.types;",
  ...block("types", ["text/javascript mjs;", "application/manifest+json webmanifest;", "application/json map;"]),
  "charset utf-8;",
  "charset_types text/css text/plain application/javascript text/javascript;",
];

/**
 * nginx directives that answer with a kept file where the app has none. `isHeaderOfApp`: the app sets the security headers,
 * and those of its 404 must not stand for those of the file.
 */
export function keptAssets(app: string, keepAssets: KeepAssets, isHeaderOfApp: boolean): readonly string[] {
  if (!keepsAssets(keepAssets)) return [];
  return [
    "# Files that other releases have for pages of theirs (site.keepAssets). The release that serves is asked first.",
    'set $kept_asset_cache "";',
    "add_header Cache-Control $kept_asset_cache;",
    "error_page 404 = @kept_asset;",
    "error_page 422 = @closing_asset;",
    ...Object.keys(keepAssets).flatMap((path) => ofPath(app, path)),
    ...block("location @closing_asset", ["keepalive_timeout 0;", "gzip off;", ...askApp(app)]),
    ...block("location @kept_asset", [
      `root ${servedAssets(app)};`,
      'set $kept_asset_cache "public, max-age=31536000, immutable";',
      ...(isHeaderOfApp ? ["set $x_content_type_options_unless_app nosniff;"] : []),
      ...types,
      "try_files $uri =404;",
    ]),
  ];
}
