import type { Properties } from "../value";
import type { HealthcheckInspect, MountInspect } from "./container-inspect";
import { goDuration, mountState } from "./container-state";
import { mapToLabels } from "./labels";

type Texts = Readonly<Record<string, string>>;

/** The part of Docker's answer to `GET /services/{id}` that the provider reads. Durations in nanoseconds. */
export interface ServiceInspect {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: {
    readonly Name: string;
    readonly Labels: Texts | null;
    readonly TaskTemplate: TaskInspect;
    readonly Mode: { readonly Global?: object; readonly Replicated?: { readonly Replicas?: number } };
    readonly EndpointSpec?: { readonly Mode?: string; readonly Ports?: readonly PortInspect[] };
  };
}

interface PortInspect {
  readonly Name?: string;
  readonly Protocol?: string;
  readonly TargetPort?: number;
  readonly PublishedPort?: number;
  readonly PublishMode?: string;
}

interface TaskInspect {
  readonly ContainerSpec: ContainerSpecInspect;
  readonly LogDriver?: { readonly Name: string; readonly Options?: Texts };
  readonly Networks?: readonly { readonly Target: string; readonly Aliases?: readonly string[] }[];
  readonly Placement?: { readonly Constraints?: readonly string[]; readonly MaxReplicas?: number };
  readonly Resources?: { readonly Limits?: { readonly MemoryBytes?: number; readonly NanoCPUs?: number } };
  readonly RestartPolicy?: {
    readonly Condition?: string;
    readonly Delay?: number;
    readonly MaxAttempts?: number;
    readonly Window?: number;
  };
  readonly ForceUpdate?: number;
  readonly Runtime?: string;
}

interface ContainerSpecInspect {
  readonly Image: string;
  readonly Labels?: Texts;
  readonly Command?: readonly string[];
  readonly Args?: readonly string[];
  readonly Hostname?: string;
  readonly Env?: readonly string[];
  readonly Dir?: string;
  readonly User?: string;
  readonly Groups?: readonly string[];
  readonly ReadOnly?: boolean;
  readonly Init?: boolean;
  readonly StopSignal?: string;
  readonly StopGracePeriod?: number;
  readonly Healthcheck?: HealthcheckInspect;
  readonly Hosts?: readonly string[];
  readonly Mounts?: readonly MountInspect[];
  readonly Secrets?: readonly SecretInspect[];
  readonly Isolation?: string;
  readonly Sysctls?: Texts;
  readonly CapabilityAdd?: readonly string[];
  readonly CapabilityDrop?: readonly string[];
}

interface SecretInspect {
  readonly SecretID: string;
  readonly SecretName: string;
  readonly File?: { readonly Name: string; readonly UID: string; readonly GID: string; readonly Mode: number };
}

/** The state that the real provider reads from a service. Pure. */
export const serviceState = ({ Spec: spec }: ServiceInspect): Properties => ({
  name: spec.Name,
  labels: mapToLabels(spec.Labels),
  mode: {
    global: spec.Mode.Global !== undefined,
    replicated: spec.Mode.Replicated === undefined ? null : { replicas: spec.Mode.Replicated.Replicas ?? 0 },
  },
  endpointSpec: { mode: spec.EndpointSpec?.Mode ?? "", ports: (spec.EndpointSpec?.Ports ?? []).map(portState) },
  taskSpec: taskState(spec.TaskTemplate),
});

const portState = (port: PortInspect): Properties => ({
  name: port.Name ?? "",
  protocol: port.Protocol ?? "",
  publishMode: port.PublishMode ?? "",
  publishedPort: port.PublishedPort ?? 0,
  targetPort: port.TargetPort ?? 0,
});

const taskState = (task: TaskInspect): Properties => ({
  containerSpec: containerSpecState(task.ContainerSpec),
  forceUpdate: task.ForceUpdate ?? 0,
  logDriver: task.LogDriver ? { name: task.LogDriver.Name, options: task.LogDriver.Options ?? {} } : null,
  networksAdvanceds: (task.Networks ?? []).map(({ Target: id, Aliases: aliases }) => ({
    id,
    name: "",
    aliases: aliases ?? [],
    driverOpts: [],
  })),
  placement: {
    constraints: task.Placement?.Constraints ?? [],
    maxReplicas: task.Placement?.MaxReplicas ?? 0,
    platforms: [],
    prefs: [],
  },
  resources: resourcesState(task.Resources),
  restartPolicy: restartState(task.RestartPolicy),
  runtime: task.Runtime ?? "",
});

const resourcesState = (resources: TaskInspect["Resources"]): Properties => ({
  limits: resources?.Limits
    ? { memoryBytes: resources.Limits.MemoryBytes ?? 0, nanoCpus: resources.Limits.NanoCPUs ?? 0 }
    : null,
  reservation: null,
});

const restartState = (policy: TaskInspect["RestartPolicy"]): Properties | null =>
  policy === undefined
    ? null
    : {
        condition: policy.Condition ?? "",
        delay: goDuration(policy.Delay ?? 0),
        maxAttempts: policy.MaxAttempts ?? 0,
        window: goDuration(policy.Window ?? 0),
      };

const containerSpecState = (spec: ContainerSpecInspect): Properties => ({
  ...processState(spec),
  ...filesState(spec),
  labels: mapToLabels(spec.Labels),
  hosts: (spec.Hosts ?? []).map((entry) => {
    const [ip = "", host = ""] = entry.split(" ");
    return { host, ip };
  }),
  dnsConfig: { nameservers: null, options: null, searches: null },
  configs: [],
  privileges: null,
  isolation: spec.Isolation ?? "",
  sysctl: spec.Sysctls ?? {},
  capAdds: spec.CapabilityAdd ?? [],
  capDrops: spec.CapabilityDrop ?? [],
});

const processState = (spec: ContainerSpecInspect): Properties => ({
  image: spec.Image,
  commands: spec.Command ?? [],
  args: spec.Args ?? [],
  hostname: spec.Hostname ?? "",
  env: Object.fromEntries((spec.Env ?? []).map((entry) => entry.split(/=(.*)/s, 2))) as Texts,
  dir: spec.Dir ?? "",
  user: spec.User ?? "",
  groups: spec.Groups ?? [],
  readOnly: spec.ReadOnly ?? false,
  init: spec.Init ?? false,
  stopSignal: spec.StopSignal ?? "",
  stopGracePeriod: goDuration(spec.StopGracePeriod ?? 0),
  healthcheck: spec.Healthcheck ? healthcheckState(spec.Healthcheck) : null,
});

const healthcheckState = (check: HealthcheckInspect): Properties => ({
  tests: check.Test ?? [],
  interval: goDuration(check.Interval ?? 0),
  timeout: goDuration(check.Timeout ?? 0),
  startPeriod: goDuration(check.StartPeriod ?? 0),
  retries: check.Retries ?? 0,
});

const filesState = (spec: ContainerSpecInspect): Properties => ({
  mounts: (spec.Mounts ?? []).map(mountState),
  secrets: (spec.Secrets ?? []).map(({ SecretID: secretId, SecretName: secretName, File: file }) => ({
    secretId,
    secretName,
    fileName: file?.Name ?? "",
    fileUid: file?.UID ?? "",
    fileGid: file?.GID ?? "",
    fileMode: file?.Mode ?? 0,
  })),
});
