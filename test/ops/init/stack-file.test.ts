import { expect, test } from "vitest";
import { sectionsOf } from "../../../ops/stack";
import { answersIn } from "../../../ops/init/existing";
import { nothingFound, type Found } from "../../../ops/init/found";
import { assertComplete, settingsOf } from "../../../ops/init/settings";
import { stackText } from "../../../ops/init/stack-text";

const project = "memoryloop-infra";
const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIvVmPCkGGpC2vh6BN3sNfYwEy3ADTGCcTMzPCbnpHDI";
const commit = "1".repeat(40);

const found: Found = {
  ...nothingFound,
  server: { host: "10.20.30.40", port: 2222, user: "admin" },
  hostKey,
  domain: "shop.mysite.org",
  name: "shop",
  image: { repository: "ghcr.io/me/shop", tag: "v1", needsLogin: false, port: 8080, volumes: [], isCommit: false },
  health: { path: "/healthz", style: "http" },
  data: [{ path: "/data", kind: "sqlite" }],
  variables: { NODE_ENV: "production", KEY: { secret: true }, MADE: { secret: true, generate: true } },
  email: "ops@mysite.org",
  bucket: "shop-backups-1",
  alerts: { deadManUrl: "https://hc-ping.com/1", webhook: undefined },
  repository: { owner: "me", repository: "shop" },
  infra: "me/infra",
  secrets: { KEY: "hidden value" },
};

const written = (existing?: string): string =>
  stackText(existing, project, settingsOf(found, existing === undefined ? {} : sectionsOf(existing, project), commit));

test("the stack file is complete, and describes each key", () => {
  const text = written();
  expect(() => {
    assertComplete(sectionsOf(text, project), found.secrets, "live");
  }).not.toThrow();
  expect(text).toContain("    # Name or address of the server.\n    host: 10.20.30.40\n");
  expect(text).toContain("  # The server and how the program reaches it.\n  memoryloop-infra:host:\n");
  expect(text).not.toContain("hidden value");
  expect(sectionsOf(text, project)).toMatchObject({
    app: { name: "shop", domain: "shop.mysite.org", port: 8080 },
    image: { repository: "ghcr.io/me/shop", tags: "any" },
    variables: { NODE_ENV: "production", KEY: { secret: true }, MADE: { secret: true, generate: true } },
    pipeline: { owner: "me", repository: "shop", infra: { repository: "me/infra", ref: commit } },
  });
});

test("a second run gets its defaults from the file, and changes nothing", () => {
  const text = written();
  expect(answersIn(sectionsOf(text, project))).toEqual({
    server: "admin@10.20.30.40:2222",
    name: "shop",
    domain: "shop.mysite.org",
    image: "ghcr.io/me/shop",
    email: "ops@mysite.org",
    health: "/healthz http",
    data: "/data:sqlite",
    variables: "NODE_ENV=production KEY MADE!",
    bucket: "shop-backups-1",
    alerts: "https://hc-ping.com/1",
    github: "me/shop",
    infra: "me/infra",
  });
  expect(written(text)).toBe(text);
});

test("keys, comments and secrets that no question is about stay", () => {
  const existing = [
    "encryptionsalt: v1:abc",
    "config:",
    "  memoryloop-infra:KEY:",
    "    secure: v1:def",
    "  memoryloop-infra:rollout:",
    "    # Two minutes.",
    "    soakSeconds: 120",
    "  memoryloop-infra:variables:",
    "    KEY: { secret: true, scope: both }",
    "",
  ].join("\n");
  const text = written(existing);
  expect(text).toContain("encryptionsalt: v1:abc\n");
  expect(text).toContain("    # Two minutes.\n    soakSeconds: 120\n");
  expect(sectionsOf(text, project)).toMatchObject({
    KEY: { secure: "v1:def" },
    variables: { KEY: { secret: true, scope: "both" } },
  });
});

test("an incomplete file is refused before it is written", () => {
  const text = stackText(undefined, project, settingsOf({ ...found, secrets: {} }, {}, commit));
  expect(() => {
    assertComplete(sectionsOf(text, project), {}, "live");
  }).toThrow("KEY: missing\n    try: pulumi config set --secret KEY");
});
