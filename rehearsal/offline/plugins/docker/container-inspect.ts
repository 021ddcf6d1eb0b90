/** The part of Docker's answer to `GET /containers/{id}/json` that the provider reads. Lists and maps may be null. */
export interface ContainerInspect {
  readonly Id: string;
  readonly Name: string;
  readonly Image: string;
  readonly Platform: string;
  readonly State: {
    readonly Running: boolean;
    readonly ExitCode: number;
    readonly Health?: { readonly Status: string };
  };
  readonly Config: {
    readonly Image: string;
    readonly Hostname: string;
    readonly Domainname: string;
    readonly Cmd: readonly string[] | null;
    readonly Entrypoint: readonly string[] | null;
    readonly User: string;
    readonly WorkingDir: string;
    readonly Tty: boolean;
    readonly OpenStdin: boolean;
    readonly StopSignal?: string;
    readonly StopTimeout?: number;
    readonly Healthcheck?: HealthcheckInspect;
  };
  readonly HostConfig: HostConfigInspect;
  readonly NetworkSettings: {
    readonly Bridge?: string;
    readonly Ports: Readonly<Record<string, readonly { HostIp: string; HostPort: string }[] | null>> | null;
    readonly Networks: Readonly<Record<string, EndpointInspect>> | null;
  };
}

/** Durations in nanoseconds. */
export interface HealthcheckInspect {
  readonly Test?: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
  readonly Retries?: number;
}

export interface EndpointInspect {
  readonly IPAddress: string;
  readonly IPPrefixLen: number;
  readonly Gateway: string;
  readonly GlobalIPv6Address: string;
  readonly GlobalIPv6PrefixLen: number;
  readonly IPv6Gateway: string;
  readonly MacAddress: string;
}

export interface MountInspect {
  readonly Type: string;
  readonly Source?: string;
  readonly Target: string;
  readonly ReadOnly?: boolean;
  readonly BindOptions?: { readonly Propagation?: string };
  readonly TmpfsOptions?: { readonly SizeBytes?: number; readonly Mode?: number };
  readonly VolumeOptions?: {
    readonly NoCopy?: boolean;
    readonly Subpath?: string;
    readonly Labels?: Readonly<Record<string, string>>;
    readonly DriverConfig?: { readonly Name?: string; readonly Options?: Readonly<Record<string, string>> };
  };
}

/** Sizes in bytes. */
export interface HostConfigInspect {
  readonly AutoRemove: boolean;
  readonly Init?: boolean;
  readonly ReadonlyRootfs: boolean;
  readonly Privileged: boolean;
  readonly PublishAllPorts: boolean;
  readonly RestartPolicy: { readonly Name: string; readonly MaximumRetryCount: number };
  readonly LogConfig: { readonly Type: string; readonly Config: Readonly<Record<string, string>> | null };
  readonly CapAdd: readonly string[] | null;
  readonly CapDrop: readonly string[] | null;
  readonly SecurityOpt: readonly string[] | null;
  readonly Dns: readonly string[] | null;
  readonly DnsOptions: readonly string[] | null;
  readonly DnsSearch: readonly string[] | null;
  readonly ExtraHosts: readonly string[] | null;
  readonly GroupAdd: readonly string[] | null;
  readonly Runtime: string;
  readonly Mounts?: readonly MountInspect[] | null;
  readonly Tmpfs?: Readonly<Record<string, string>> | null;
  readonly Sysctls?: Readonly<Record<string, string>> | null;
  readonly StorageOpt?: Readonly<Record<string, string>> | null;
  readonly Memory: number;
  readonly MemoryReservation: number;
  readonly MemorySwap: number;
  readonly ShmSize: number;
  readonly NanoCpus: number;
  readonly CpuShares: number;
  readonly CpusetCpus: string;
  readonly NetworkMode: string;
  readonly UsernsMode: string;
  readonly PidMode: string;
  readonly IpcMode: string;
  readonly BlkioDeviceReadBps?: readonly Throttle[] | null;
  readonly BlkioDeviceReadIOps?: readonly Throttle[] | null;
  readonly BlkioDeviceWriteBps?: readonly Throttle[] | null;
  readonly BlkioDeviceWriteIOps?: readonly Throttle[] | null;
  readonly Ulimits?: readonly { readonly Name: string; readonly Soft: number; readonly Hard: number }[] | null;
}

interface Throttle {
  readonly Path: string;
  readonly Rate: number;
}
