import { describe, expect, test } from "vitest";
import { conversion, gateConversion } from "../../config/former";

describe("conversion", () => {
  test("declares what an earlier version knew by itself, so that the release stays as it is", () => {
    const former = {
      domain: "notes.example.com",
      port: 3000,
      environment: { LOG_LEVEL: "info", ODD: "it's" },
      secrets: ["API_KEY", "NEXT_PUBLIC_DSN", "NEXTAUTH_SECRET"],
    };
    expect(conversion(former)).toEqual([
      "pulumi config set --path variables.NODE_ENV.default production",
      "pulumi config set --path variables.NEXTAUTH_URL.default https://notes.example.com",
      "pulumi config set --path variables.NEXTAUTH_SECRET.secret true",
      "pulumi config set --path variables.NEXTAUTH_SECRET.generate true",
      "pulumi config set --path variables.LOG_LEVEL.default info",
      `pulumi config set --path variables.ODD.default 'it'\\''s'`,
      "pulumi config set --path variables.API_KEY.secret true",
      "pulumi config set --path variables.NEXT_PUBLIC_DSN.scope both",
      "pulumi config set --path 'health.command[0]' node",
      "pulumi config set --path -- 'health.command[1]' --eval",
      `pulumi config set --path 'health.command[2]' 'fetch("http://127.0.0.1:3000/api/health").then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))'`,
      `pulumi config set --path 'app.writable["/app/.next/cache"]' 256m`,
      "pulumi config rm environment",
    ]);
  });

  test("keeps an address that the stack file set", () => {
    const environment = { NEXTAUTH_URL: "https://other.example.com" };
    const commands = conversion({ domain: "a.example.com", port: 80, environment, secrets: [] });
    expect(commands.filter((command) => command.includes("NEXTAUTH_URL"))).toEqual([
      "pulumi config set --path variables.NEXTAUTH_URL.default https://other.example.com",
    ]);
  });
});

test("gateConversion moves each key to the section health", () => {
  expect(gateConversion({ path: "/healthz", retries: 5, criticalChecks: ["database", "queue"] })).toEqual([
    "pulumi config set --path health.path /healthz",
    "pulumi config set --path health.retries 5",
    "pulumi config set --path 'health.critical[0]' database",
    "pulumi config set --path 'health.critical[1]' queue",
    "pulumi config rm --path rollout.gate",
  ]);
});
