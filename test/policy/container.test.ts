import * as container from "../../policy/container";
import * as kinds from "../../policy/kinds";
import { resourceOf } from "../support/policy";
import { testRules } from "../support/rule-cases";

const app = resourceOf(kinds.container);
const rollout = resourceOf(kinds.rollout);

const mount = (source: string) => ({ type: "bind", source, target: "/app/data" });

testRules(container, {
  containerUnprivileged: {
    passes: app({}),
    fails: app({ privileged: true }),
    says: "it: privileged is true",
  },
  containerNamespaces: {
    passes: app({ ipcMode: "private" }),
    fails: app({ pidMode: "host" }),
    says: 'it: pidMode is "host"',
  },
  containerNetwork: {
    passes: app({ networksAdvanced: [{ name: "memoryloop", ipv4Address: "10.90.0.2" }] }),
    fails: app({ networksAdvanced: [{ name: "memoryloop" }] }),
    says: "it: networksAdvanced[0].ipv4Address is not set",
  },
  containerMounts: {
    passes: app({ mounts: [mount("/opt/memoryloop/data")] }),
    fails: app({ mounts: [mount("/opt/memoryloop/data"), mount("/var/run/docker.sock")] }),
    says: 'it: mounts[1].source is "/var/run/docker.sock"',
  },
  containerDevices: {
    passes: app({ devices: [] }),
    fails: app({ devices: [{ hostPath: "/dev/sda" }] }),
    says: 'it: devices is [{"hostPath":"/dev/sda"}]',
  },
  containerCapabilities: {
    passes: app({ capabilities: { drops: ["CAP_ALL"] } }),
    fails: app({ capabilities: { drops: ["ALL"], adds: ["NET_ADMIN"] } }),
    says: 'it: capabilities is {"drops":["ALL"],"adds":["NET_ADMIN"]}',
  },
  containerNoNewPrivileges: {
    passes: app({ securityOpts: ["no-new-privileges:true"] }),
    fails: app({ securityOpts: ["no-new-privileges:false"] }),
    says: 'it: securityOpts is ["no-new-privileges:false"]',
  },
  containerConfined: {
    passes: app({ securityOpts: ["no-new-privileges"] }),
    fails: app({ securityOpts: ["seccomp=unconfined"] }),
    says: 'it: securityOpts is ["seccomp=unconfined"]',
  },
  containerReadOnly: {
    passes: app({ readOnly: true }),
    fails: app({}),
    says: "it: readOnly is not set",
  },
  containerUser: {
    passes: app({ user: "1001:1001" }),
    fails: app({ user: "0:1001" }),
    says: 'it: user is "0:1001"',
  },
  containerMemory: {
    passes: app({ memory: 1024, memorySwap: 1024 }),
    fails: app({ memory: 1024, memorySwap: -1 }),
    says: "it: memory and memorySwap is [1024,-1]",
  },
  containerLogs: {
    passes: app({ logDriver: "json-file", logOpts: { "max-size": "10m", "max-file": "3" } }),
    fails: app({ logDriver: "json-file", logOpts: { "max-file": "3" } }),
    says: 'it: logDriver and logOpts is {"logDriver":"json-file","logOpts":{"max-file":"3"}}',
  },
  containerRestart: {
    passes: app({ restart: "unless-stopped" }),
    fails: app({ restart: "always" }),
    says: 'it: restart is "always"',
  },
  containerPorts: {
    passes: app({ ports: [] }),
    fails: app({ ports: [{ internal: 3000 }], publishAllPorts: true }),
    says: 'it: ports is [3000,"all"]',
  },
  containerReplacement: {
    passes: app({}, { deleteBeforeReplace: false }),
    fails: app({}),
    says: "it: option deleteBeforeReplace is not set",
  },
  containerPids: {
    passes: rollout({ pidsLimit: 512 }),
    fails: rollout({ pidsLimit: 513 }),
    says: "it: pidsLimit is 513",
  },
});
