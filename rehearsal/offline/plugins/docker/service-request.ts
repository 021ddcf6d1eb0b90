import { count, flag, group, items, text, textMap, texts, type Properties } from "../value";
import { given, healthcheck, mount, nanoseconds } from "./container-request";
import { labelsToMap } from "./labels";

/** The body of `POST /services/create` and `POST /services/{id}/update` for a planned service. Pure. */
export const serviceRequest = (plan: Properties): Record<string, unknown> => ({
  Name: text(plan, "name"),
  Labels: labelsToMap(items(plan, "labels")),
  TaskTemplate: task(group(plan, "taskSpec") ?? {}),
  Mode: mode(group(plan, "mode")),
  EndpointSpec: endpoint(group(plan, "endpointSpec")),
});

/** One replica is Docker's default. Zero replicas is a number of its own, so it is always sent. */
function mode(value: Properties | undefined): Record<string, unknown> {
  if (flag(value ?? {}, "global")) return { Global: {} };
  const replicated = group(value ?? {}, "replicated");
  return { Replicated: { Replicas: replicated === undefined ? 1 : count(replicated, "replicas") } };
}

const endpoint = (value: Properties = {}): Record<string, unknown> =>
  given({
    Mode: text(value, "mode"),
    Ports: items(value, "ports").map((port) =>
      given({
        Name: text(port, "name"),
        Protocol: text(port, "protocol"),
        TargetPort: count(port, "targetPort"),
        PublishedPort: count(port, "publishedPort"),
        PublishMode: text(port, "publishMode"),
      }),
    ),
  });

function task(value: Properties): Record<string, unknown> {
  const limits = group(group(value, "resources") ?? {}, "limits") ?? {};
  const log = group(value, "logDriver");
  return given({
    ContainerSpec: containerSpec(group(value, "containerSpec") ?? {}),
    LogDriver: log && { Name: text(log, "name"), Options: textMap(log, "options") },
    Networks: items(value, "networksAdvanceds").map((network) => ({
      Target: text(network, "id") || text(network, "name"),
      Aliases: texts(network, "aliases"),
    })),
    Placement: placement(group(value, "placement") ?? {}),
    Resources: given({
      Limits: given({ MemoryBytes: count(limits, "memoryBytes"), NanoCPUs: count(limits, "nanoCpus") }),
    }),
    RestartPolicy: restartPolicy(group(value, "restartPolicy")),
    ForceUpdate: count(value, "forceUpdate"),
    Runtime: text(value, "runtime"),
  });
}

const placement = (value: Properties): Record<string, unknown> =>
  given({ Constraints: texts(value, "constraints"), MaxReplicas: count(value, "maxReplicas") });

const restartPolicy = (value: Properties | undefined): Record<string, unknown> | undefined =>
  value && {
    Condition: text(value, "condition"),
    Delay: nanoseconds(text(value, "delay")),
    MaxAttempts: count(value, "maxAttempts"),
    Window: nanoseconds(text(value, "window")),
  };

const containerSpec = (value: Properties): Record<string, unknown> =>
  given({
    Image: text(value, "image"),
    Labels: labelsToMap(items(value, "labels")),
    Command: texts(value, "commands"),
    Args: texts(value, "args"),
    Hostname: text(value, "hostname"),
    Env: Object.entries(textMap(value, "env")).map(([name, content]) => `${name}=${content}`),
    Dir: text(value, "dir"),
    User: text(value, "user"),
    Groups: texts(value, "groups"),
    ReadOnly: flag(value, "readOnly"),
    Init: flag(value, "init"),
    StopSignal: text(value, "stopSignal"),
    StopGracePeriod: nanoseconds(text(value, "stopGracePeriod")),
    Healthcheck: healthcheck(group(value, "healthcheck")),
    Hosts: items(value, "hosts").map((host) => `${text(host, "ip")} ${text(host, "host")}`),
    Mounts: items(value, "mounts").map(mount),
    Secrets: items(value, "secrets").map(secretFile),
    Isolation: text(value, "isolation"),
    Sysctls: textMap(value, "sysctl"),
    CapabilityAdd: texts(value, "capAdds"),
    CapabilityDrop: texts(value, "capDrops"),
  });

const secretFile = (value: Properties): Record<string, unknown> => ({
  SecretID: text(value, "secretId"),
  SecretName: text(value, "secretName"),
  File: {
    Name: text(value, "fileName"),
    UID: text(value, "fileUid"),
    GID: text(value, "fileGid"),
    Mode: count(value, "fileMode"),
  },
});
