import * as kinds from "./kinds";
import { fact, resourceRule, showJson, type Fact } from "./rule";
import type { StackSettings } from "./stack-settings";

/** The inputs that a type may have, and the values of further inputs that the plugin's own check adds. */
interface Inputs {
  readonly allowed: readonly string[];
  readonly added?: Readonly<Record<string, unknown>>;
}

const inputsByType: Readonly<Record<string, Inputs>> = {
  [kinds.container.type]: {
    allowed: [
      ...["name", "image", "labels", "user", "memory", "memorySwap", "cpuShares", "init", "restart", "mustRun"],
      ...["stopTimeout", "healthcheck", "logDriver", "logOpts", "networksAdvanced", "hosts", "mounts", "tmpfs"],
      ...["readOnly", "capabilities", "securityOpts", "ulimits", "cpus"],
    ],
    added: {
      networkMode: "bridge",
      removeVolumes: true,
      start: true,
      waitTimeout: 60,
      containerReadRefreshTimeoutMilliseconds: 15_000,
    },
  },
  [kinds.remoteImage.type]: { allowed: ["name", "keepLocally"] },
  [kinds.network.type]: {
    allowed: ["name", "driver", "ipamConfigs", "labels", "options"],
    added: { ipamDriver: "default" },
  },
  [kinds.remoteCommand.type]: {
    allowed: ["connection", "create", "triggers", "logging", "addPreviousOutputInEnv"],
  },
  [kinds.bucket.type]: {
    allowed: ["bucketName", "bucketType", "defaultServerSideEncryption", "lifecycleRules"],
  },
  [kinds.applicationKey.type]: { allowed: ["keyName", "capabilities", "bucketIds"] },
};

/** The reason for the inputs that people are most likely to add. */
const dangers: Readonly<Record<string, string>> = {
  privileged: "a privileged container is root on the server",
  devices: "a disk or memory device gives access to the whole server",
  ports: "Docker opens the port past the firewall",
  publishAllPorts: "Docker opens the ports past the firewall",
  volumes: "a volume can hold any directory of the server, or of another container",
  uploads: "a file of the release would not be in the image",
  envs: "anyone who can read the state or `docker inspect` can read it; set app.deliver only for an app that reads no file",
  networkMode: "the container would be in the network of the server or of another container",
  pidMode: "the container would see processes that are not its own",
  ipcMode: "the container would share memory with other processes",
  usernsMode: "the container would not use the user namespace of the daemon",
  cgroupnsMode: "the container would see the control groups of the server",
  groupAdds: "the group can own the Docker socket or files of the server",
  sysctls: "it changes settings of the kernel",
  runtime: "the isolation of another runtime is not known",
  entrypoints: "the container would not start what the image was tested with",
  command: "the container would not start what the image was tested with",
  build: "the image would be built on the server, from files that no registry holds",
  update: "no rule checks what it runs",
  delete: "no rule checks what it runs",
  corsRules: "web pages could read the backups",
};

const isInert = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  value === "" ||
  value === 0 ||
  (typeof value === "object" && Object.keys(value).filter((key) => key !== "__defaults").length === 0);

interface Input {
  readonly name: string;
  readonly value: unknown;
  readonly added: unknown;
  /** Whether the stack's configuration asks for the value. */
  readonly isConfigured: boolean;
}

/** Inputs of the container that only an app with this configuration has. */
const configured: Readonly<Record<string, (value: unknown, app: StackSettings["app"]) => boolean>> = {
  envs: (_, { deliver }) => deliver !== "environmentFile",
  command: (value, { command }) => command !== undefined && JSON.stringify(value) === JSON.stringify(command),
};

/** Inputs that often hold credentials. Their values are not shown. */
const isHidden = (name: string): boolean => ["envs", "environment", "stdin", "uploads", "build"].includes(name);

function* unusual(
  { allowed, added = {} }: Inputs,
  props: Readonly<Record<string, unknown>>,
  stack: StackSettings | undefined,
): Generator<Fact<Input>> {
  for (const name of Object.keys(props)) {
    if (allowed.includes(name) || name === "__defaults") continue;
    yield fact(name, () => {
      const value = props[name];
      const isConfigured = stack !== undefined && (configured[name]?.(value, stack.app) ?? false);
      return { name, value, added: added[name], isConfigured };
    });
  }
}

export const resourceInput = resourceRule({
  name: "resource-input",
  why: "A resource has only the inputs that the rules know. An input that no rule checks can give the container the server, or the server's data to others",
  source: "CIS Docker Benchmark, section 5",
  fix: "remove the input; if the app needs it, add it to policy/inputs.ts together with a rule for its values",
  facts: Object.entries(inputsByType).map(([type, inputs]) => ({
    type,
    facts: ({ props }, stack) => unusual(inputs, props, stack),
  })),
  holds: ({ value, added, isConfigured }) => isConfigured || isInert(value) || (added !== undefined && value === added),
  show: ({ name, value }) => {
    const shown = isHidden(name) ? "set (not shown)" : showJson(value);
    return dangers[name] === undefined ? shown : `${shown} (${dangers[name]})`;
  },
});
