import { afterEach, describe, expect, test } from "vitest";
import { awaitStackSettings, parseSettings, setStackSettings, stackSettings } from "../../policy/stack-settings";

const values = {
  "infra:app": '{"name":"notes","domain":"notes.example.com"}',
  "infra:host": '{"host":"203.0.113.7","hostKey":"ssh-ed25519 AAAA"}',
  "infra:image": '{"repository":"ghcr.io/owner/notes"}',
  "infra:variables": '{"SENTRY_DSN":{"secret":true},"NEXT_PUBLIC_SENTRY_DSN":{"scope":"both"}}',
  "infra:TOKEN": "a secret without a format",
  "infra:SHORT": "short",
  "infra:SENTRY_DSN": "https://key@errors.example.com/1",
  "infra:NEXT_PUBLIC_SENTRY_DSN": "https://key@errors.example.com/1",
  "other:app": '{"name":"other"}',
};

const secretKeys = ["TOKEN", "SHORT", "SENTRY_DSN", "NEXT_PUBLIC_SENTRY_DSN"].map((key) => `infra:${key}`);

const parse = (change: Readonly<Record<string, string>> = {}) =>
  parseSettings({ project: "infra", values: new Map(Object.entries({ ...values, ...change })), secretKeys });

describe("parseSettings", () => {
  test("reads the configuration of the project, with its defaults", () => {
    expect(parse()).toMatchObject({
      app: { name: "notes", domain: "notes.example.com" },
      host: { host: "203.0.113.7", port: 22, user: "root" },
      image: { repository: "ghcr.io/owner/notes" },
    });
  });

  test("keeps the secrets that are long and not published", () => {
    expect(parse()?.secrets).toEqual(["a secret without a format"]);
  });

  test("has nothing for a configuration that the program refuses", () => {
    expect(parse({ "infra:app": '{"name":"Notes"}' })).toBeUndefined();
  });
});

describe("stackSettings", () => {
  afterEach(() => {
    setStackSettings(undefined);
  });

  test("fails while an engine has not sent them", () => {
    awaitStackSettings();
    expect(stackSettings).toThrow(/cannot check the stack.*\nFix: use version 3.250/s);
    setStackSettings(parse());
    expect(stackSettings()?.app.name).toBe("notes");
  });
});
