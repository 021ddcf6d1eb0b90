/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-call -- attacks change inputs of every shape */
import { assign, inputs, resource, type Attack, type Attacks, type Props } from "../../support/attack";

const container = (values: object): Attack => assign("memoryloop", values);
const mount = (values: object): Attack =>
  inputs("memoryloop", ({ mounts }: Props) => {
    Object.assign((mounts as object[])[0] ?? {}, values);
  });
const sources = [
  ...["/", "/etc", "/proc", "/sys", "/var/run/docker.sock", "/run/docker.sock", "/var/lib/docker", "/root/.ssh"],
  ...["/opt", "/opt/memoryloop", "/opt/memoryloop/config", "/opt/memoryloop/backups", "/opt/other/data"],
  ...["/opt/memoryloop/data/../../../etc", "/opt/memoryloop/config/backup.env", "/opt/memoryloop/data/.restore"],
];
const network = (values: object): Attack => assign("app-network", values);
const securityOptions = (...options: readonly string[]): Attack =>
  container({ securityOpts: ["no-new-privileges", ...options] });

export const containerAttacks: Attacks = {
  "container-mounts": {
    ...Object.fromEntries(sources.map((source) => [`bind mount of ${source}`, mount({ source })])),
    "named volume": mount({ type: "volume", source: "data", target: "/" }),
    "volume with options of a driver": mount({
      type: "volume",
      source: "data",
      volumeOptions: { driverOptions: { type: "none", o: "bind", device: "/" } },
    }),
    "named pipe": mount({ type: "npipe" }),
    "target outside the app": mount({ target: "/etc" }),
    "shared propagation": mount({ bindOptions: { propagation: "shared" } }),
    "writable environment file": inputs("memoryloop", ({ mounts }) => (mounts[1].readOnly = false)),
  },

  "container-network": {
    "no network": container({ networksAdvanced: [] }),
    "second network": inputs("memoryloop", ({ networksAdvanced }) => {
      networksAdvanced.push({ name: "other", ipv4Address: "10.1.0.2" });
    }),
    "no fixed address": inputs("memoryloop", ({ networksAdvanced }) => delete networksAdvanced[0].ipv4Address),
    "false address of an API": container({ hosts: [{ host: "api.anthropic.com", ip: "203.0.113.66" }] }),
    "public address of the server": container({ hosts: [{ host: "host.docker.internal", ip: "203.0.113.66" }] }),
    "driver macvlan": network({ driver: "macvlan" }),
    "driver host": network({ driver: "host" }),
    "routed gateway": network({ options: { "com.docker.network.bridge.gateway_mode_ipv4": "routed" } }),
    "public subnet": network({ ipamConfigs: [{ subnet: "203.0.0.0/16", gateway: "203.0.0.1" }] }),
  },

  "container-hardening": {
    "all capabilities kept": container({ capabilities: { drops: [], adds: [] } }),
    "no capabilities given": inputs("memoryloop", (props) => delete props.capabilities),
    "added capability": container({ capabilities: { drops: ["ALL"], adds: ["NET_ADMIN"] } }),
    "new privileges": container({ securityOpts: [] }),
    "new privileges, explicitly": container({ securityOpts: ["no-new-privileges:false"] }),
    "no system call filter": securityOptions("seccomp=unconfined"),
    "system call filter of its own": securityOptions('seccomp={"defaultAction":"SCMP_ACT_ALLOW"}'),
    "no AppArmor profile": securityOptions("apparmor=unconfined"),
    "no AppArmor profile, old notation": securityOptions("apparmor:unconfined"),
    "no SELinux label": securityOptions("label=disable"),
    "system paths": securityOptions("systempaths=unconfined"),
    "writable image": container({ readOnly: false }),
    "writable image by default": inputs("memoryloop", (props) => delete props.readOnly),
    "tmpfs with programs": container({ tmpfs: { "/tmp": "rw,exec,nosuid,nodev,size=256m" } }),
    "tmpfs without a limit": container({ tmpfs: { "/tmp": "rw,noexec,nosuid,nodev" } }),
  },

  "container-user": {
    root: container({ user: "root" }),
    "root by number": container({ user: "0:0" }),
    "group root": container({ user: "1001:0" }),
    "another user": container({ user: "33:33" }),
    "user of the image": inputs("memoryloop", (props) => delete props.user),
  },

  "container-limits": {
    "no memory limit": container({ memory: 0, memorySwap: 0 }),
    "unlimited swap": container({ memorySwap: -1 }),
    "more swap": container({ memorySwap: 4096 }),
    "endless log": container({ logDriver: "json-file", logOpts: {} }),
    "log to a stranger": container({ logDriver: "syslog", logOpts: { "syslog-address": "udp://203.0.113.66:514" } }),
  },

  "container-replacement": {
    "default of the plugin": (stack) => (resource(stack, "memoryloop").deleteBeforeReplace = undefined),
    "deleted first": (stack) => (resource(stack, "memoryloop").deleteBeforeReplace = true),
  },
};
