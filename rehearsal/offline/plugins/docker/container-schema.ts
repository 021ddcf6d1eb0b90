import type { Property, Schema } from "../bridge/schema";

const replaces = { replaces: true } as const;
const computed = { computed: true } as const;
const readOnly = { computed: true, readOnly: true } as const;

const text: Property = { shape: "text" };
const number: Property = { shape: "number" };
const flag: Property = { shape: "flag" };
const textSet: Property = { shape: "text-set" };
const requiredText: Property = { shape: "text", required: true };
const zeroText: Property = { shape: "text", default: "0s" };

/** `{ label, value }` pairs, as Docker's labels travel through the provider. */
export const labelFields: Schema = { label: requiredText, value: requiredText };

export const mountFields: Schema = {
  bindOptions: { shape: "object", fields: { propagation: text } },
  readOnly: flag,
  source: text,
  target: requiredText,
  tmpfsOptions: { shape: "object", fields: { mode: number, sizeBytes: number } },
  type: requiredText,
  volumeOptions: {
    shape: "object",
    fields: {
      driverName: text,
      driverOptions: { shape: "text-map" },
      labels: { shape: "block-set", fields: labelFields },
      noCopy: flag,
      subpath: text,
    },
  },
};

const networkFields: Schema = {
  aliases: textSet,
  driverOpts: textSet,
  gwPriority: number,
  ipv4Address: text,
  ipv6Address: text,
  linkLocalIps: textSet,
  macAddress: text,
  name: requiredText,
};

const networkDataFields: Schema = {
  gateway: text,
  globalIpv6Address: text,
  globalIpv6PrefixLength: number,
  ipAddress: text,
  ipPrefixLength: number,
  ipv6Gateway: text,
  macAddress: text,
  networkName: text,
};

const portFields: Schema = {
  external: { shape: "number", computed: true },
  internal: { shape: "number", required: true },
  ip: { shape: "text", default: "0.0.0.0" },
  protocol: { shape: "text", default: "tcp" },
};

const volumeFields: Schema = {
  containerPath: text,
  fromContainer: text,
  hostPath: text,
  readOnly: flag,
  selinuxRelabel: text,
  volumeName: text,
};

const healthcheckFields: Schema = {
  interval: zeroText,
  retries: { shape: "number", default: 0 },
  startInterval: zeroText,
  startPeriod: zeroText,
  tests: { shape: "text-list" },
  timeout: zeroText,
};

const unmodelledBlocks: Property = { shape: "block-set", fields: {}, unmodelled: true, ...replaces };
const throttle: Property = { shape: "block-set", fields: { path: requiredText, rate: number } };

/** Properties that the upstream provider reads beside the program's. */
const results: Schema = {
  bridge: { shape: "text", ...readOnly },
  containerLogs: { shape: "text", ...readOnly },
  exitCode: { shape: "number", ...readOnly },
  networkDatas: { shape: "block-list", fields: networkDataFields, ...readOnly },
};

/** How the container is run and ended. A change needs no new container. */
const running: Schema = {
  attach: { shape: "flag", default: false },
  containerReadRefreshTimeoutMilliseconds: { shape: "number", default: 15000 },
  cpuPeriod: number,
  cpuQuota: number,
  cpuSet: text,
  cpuShares: number,
  destroyGraceSeconds: number,
  deviceReadBps: throttle,
  deviceReadIops: throttle,
  deviceWriteBps: throttle,
  deviceWriteIops: throttle,
  healthcheck: { shape: "object", fields: healthcheckFields, ...computed },
  init: { shape: "flag", ...computed },
  logs: { shape: "flag", default: false },
  maxRetryCount: number,
  memory: number,
  memoryReservation: { shape: "number", default: 0 },
  memorySwap: number,
  mustRun: { shape: "flag", default: true },
  removeVolumes: { shape: "flag", default: true },
  restart: { shape: "text", default: "no" },
  rm: { shape: "flag", default: false },
  start: { shape: "flag", default: true },
  tmpfs: { shape: "text-map" },
  wait: { shape: "flag", default: false },
  waitTimeout: { shape: "number", default: 60 },
};

/** The container itself: its process and its view of the host. */
const process: Schema = {
  capabilities: { shape: "object", fromSet: true, fields: { adds: textSet, drops: textSet }, ...replaces },
  cgroupParent: { shape: "text", ...replaces },
  cgroupnsMode: { shape: "text", ...replaces },
  command: { shape: "text-list", ...replaces, ...computed },
  cpus: { shape: "text", ...replaces },
  deviceRequests: unmodelledBlocks,
  devices: {
    shape: "block-set",
    fields: { containerPath: text, hostPath: requiredText, permissions: { shape: "text", default: "rwm" } },
    ...replaces,
  },
  entrypoints: { shape: "text-list", ...replaces, ...computed },
  envs: { shape: "text-set", ...replaces, ...computed },
  gpus: { shape: "text", unmodelled: true, ...replaces },
  groupAdds: { shape: "text-set", ...replaces },
  image: { shape: "text", required: true, ...replaces },
  ipcMode: { shape: "text", ...replaces, ...computed },
  labels: { shape: "block-set", fields: labelFields, ...replaces, ...computed },
  logDriver: { shape: "text", ...replaces, ...computed },
  logOpts: { shape: "text-map", ...replaces },
  name: { shape: "text", required: true, autoname: true, ...replaces },
  pidMode: { shape: "text", ...replaces },
  platform: { shape: "text", ...replaces, ...computed },
  privileged: { shape: "flag", ...replaces },
  readOnly: { shape: "flag", default: false, ...replaces },
  runtime: { shape: "text", ...replaces, ...computed },
  securityOpts: { shape: "text-set", ...replaces, ...computed },
  shmSize: { shape: "number", ...replaces, ...computed },
  stdinOpen: { shape: "flag", default: false, ...replaces },
  stopSignal: { shape: "text", ...replaces, ...computed },
  stopTimeout: { shape: "number", ...replaces, ...computed },
  storageOpts: { shape: "text-map", ...replaces },
  sysctls: { shape: "text-map", ...replaces },
  tty: { shape: "flag", default: false, ...replaces },
  ulimits: { shape: "block-set", fields: { hard: number, name: requiredText, soft: number }, ...replaces },
  user: { shape: "text", sticky: true, ...replaces },
  usernsMode: { shape: "text", ...replaces },
  workingDir: { shape: "text", sticky: true, ...replaces },
};

/** Files and networks that the container reaches. */
const surroundings: Schema = {
  dns: { shape: "text-set", ...replaces },
  dnsOpts: { shape: "text-set", ...replaces },
  dnsSearches: { shape: "text-set", ...replaces },
  domainname: { shape: "text", ...replaces },
  hostname: { shape: "text", ...replaces, ...computed },
  hosts: { shape: "block-set", fields: { host: requiredText, ip: requiredText }, ...replaces },
  mounts: { shape: "block-set", fields: mountFields, ...replaces },
  networkMode: { shape: "text", default: "bridge", ...replaces },
  networksAdvanced: { shape: "block-set", fields: networkFields, ...replaces },
  ports: { shape: "block-list", fields: portFields, ...replaces },
  publishAllPorts: { shape: "flag", ...replaces },
  uploads: unmodelledBlocks,
  volumes: { shape: "block-set", fields: volumeFields, ...replaces },
};

/** Every property of `docker.Container` 5.1.0. An input that the stand-in does not send to Docker is refused. */
export const containerSchema: Schema = { ...results, ...running, ...process, ...surroundings };
