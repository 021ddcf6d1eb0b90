import type { Unwrap } from "@pulumi/pulumi";
import type { ContainerArgs } from "@pulumi/docker";
import * as kinds from "./kinds";
import { fact, factsOf, resourceRule, type Fact } from "./rule";

type Container = Unwrap<ContainerArgs>;

const ofContainer = <Value>(facts: (container: Container) => Iterable<Fact<Value>>) => [
  factsOf(kinds.container, facts),
];

const isBelow = (path: string, root: string): boolean => path === root || path.startsWith(`${root}/`);

export const containerUnprivileged = resourceRule({
  name: "container-unprivileged",
  why: "A privileged container is root on the host",
  source: "CIS Docker 5.5",
  remedy: "leave privileged out",
  facts: ofContainer((container) => [fact("privileged", () => container.privileged)]),
  holds: (privileged) => privileged !== true,
});

export const containerNamespaces = resourceRule({
  name: "container-namespaces",
  why: "A container shares no namespace of the host or of another container: there it sees and reaches what is not its own",
  source: "CIS Docker 5.10, 5.16, 5.17, 5.21, 5.31",
  remedy: "leave it out and put the container on the app's own network (networksAdvanced)",
  facts: ofContainer((container) =>
    (["networkMode", "pidMode", "ipcMode", "usernsMode"] as const).map((name) => fact(name, () => container[name])),
  ),
  holds: (mode) => mode === undefined || !/^(host$|container:)/.test(mode),
});

export const containerNetwork = resourceRule({
  name: "container-network",
  why: "A container is on a network of its app, with a fixed address: on Docker's default one it meets all others, and a restart moves it",
  source: "CIS Docker 5.30; design.md 3",
  remedy: "give networksAdvanced with the app's network and an ipv4Address",
  facts: ofContainer(function* ({ networksAdvanced }) {
    yield fact("networksAdvanced", () => networksAdvanced?.length);
    for (const [index, network] of (networksAdvanced ?? []).entries()) {
      yield fact(`networksAdvanced[${index}].ipv4Address`, () => network.ipv4Address?.length);
    }
  }),
  holds: (length) => (length ?? 0) > 0,
  show: () => "not set",
});

export const containerMounts = resourceRule({
  name: "container-mounts",
  why: "A container sees only its app's own folders of the host: the Docker socket or a system path would give it the host",
  source: "CIS Docker 5.6, 5.32; data-model.md 3",
  remedy: "mount what the app needs below /opt/<app>, or name another folder in the pack's configuration (roots)",
  settings: { roots: ["/opt"] },
  facts: ofContainer(function* ({ mounts = [], volumes = [] }) {
    for (const [index, mount] of mounts.entries()) yield fact(`mounts[${index}].source`, () => mount.source);
    for (const [index, volume] of volumes.entries()) yield fact(`volumes[${index}].hostPath`, () => volume.hostPath);
  }),
  holds: (source, { roots }) =>
    source === undefined || roots.some((root) => source !== root && isBelow(source, root) && !source.includes("/..")),
});

export const containerDevices = resourceRule({
  name: "container-devices",
  why: "A container gets no device of the host: a disk or memory device is the whole host",
  source: "CIS Docker 5.18",
  remedy: "leave devices out",
  facts: ofContainer((container) => [fact("devices", () => container.devices ?? [])]),
  holds: (devices) => devices.length === 0,
});

export const containerCapabilities = resourceRule({
  name: "container-capabilities",
  why: "A container has no capability at all: the app needs none, and an attacker uses each",
  source: "CIS Docker 5.4",
  remedy: 'set capabilities to { drops: ["ALL"] } and add none',
  facts: ofContainer(({ capabilities }) => [
    fact("capabilities", () => ({ drops: capabilities?.drops ?? [], adds: capabilities?.adds ?? [] })),
  ]),
  // The plugin writes them as CAP_ALL and the like.
  holds: ({ drops, adds }) => drops.some((name) => /^(CAP_)?ALL$/.test(name)) && adds.length === 0,
});

export const containerNoNewPrivileges = resourceRule({
  name: "container-no-new-privileges",
  why: "A process in a container cannot gain rights by a setuid program",
  source: "CIS Docker 5.26",
  remedy: 'add "no-new-privileges" to securityOpts',
  facts: ofContainer((container) => [fact("securityOpts", () => container.securityOpts ?? [])]),
  holds: (options) => options.some((option) => /^no-new-privileges([:=]true)?$/.test(option)),
});

export const containerConfined = resourceRule({
  name: "container-confined",
  why: "Docker's own system call filter and profile stay on: they stop most ways out of a container",
  source: "CIS Docker 5.2, 5.22",
  remedy: "take the unconfined option out of securityOpts",
  facts: ofContainer((container) => [fact("securityOpts", () => container.securityOpts ?? [])]),
  holds: (options) => !options.some((option) => /unconfined|label[:=]disable/.test(option)),
});

export const containerReadOnly = resourceRule({
  name: "container-read-only",
  why: "A container cannot write its own image: what is not data or a tmpfs is as it was built, and stays so",
  source: "CIS Docker 5.13",
  remedy: "set readOnly to true, and give a tmpfs where the app must write",
  facts: ofContainer((container) => [fact("readOnly", () => container.readOnly)]),
  holds: (readOnly) => readOnly === true,
});

export const containerUser = resourceRule({
  name: "container-user",
  why: "The app does not run as root: a way out of the container would then be root's",
  source: "CIS Docker 4.1",
  remedy: "set user to the image's own user, as <uid>:<gid> (config app.uid)",
  facts: ofContainer((container) => [fact("user", () => container.user)]),
  holds: (user) => user !== undefined && !/^(root|0+)?(:|$)/.test(user),
});

export const containerMemory = resourceRule({
  name: "container-memory",
  why: "A container has a memory limit, and no swap beyond it: one that leaks would take the host and its site along",
  source: "CIS Docker 5.11",
  remedy: "set memory to a positive number of MiB and memorySwap to the same (config app.memoryMb)",
  facts: ofContainer((container) => [
    fact("memory and memorySwap", () => [container.memory ?? 0, container.memorySwap ?? 0] as const),
  ]),
  holds: ([memory, memorySwap]) => memory > 0 && memorySwap === memory,
});

export const containerLogs = resourceRule({
  name: "container-logs",
  why: "A container's log is bounded: an unbounded one fills the disk that the data is on",
  source: "CIS Docker 2.13; data-model.md 3, 14-day retention",
  remedy: 'set logDriver to "journald" (bounded by the journal), or give logOpts max-size and max-file',
  facts: ofContainer((container) => [
    fact("logDriver and logOpts", () => ({ logDriver: container.logDriver, logOpts: container.logOpts ?? {} })),
  ]),
  holds: ({ logDriver, logOpts }) =>
    logDriver === "journald" ||
    (["json-file", "local"].includes(logDriver ?? "") && "max-size" in logOpts && "max-file" in logOpts),
});

export const containerRestart = resourceRule({
  name: "container-restart",
  why: "A container comes back after a crash and after a reboot, and stays down when it was stopped on purpose",
  source: "docs.docker.com, Start containers automatically",
  remedy: 'set restart to "unless-stopped"',
  facts: ofContainer((container) => [fact("restart", () => container.restart)]),
  holds: (restart) => restart === "unless-stopped",
});

export const containerPorts = resourceRule({
  name: "container-ports",
  why: "A container publishes no port: Docker opens it past the firewall, and nginx reaches the app by a socket",
  source: "design.md 3; docker/for-linux#690",
  remedy: "leave ports and publishAllPorts out",
  facts: ofContainer(({ ports, publishAllPorts }) => [
    fact("ports", () => [...(ports ?? []).map((port) => port.internal), ...(publishAllPorts ? ["all"] : [])]),
  ]),
  holds: (published) => published.length === 0,
});

export const containerReplacement = resourceRule({
  name: "container-replacement",
  why: "A container is never deleted before its replacement is there: by the plugin's own default every deployment is an outage",
  source: "design.md 4.1, measured",
  remedy: "set the resource option deleteBeforeReplace to false",
  facts: [
    factsOf(kinds.container, (_, { opts }) => [fact("option deleteBeforeReplace", () => opts.deleteBeforeReplace)]),
  ],
  holds: (deleteBeforeReplace) => deleteBeforeReplace === false,
});

export const containerPids = resourceRule({
  name: "container-pids",
  why: "A container has a limit of processes, set by its Rollout because the Docker plugin has none: a fork bomb would take the host",
  source: "CIS Docker 5.29",
  remedy: "leave the Rollout's pidsLimit at 512, or allow more in the pack's configuration (maximum)",
  settings: { maximum: 512 },
  facts: [factsOf(kinds.rollout, ({ pidsLimit }) => [fact("pidsLimit", () => pidsLimit)])],
  holds: (pidsLimit, { maximum }) => pidsLimit === undefined || (pidsLimit > 0 && pidsLimit <= maximum),
});
