import { count, flag, group, items, text, textMap, texts, type Properties } from "../value";
import { labelsToMap } from "./labels";

const mebibyte = 1024 * 1024;
/** An option of Docker's command line: the daemon knows only the lists it stands for. */
const unmaskedPaths = "systempaths=unconfined";

/** The body of `POST /containers/create` for a planned container. Pure; what is not given is not sent. */
export const containerRequest = (plan: Properties): Record<string, unknown> =>
  given({
    Image: text(plan, "image"),
    Hostname: text(plan, "hostname"),
    Domainname: text(plan, "domainname"),
    Tty: flag(plan, "tty"),
    OpenStdin: flag(plan, "stdinOpen"),
    StopSignal: text(plan, "stopSignal"),
    StopTimeout: count(plan, "stopTimeout") || undefined,
    Env: texts(plan, "envs"),
    Cmd: texts(plan, "command"),
    Entrypoint: texts(plan, "entrypoints"),
    User: text(plan, "user"),
    WorkingDir: text(plan, "workingDir"),
    ExposedPorts: exposedPorts(plan),
    Volumes: Object.fromEntries(items(plan, "volumes").map((volume) => [text(volume, "containerPath"), {}])),
    Labels: labelsToMap(items(plan, "labels")),
    Healthcheck: healthcheck(group(plan, "healthcheck")),
    HostConfig: hostConfig(plan),
  });

function hostConfig(plan: Properties): Record<string, unknown> {
  const unmasked = texts(plan, "securityOpts").includes(unmaskedPaths);
  return {
    ...given({ ...isolation(plan), ...limits(plan), ...reach(plan) }),
    ...(unmasked ? { MaskedPaths: [], ReadonlyPaths: [] } : {}),
    AutoRemove: flag(plan, "rm"),
    Init: flag(plan, "init"),
    LogConfig: given({ Type: text(plan, "logDriver"), Config: textMap(plan, "logOpts") }),
    RestartPolicy: { Name: text(plan, "restart"), MaximumRetryCount: count(plan, "maxRetryCount") },
  };
}

function isolation(plan: Properties): Record<string, unknown> {
  const capabilities = group(plan, "capabilities") ?? {};
  return {
    Privileged: flag(plan, "privileged"),
    ReadonlyRootfs: flag(plan, "readOnly"),
    CapAdd: texts(capabilities, "adds"),
    CapDrop: texts(capabilities, "drops"),
    SecurityOpt: texts(plan, "securityOpts").filter((option) => option !== unmaskedPaths),
    UsernsMode: text(plan, "usernsMode"),
    PidMode: text(plan, "pidMode"),
    IpcMode: text(plan, "ipcMode"),
    CgroupnsMode: text(plan, "cgroupnsMode"),
    CgroupParent: text(plan, "cgroupParent"),
    Runtime: text(plan, "runtime"),
    Sysctls: textMap(plan, "sysctls"),
    GroupAdd: texts(plan, "groupAdds"),
    StorageOpt: textMap(plan, "storageOpts"),
    Devices: items(plan, "devices").map((device) => ({
      PathOnHost: text(device, "hostPath"),
      PathInContainer: text(device, "containerPath") || text(device, "hostPath"),
      CgroupPermissions: text(device, "permissions"),
    })),
  };
}

/** Resource limits, in Docker's units. The same for a new container and for one that is updated. */
export function limits(plan: Properties): Record<string, unknown> {
  const swap = count(plan, "memorySwap");
  const cpus = text(plan, "cpus");
  return given({
    Memory: count(plan, "memory") * mebibyte,
    MemoryReservation: count(plan, "memoryReservation") * mebibyte,
    MemorySwap: swap > 0 ? swap * mebibyte : swap,
    ShmSize: count(plan, "shmSize") * mebibyte,
    NanoCpus: cpus === "" ? 0 : Math.round(Number(cpus) * 1e9),
    CpuPeriod: cpus === "" ? count(plan, "cpuPeriod") : 0,
    CpuQuota: cpus === "" ? count(plan, "cpuQuota") : 0,
    CpuShares: count(plan, "cpuShares"),
    CpusetCpus: text(plan, "cpuSet"),
    BlkioDeviceReadBps: throttles(plan, "deviceReadBps"),
    BlkioDeviceReadIOps: throttles(plan, "deviceReadIops"),
    BlkioDeviceWriteBps: throttles(plan, "deviceWriteBps"),
    BlkioDeviceWriteIOps: throttles(plan, "deviceWriteIops"),
    Ulimits: items(plan, "ulimits").map((limit) => ({
      Name: text(limit, "name"),
      Soft: count(limit, "soft"),
      Hard: count(limit, "hard"),
    })),
  });
}

const throttles = (plan: Properties, name: string): unknown[] =>
  items(plan, name).map((device) => ({ Path: text(device, "path"), Rate: count(device, "rate") }));

const reach = (plan: Properties): Record<string, unknown> => ({
  NetworkMode: text(plan, "networkMode"),
  PublishAllPorts: flag(plan, "publishAllPorts"),
  PortBindings: portBindings(plan),
  Dns: texts(plan, "dns"),
  DnsOptions: texts(plan, "dnsOpts"),
  DnsSearch: texts(plan, "dnsSearches"),
  ExtraHosts: items(plan, "hosts").map((host) => `${text(host, "host")}:${text(host, "ip")}`),
  Mounts: items(plan, "mounts").map(mount),
  Tmpfs: textMap(plan, "tmpfs"),
  Binds: items(plan, "volumes").flatMap(bind),
  VolumesFrom: items(plan, "volumes").flatMap((volume) => text(volume, "fromContainer") || []),
});

export function mount(value: Properties): Record<string, unknown> {
  const type = text(value, "type");
  const bindOptions = group(value, "bindOptions");
  const tmpfsOptions = group(value, "tmpfsOptions");
  const volumeOptions = group(value, "volumeOptions");
  return given({
    Type: type,
    Source: text(value, "source"),
    Target: text(value, "target"),
    ReadOnly: flag(value, "readOnly"),
    BindOptions: type === "bind" && bindOptions ? { Propagation: text(bindOptions, "propagation") } : undefined,
    TmpfsOptions:
      type === "tmpfs" && tmpfsOptions
        ? given({ SizeBytes: count(tmpfsOptions, "sizeBytes"), Mode: count(tmpfsOptions, "mode") })
        : undefined,
    VolumeOptions: type === "volume" && volumeOptions ? volumeRequest(volumeOptions) : undefined,
  });
}

function volumeRequest(options: Properties): Record<string, unknown> {
  const driver = text(options, "driverName");
  return given({
    NoCopy: flag(options, "noCopy"),
    Labels: labelsToMap(items(options, "labels")),
    Subpath: text(options, "subpath"),
    DriverConfig: driver === "" ? undefined : { Name: driver, Options: textMap(options, "driverOptions") },
  });
}

function bind(volume: Properties): string[] {
  const source = text(volume, "hostPath") || text(volume, "volumeName");
  if (source === "") return [];
  const relabel = text(volume, "selinuxRelabel");
  const mode = (flag(volume, "readOnly") ? "ro" : "rw") + (relabel === "" ? "" : `,${relabel}`);
  return [`${source}:${text(volume, "containerPath")}:${mode}`];
}

const portKey = (port: Properties): string => `${count(port, "internal")}/${text(port, "protocol")}`;

const exposedPorts = (plan: Properties): Record<string, object> =>
  Object.fromEntries(items(plan, "ports").map((port) => [portKey(port), {}]));

function portBindings(plan: Properties): Record<string, object[]> {
  const bindings: Record<string, object[]> = {};
  for (const port of items(plan, "ports")) {
    const binding = { HostIp: text(port, "ip"), HostPort: String(count(port, "external")) };
    bindings[portKey(port)] = [...(bindings[portKey(port)] ?? []), binding];
  }
  return bindings;
}

export function healthcheck(check: Properties | undefined): Record<string, unknown> | undefined {
  if (check === undefined) return undefined;
  return given({
    Test: texts(check, "tests"),
    Interval: nanoseconds(text(check, "interval")),
    Timeout: nanoseconds(text(check, "timeout")),
    StartPeriod: nanoseconds(text(check, "startPeriod")),
    StartInterval: nanoseconds(text(check, "startInterval")),
    Retries: count(check, "retries"),
  });
}

const units: Readonly<Record<string, number>> = { h: 3600e9, m: 60e9, s: 1e9, ms: 1e6, us: 1e3, ns: 1 };

/** A duration in Go's spelling ("1m30s") as nanoseconds; what is not one counts as 0, as the real plugin has it. */
export function nanoseconds(duration: string): number {
  const parts = [...duration.matchAll(/([\d.]+)(ms|us|ns|h|m|s)/g)];
  return Math.round(parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (units[unit ?? ""] ?? 0), 0));
}

/** The body of `POST /networks/{name}/connect`. */
export function connectRequest(container: string, network: Properties): Record<string, unknown> {
  const driverOpts = texts(network, "driverOpts").map((option) => option.split(/=(.*)/s, 2));
  return {
    Container: container,
    EndpointConfig: given({
      Aliases: texts(network, "aliases"),
      MacAddress: text(network, "macAddress"),
      GwPriority: count(network, "gwPriority"),
      DriverOpts: Object.fromEntries(driverOpts),
      IPAMConfig: given({
        IPv4Address: text(network, "ipv4Address"),
        IPv6Address: text(network, "ipv6Address"),
        LinkLocalIPs: texts(network, "linkLocalIps"),
      }),
    }),
  };
}

/** Drops what says nothing: Docker's defaults hold for what is not sent. */
export const given = (body: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => !isEmpty(value)));

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === "" || value === 0) return true;
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
