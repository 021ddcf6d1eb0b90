import { parse } from "yaml";
import { expect, test } from "vitest";
import { z } from "zod";
import { parseConfig } from "../config";
import { readRepositoryFile } from "../repository";

const stackFileSchema = z.object({ config: z.record(z.string(), z.unknown()) });

const secrets = { ANTHROPIC_API_KEY: "a", SENTRY_DSN: "b", NEXT_PUBLIC_SENTRY_DSN: "c" };

/** The tracked example, with the three secrets that its first lines name. */
function example(): Readonly<Record<string, string>> {
  const { config } = stackFileSchema.parse(parse(readRepositoryFile("Pulumi.prod.yaml")));
  const plain = Object.entries(config).map(([key, value]) => [key.split(":")[1] ?? "", JSON.stringify(value)]);
  return { ...(Object.fromEntries(plain) as Record<string, string>), ...secrets };
}

test("the example of a stack file is complete: it lacks the secrets that it names, and nothing else", () => {
  const values = example();
  const config = parseConfig(
    { get: (key) => values[key], isSecret: (key) => key in secrets, keys: Object.keys(values) },
    "prod",
  );
  expect(config.app).toMatchObject({
    name: "memoryloop",
    domains: ["memoryloop.nicholaspsmith.com"],
    writable: { "/app/.next/cache": "256m" },
  });
  expect(config.data).toEqual([{ path: "/app/data", kind: "lancedb", subdirectory: "lancedb" }]);
  expect(config.health.command?.[0]).toBe("node");
  expect(Object.keys(config.variables)).toEqual([
    ...["NODE_ENV", "NEXTAUTH_URL", "NEXTAUTH_SECRET", "ANTHROPIC_API_KEY", "SENTRY_DSN"],
    ...["NEXT_PUBLIC_SENTRY_DSN", "SENTRY_AUTH_TOKEN", "OLLAMA_BASE_URL"],
  ]);
});
