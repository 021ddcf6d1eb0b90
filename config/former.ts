import { quoteIfNeeded } from "../host/ssh/quote";
import { pathText } from "./keys";

const set = (path: readonly PropertyKey[], value: string): string =>
  `pulumi config set --path ${value.startsWith("-") ? "-- " : ""}${quoteIfNeeded(pathText(path))} ${quoteIfNeeded(value)}`;

/** Settings that an earlier version of this program set itself, for every app. */
const formerCommand = (port: number): readonly string[] => [
  ...["node", "--eval"],
  `fetch("http://127.0.0.1:${port}/api/health").then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))`,
];

const formerVariables = (domain: string): readonly (readonly [name: string, part: string, value: string])[] => [
  ["NODE_ENV", "default", "production"],
  ["NEXTAUTH_URL", "default", `https://${domain}`],
  ["NEXTAUTH_SECRET", "secret", "true"],
  ["NEXTAUTH_SECRET", "generate", "true"],
];

/** A stack file as an earlier version of this program read it. */
export interface FormerStack {
  readonly domain: string;
  readonly port: number;
  /** The section `environment`; undefined without one. */
  readonly environment: Readonly<Record<string, unknown>> | undefined;
  /** Secrets that are set and that no variable declares. */
  readonly secrets: readonly string[];
}

/** The build of the app's image publishes variables with this name, so they are no secrets. */
const isPublished = (name: string): boolean => name.startsWith("NEXT_PUBLIC_");

const declareSecret = (name: string): string =>
  isPublished(name) ? set(["variables", name, "scope"], "both") : set(["variables", name, "secret"], "true");

/** The commands that declare what an earlier version of this program knew by itself. The release stays as it is. */
export function conversion({ domain, port, environment = {}, secrets }: FormerStack): string[] {
  const given = Object.entries(environment).map(([name, value]) => [name, "default", String(value)] as const);
  const names = new Set([...Object.keys(environment)]);
  const implied = formerVariables(domain).filter(([name]) => !names.has(name));
  return [
    ...[...implied, ...given].map(([name, part, value]) => set(["variables", name, part], value)),
    ...secrets.filter((name) => !implied.some(([known]) => known === name)).map(declareSecret),
    ...formerCommand(port).map((word, index) => set(["health", "command", index], word)),
    set(["app", "writable", "/app/.next/cache"], "256m"),
    "pulumi config rm environment",
  ];
}

const formerGateKeys: Readonly<Record<string, string>> = { criticalChecks: "critical" };

/** The commands that move `rollout.gate` to the section `health`. */
export function gateConversion(gate: Readonly<Record<string, unknown>>): string[] {
  const moved = Object.entries(gate).flatMap(([key, value]) => {
    const path = ["health", formerGateKeys[key] ?? key];
    return Array.isArray(value)
      ? value.map((item, index) => set([...path, index], String(item)))
      : [set(path, String(value))];
  });
  return [...moved, "pulumi config rm --path rollout.gate"];
}

/** The commands that move `backups.alert.webhook` to the section `alerts`. They show the address to nobody. */
export const webhookConversion: readonly string[] = [
  "pulumi config get --path backups.alert.webhook | tr -d '\\n' | pulumi config set --secret --path alerts.webhook",
  "pulumi config rm --path backups.alert.webhook",
];

/** Commands, one on a line, below a problem. */
export const commandList = (commands: readonly string[]): string => commands.join("\n         ");
