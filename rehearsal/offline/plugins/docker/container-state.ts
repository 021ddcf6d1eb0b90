import { flag, isList, text, type Properties, type Value } from "../value";
import type {
  ContainerInspect,
  EndpointInspect,
  HealthcheckInspect,
  HostConfigInspect,
  MountInspect,
} from "./container-inspect";
import { mapToLabels } from "./labels";

const mebibyte = 1024 * 1024;

/**
 * The state that the real provider reads from a container, given its former state. The rest it takes on trust: environment,
 * labels, networks, and whatever only guides the provider itself. Pure.
 */
export function containerState(container: ContainerInspect, known: Properties): Properties {
  const { Config: config, HostConfig: hostConfig, State: state } = container;
  return {
    ...processState(container, known),
    ...hostState(hostConfig, known),
    ...networkState(container, known),
    ...(state.Running ? {} : { exitCode: state.ExitCode }),
    // A stopped container that should run shows as drift; the update starts it.
    ...(!state.Running && flag(known, "mustRun") ? { mustRun: false } : {}),
    ...(config.Healthcheck === undefined ? {} : { healthcheck: healthcheckState(config.Healthcheck) }),
  };
}

function processState(container: ContainerInspect, known: Properties): Properties {
  const { Config: config } = container;
  return {
    name: container.Name.replace(/^\/+/, ""),
    image: text(known, "image").startsWith("sha256:") ? container.Image : config.Image,
    platform: container.Platform,
    hostname: config.Hostname,
    domainname: config.Domainname,
    command: config.Cmd ?? [],
    entrypoints: config.Entrypoint ?? [],
    user: config.User,
    workingDir: config.WorkingDir,
    tty: config.Tty,
    stdinOpen: config.OpenStdin,
    stopSignal: config.StopSignal ?? "",
    stopTimeout: config.StopTimeout ?? 0,
  };
}

const hostState = (host: HostConfigInspect, known: Properties): Properties => ({
  ...limitState(host),
  ...isolationState(host, known),
  rm: host.AutoRemove,
  init: host.Init ?? false,
  restart: host.RestartPolicy.Name,
  maxRetryCount: host.RestartPolicy.MaximumRetryCount,
  logDriver: host.LogConfig.Type,
  logOpts: isGiven(known["logOpts"]) ? (host.LogConfig.Config ?? {}) : {},
  tmpfs: host.Tmpfs ?? {},
  mounts: (host.Mounts ?? []).map(mountState),
  dns: host.Dns ?? [],
  dnsOpts: host.DnsOptions ?? [],
  dnsSearches: host.DnsSearch ?? [],
  hosts: (host.ExtraHosts ?? []).map(extraHost),
  networkMode: host.NetworkMode,
  publishAllPorts: host.PublishAllPorts,
});

const limitState = (host: HostConfigInspect): Properties => ({
  memory: mebibytes(host.Memory),
  memoryReservation: mebibytes(host.MemoryReservation),
  memorySwap: mebibytes(host.MemorySwap),
  shmSize: mebibytes(host.ShmSize),
  ...(host.NanoCpus > 0 ? { cpus: String(host.NanoCpus / 1e9) } : {}),
  cpuShares: host.CpuShares,
  cpuSet: host.CpusetCpus,
  deviceReadBps: throttleState(host.BlkioDeviceReadBps),
  deviceReadIops: throttleState(host.BlkioDeviceReadIOps),
  deviceWriteBps: throttleState(host.BlkioDeviceWriteBps),
  deviceWriteIops: throttleState(host.BlkioDeviceWriteIOps),
});

/** Whole mebibytes; -1 (no limit) stays. */
const mebibytes = (bytes: number): number => (bytes > 0 ? Math.floor(bytes / mebibyte) : bytes);

const throttleState = (devices: HostConfigInspect["BlkioDeviceReadBps"]): Value =>
  (devices ?? []).map(({ Path: path, Rate: rate }) => ({ path, rate }));

function isolationState(host: HostConfigInspect, known: Properties): Properties {
  const capabilities = { adds: host.CapAdd ?? [], drops: host.CapDrop ?? [] };
  const hasCapabilities = capabilities.adds.length + capabilities.drops.length > 0;
  return {
    readOnly: host.ReadonlyRootfs,
    privileged: host.Privileged,
    ...(hasCapabilities ? { capabilities } : {}),
    securityOpts: host.SecurityOpt ?? [],
    runtime: host.Runtime,
    usernsMode: host.UsernsMode,
    ...(isGiven(known["pidMode"]) ? { pidMode: host.PidMode } : {}),
    ipcMode: host.IpcMode,
    groupAdds: host.GroupAdd ?? [],
    sysctls: host.Sysctls ?? {},
    storageOpts: host.StorageOpt ?? {},
    ...(isGiven(known["ulimits"]) ? { ulimits: ulimitState(host) } : {}),
  };
}

const ulimitState = (host: HostConfigInspect): Value =>
  (host.Ulimits ?? []).map(({ Name: name, Soft: soft, Hard: hard }) => ({ name, soft, hard }));

function networkState({ NetworkSettings: settings, State: state }: ContainerInspect, known: Properties): Properties {
  const reads = isGiven(known["ports"]) && (state.Running || flag(known, "mustRun"));
  return {
    bridge: settings.Bridge ?? "",
    networkDatas: Object.entries(settings.Networks ?? {}).map(([name, endpoint]) => networkData(name, endpoint)),
    ...(reads ? { ports: portState(settings.Ports) } : {}),
  };
}

const networkData = (networkName: string, endpoint: EndpointInspect): Properties => ({
  networkName,
  ipAddress: endpoint.IPAddress,
  ipPrefixLength: endpoint.IPPrefixLen,
  gateway: endpoint.Gateway,
  globalIpv6Address: endpoint.GlobalIPv6Address,
  globalIpv6PrefixLength: endpoint.GlobalIPv6PrefixLen,
  ipv6Gateway: endpoint.IPv6Gateway,
  macAddress: endpoint.MacAddress,
});

const portState = (ports: ContainerInspect["NetworkSettings"]["Ports"]): Value =>
  Object.entries(ports ?? {})
    .sort(([a], [b]) => Number.parseInt(a) - Number.parseInt(b))
    .flatMap(([key, bindings]) =>
      (bindings ?? []).map(({ HostIp: ip, HostPort: external }) => ({
        internal: Number.parseInt(key),
        external: Number(external),
        ip,
        protocol: key.split("/")[1] ?? "",
      })),
    );

export const mountState = (mount: MountInspect): Properties => ({
  target: mount.Target,
  source: mount.Source ?? "",
  type: mount.Type,
  readOnly: mount.ReadOnly ?? false,
  bindOptions: mount.BindOptions ? { propagation: mount.BindOptions.Propagation ?? "" } : null,
  tmpfsOptions: mount.TmpfsOptions
    ? { sizeBytes: mount.TmpfsOptions.SizeBytes ?? 0, mode: mount.TmpfsOptions.Mode ?? 0 }
    : null,
  volumeOptions: mount.VolumeOptions ? volumeState(mount.VolumeOptions) : null,
});

const volumeState = (options: NonNullable<MountInspect["VolumeOptions"]>): Properties => ({
  noCopy: options.NoCopy ?? false,
  labels: mapToLabels(options.Labels),
  driverName: options.DriverConfig?.Name ?? "",
  driverOptions: options.DriverConfig?.Options ?? {},
  subpath: options.Subpath ?? "",
});

function extraHost(entry: string): Properties {
  const [host = "", ip = ""] = entry.split(/:(.*)/s, 2);
  return { host, ip };
}

const healthcheckState = (check: HealthcheckInspect): Properties => ({
  tests: check.Test ?? [],
  interval: goDuration(check.Interval ?? 0),
  timeout: goDuration(check.Timeout ?? 0),
  startPeriod: goDuration(check.StartPeriod ?? 0),
  startInterval: goDuration(check.StartInterval ?? 0),
  retries: check.Retries ?? 0,
});

/** A duration in Go's spelling: 90e9 ns is "1m30s". Below a second it is told in milliseconds. */
export function goDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return "0s";
  if (nanoseconds < 1e9) return `${nanoseconds / 1e6}ms`;
  const seconds = nanoseconds / 1e9;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const head = hours > 0 ? `${hours}h${minutes}m` : minutes > 0 ? `${minutes}m` : "";
  return `${head}${Number((seconds % 60).toFixed(9))}s`;
}

function isGiven(value: Value | undefined): boolean {
  if (value === undefined || value === null || value === "") return false;
  return isList(value) ? value.length > 0 : typeof value !== "object" || Object.keys(value).length > 0;
}
