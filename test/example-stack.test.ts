import { parse } from "yaml";
import { expect, test } from "vitest";
import { z } from "zod";
import { parseConfig } from "../config";
import { placeholders } from "../config/placeholders";
import { valueAt } from "../config/keys";
import { readRepositoryFile } from "../repository";

const stackFileSchema = z.object({ config: z.record(z.string(), z.unknown()) });

const secrets = { ANTHROPIC_API_KEY: "a", SENTRY_DSN: "b", NEXT_PUBLIC_SENTRY_DSN: "c" };

const operatorValues = [
  "10.20.30.40",
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIvVmPCkGGpC2vh6BN3sNfYwEy3ADTGCcTMzPCbnpHDI",
  "ops@mysite.org",
  "memoryloop-backups-1",
  "https://hc-ping.com/1",
];

/** The tracked example, with the three secrets that its first lines name. */
function example(): Readonly<Record<string, string>> {
  const { config } = stackFileSchema.parse(parse(readRepositoryFile("Pulumi.prod.yaml")));
  const plain = Object.entries(config).map(([key, value]) => [key.split(":")[1] ?? "", JSON.stringify(value)]);
  return { ...(Object.fromEntries(plain) as Record<string, string>), ...secrets };
}

test("no placeholder of the example passes: each is named, and nothing else is wrong", () => {
  const values = example();
  const source = {
    get: (key: string) => values[key],
    isSecret: (key: string) => key in secrets,
    keys: Object.keys(values),
  };
  const parsed = Object.fromEntries(
    Object.entries(values).map(([key, text]) => [key, key in secrets ? text : (JSON.parse(text) as unknown)]),
  );
  for (const [path, value] of placeholders) expect(valueAt(parsed, path)).toBe(value);
  expect(() => parseConfig(source, "prod")).toThrow(
    /5 problem\(s\):\n {2}host\.host: is the value of the example\n {4}try: pulumi config set --path 'host\.host' <address of the server>\n {2}host\.hostKey: [^]*certificate\.email: [^]*backups\.bucket: [^]*backups\.alert\.deadManUrl: /,
  );
});

/** The example with values of an operator. */
const completed = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(example()).map(([key, text]) => [
      key,
      placeholders.reduce((done, [, value], at) => done.replace(value, operatorValues[at] ?? ""), text),
    ]),
  );

test("the example of a stack file is complete: it lacks the secrets that it names, and nothing else", () => {
  const values = completed();
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
