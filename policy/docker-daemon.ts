import { filesOfFormat } from "./file-entries";
import * as kinds from "./kinds";
import { fact, factsOf, resourceRule, showJson, type Fact } from "./rule";
import type { StackSettings } from "./stack-settings";

type Check = (value: unknown) => boolean;

const is =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);

const isNumber: Check = (value) => typeof value === "number";
const isText: Check = (value) => typeof value === "string";
const isBoolean: Check = (value) => typeof value === "boolean";
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);

/** The settings that the daemon may have, with their safe values. */
const checks: Readonly<Record<string, Check>> = {
  icc: is(false),
  iptables: is(true),
  ip6tables: is(true),
  "live-restore": is(true),
  "no-new-privileges": is(true),
  "userland-proxy": is(false),
  "log-driver": is("journald", "local", "json-file"),
  "log-opts": (value) => typeof value === "object" && value !== null,
  "log-level": is("info", "warn", "error"),
  "data-root": (value) => typeof value === "string" && value.startsWith("/"),
  "default-address-pools": Array.isArray,
  "default-ulimits": (value) => typeof value === "object" && value !== null,
  "exec-opts": listOf((value) => value === "native.cgroupdriver=systemd"),
  "registry-mirrors": listOf((value) => typeof value === "string" && value.startsWith("https://")),
  "shutdown-timeout": isNumber,
  "max-concurrent-downloads": isNumber,
  "storage-driver": is("overlay2"),
  "userns-remap": isText,
  bip: isText,
  dns: listOf(isText),
  "dns-opts": listOf(isText),
  "dns-search": listOf(isText),
  features: (value) => typeof value === "object" && value !== null,
  ipv6: isBoolean,
  mtu: isNumber,
};

const required = ["icc", "live-restore", "no-new-privileges"];

interface Found {
  readonly key: string;
  readonly value: unknown;
}

function read(content: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(content);
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function* settings(set: kinds.FileSet, stack: StackSettings | undefined): Generator<Fact<Found>> {
  for (const [path, file] of filesOfFormat(set, "docker", stack)) {
    const parsed = fact(path, () => read(file.content)).value();
    if (parsed === undefined) yield fact(path, () => ({ key: "", value: "not a JSON object" }));
    for (const key of new Set([...required, ...Object.keys(parsed ?? {})])) {
      yield fact(`${key} in ${path}`, () => ({ key, value: parsed?.[key] }));
    }
  }
}

export const dockerDaemon = resourceRule({
  name: "docker-daemon",
  why: "The Docker daemon listens on its local socket only, isolates containers from each other and keeps its firewall rules. A TCP socket, an insecure registry or another runtime gives root on the server to others",
  source: "CIS Docker Benchmark, section 2",
  fix: "remove the key or set it to its safe value; for a further key, add it with its safe values to policy/docker-daemon.ts",
  facts: [factsOf(kinds.fileSet, (set, _, stack) => settings(set, stack))],
  holds: ({ key, value }) => checks[key]?.(value) ?? false,
  show: ({ value }) => showJson(value),
});
