import { dataMounts } from "../host/data/layout";
import type { ContainerArgs, NetworkArgs } from "@pulumi/docker";
import type { Unwrap } from "@pulumi/pulumi";
import { appPattern } from "./app-name";
import * as kinds from "./kinds";
import { byCondition, condition, fact, factsOf, resourceRule, type Condition, type Fact } from "./rule";
import type { StackSettings } from "./stack-settings";

type Container = Unwrap<ContainerArgs>;

const ofContainer = <Value>(facts: (container: Container) => Iterable<Fact<Value>>) => [
  factsOf(kinds.container, facts),
];

interface Mount {
  readonly type?: string;
  readonly source?: string;
  readonly target?: string;
  readonly readOnly?: boolean;
}

const mountFields = ["type", "source", "target", "readOnly", "__defaults"];

/** The app's data, and the environment file of the release. */
function holdsMount(mount: Mount, stack: StackSettings | undefined): boolean {
  const { type, source = "", target = "", readOnly } = mount;
  const app = appPattern(stack);
  const isData = stack
    ? dataMounts(stack.app.name, stack.data).some((data) => data.source === source && data.target === target)
    : new RegExp(`^/opt/${app}/data(/[\\w-][\\w.-]*)?$`).test(source);
  const isEnvironment =
    new RegExp(`^/opt/${app}/config/releases/[0-9a-f]+\\.env$`).test(source) &&
    (stack === undefined || target === stack.app.environmentFile) &&
    readOnly === true;
  const extra = Object.entries(mount).filter(([name, value]) => !mountFields.includes(name) && value !== null);
  return type === "bind" && (isData || isEnvironment) && extra.length === 0;
}

export const containerMounts = resourceRule({
  name: "container-mounts",
  why: "A container sees only the data of its app and its own environment file. The Docker socket, a system directory or another app's data would give it the server",
  source: "CIS Docker Benchmark 5.6 and 5.32; docs/data-model.md section 3",
  fix: "mount the directories of the configuration key `data` with type bind, at their paths; leave out volume and bind options",
  facts: ofContainer(({ mounts = [] }) =>
    mounts.map((_, index) => fact(`mounts[${index}]`, () => ({ ...(mounts[index] as unknown as Mount) }))),
  ),
  holds: (mount, { stack }) => holdsMount(mount, stack),
});

/** Private ranges of RFC 1918. */
const isPrivate = (address: string | undefined): boolean =>
  /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)[\d.]+(\/\d+)?$/.test(address ?? "");

/** Options of a bridge that only name it or set its packet size. */
const bridgeOptions = ["com.docker.network.bridge.name", "com.docker.network.driver.mtu"];

function* containerNetworks({ networksAdvanced = [], hosts = [] }: Container): Generator<Fact<Condition>> {
  yield condition(
    "number of networks",
    () => networksAdvanced.length,
    (count) => count === 1,
  );
  for (const [index, network] of networksAdvanced.entries()) {
    yield condition(
      `networksAdvanced[${index}].ipv4Address`,
      () => network.ipv4Address,
      (address) => (address ?? "") !== "",
    );
  }
  for (const [index, entry] of hosts.entries()) {
    yield condition(
      `hosts[${index}]`,
      () => ({ host: entry.host, ip: entry.ip }),
      ({ host, ip }) => host === "host.docker.internal" && isPrivate(ip),
    );
  }
}

function* bridges({ driver, options = {}, ipamConfigs = [] }: Unwrap<NetworkArgs>): Generator<Fact<Condition>> {
  yield condition(
    "driver",
    () => driver,
    (name) => name === "bridge",
  );
  for (const name of Object.keys(options)) {
    yield condition(
      `options ${name}`,
      () => options[name],
      () => bridgeOptions.includes(name),
    );
  }
  for (const [index, { subnet }] of ipamConfigs.entries()) {
    yield condition(`ipamConfigs[${index}].subnet`, () => subnet, isPrivate);
  }
}

export const containerNetwork = resourceRule({
  name: "container-network",
  why: "A container is on one bridge with private addresses, at a fixed address, and knows no false names. Another network makes it reachable past nginx and the firewall, and a false name sends its requests to a stranger",
  source: "CIS Docker Benchmark 2.1 and 5.30; docs/decisions/0006-no-host-port-and-a-fixed-address.md",
  fix: 'set networksAdvanced to one entry with the app\'s network and an ipv4Address, its driver to "bridge", its subnet to a private one (config network.subnet), and hosts only to host.docker.internal',
  facts: [factsOf(kinds.container, containerNetworks), factsOf(kinds.network, bridges)],
  ...byCondition,
});

const noNewPrivileges = /^no-new-privileges([:=]true)?$/;
const defaultProfiles = ["apparmor=docker-default", "seccomp=builtin"];

const isConfined = (options: readonly string[]): boolean =>
  options.some((option) => noNewPrivileges.test(option)) &&
  options.every((option) => noNewPrivileges.test(option) || defaultProfiles.includes(option));

function isHarmlessTmpfs(options = ""): boolean {
  const words = options.split(",");
  return (
    ["noexec", "nosuid", "nodev"].every((word) => words.includes(word)) &&
    words.some((word) => /^size=[1-9]\d*[kmg]?$/.test(word))
  );
}

function* hardening({ capabilities, securityOpts, readOnly, tmpfs = {} }: Container): Generator<Fact<Condition>> {
  // The plugin also accepts CAP_ALL.
  yield condition(
    "capabilities",
    () => ({ drops: capabilities?.drops ?? [], adds: capabilities?.adds ?? [] }),
    ({ drops, adds }) => drops.some((name) => /^(CAP_)?ALL$/.test(name)) && adds.length === 0,
  );
  yield condition("securityOpts", () => securityOpts ?? [], isConfined);
  yield condition(
    "readOnly",
    () => readOnly,
    (value) => value === true,
  );
  for (const path of Object.keys(tmpfs)) yield condition(`tmpfs ${path}`, () => tmpfs[path], isHarmlessTmpfs);
}

export const containerHardening = resourceRule({
  name: "container-hardening",
  why: "A container has no capability and gains none, keeps Docker's own system call filter and AppArmor profile, and cannot change its image. Each exception is a way out of the container",
  source: "CIS Docker Benchmark 5.2, 5.3, 5.4, 5.13, 5.22 and 5.26",
  fix: 'set capabilities to { drops: ["ALL"] }, securityOpts to ["no-new-privileges"], readOnly to true, and each tmpfs to rw,noexec,nosuid,nodev,size=<size>',
  facts: ofContainer(hardening),
  ...byCondition,
});

export const containerUser = resourceRule({
  name: "container-user",
  why: "The app runs as its own user (app.user) and never as root. A process that leaves the container would be root on the server",
  source: "CIS Docker Benchmark 4.1",
  fix: 'set user to "<app.user>:<app.user>"; if the image has another user, set app.user',
  facts: ofContainer((container) => [fact("user", () => container.user)]),
  holds: (user = "", { stack }) =>
    stack?.app.user === undefined ? /^([1-9]\d*):\1$/.test(user) : user === `${stack.app.user}:${stack.app.user}`,
});

export const containerLimits = resourceRule({
  name: "container-limits",
  why: "A container has a memory limit without swap beyond it, and its log has a size limit. A leak would stop the server, and an endless log fills the disk that holds the data",
  source: "CIS Docker Benchmark 2.13 and 5.11",
  fix: 'set memory and memorySwap to the same number of MiB (config app.memoryMb), and logDriver to "journald"',
  facts: ofContainer(({ memory, memorySwap, logDriver, logOpts }) => [
    condition(
      "memory and memorySwap",
      () => [memory ?? 0, memorySwap ?? 0] as const,
      ([limit, withSwap]) => limit > 0 && withSwap === limit,
    ),
    condition(
      "logDriver and logOpts",
      () => ({ logDriver, logOpts: logOpts ?? {} }),
      (log) =>
        log.logDriver === "journald" ||
        (["json-file", "local"].includes(log.logDriver ?? "") &&
          "max-size" in log.logOpts &&
          "max-file" in log.logOpts),
    ),
  ]),
  ...byCondition,
});

export const containerReplacement = resourceRule({
  name: "container-replacement",
  why: "A container is never deleted before its replacement exists. With the default of the Docker plugin each deployment is an outage",
  source: "docs/decisions/0007-the-engine-never-stops-a-container.md",
  fix: "set the resource option deleteBeforeReplace to false",
  facts: [
    factsOf(kinds.container, (_, { opts }) => [fact("option deleteBeforeReplace", () => opts.deleteBeforeReplace)]),
  ],
  holds: (deleteBeforeReplace) => deleteBeforeReplace === false,
});
