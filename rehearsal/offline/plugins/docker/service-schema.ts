import type { Property, Schema } from "../bridge/schema";
import { labelFields, mountFields } from "./container-schema";

const replaces = { replaces: true } as const;
const text: Property = { shape: "text" };
const number: Property = { shape: "number" };
const texts: Property = { shape: "text-list" };
const requiredText: Property = { shape: "text", required: true };
const computedText: Property = { shape: "text", computed: true };
/** The program does not use it. An input is refused, and the state has null. */
const unmodelled: Property = { shape: "object", fields: {}, unmodelled: true };

const secretFields: Schema = {
  fileGid: { shape: "text", default: "0" },
  fileMode: { shape: "number", computed: true },
  fileName: requiredText,
  fileUid: { shape: "text", default: "0" },
  secretId: requiredText,
  secretName: text,
};

const healthcheckFields: Schema = {
  interval: { shape: "text", default: "0s" },
  retries: number,
  startPeriod: { shape: "text", default: "0s" },
  tests: { shape: "text-list", required: true },
  timeout: { shape: "text", default: "0s" },
};

const containerFields: Schema = {
  args: texts,
  capAdds: texts,
  capDrops: texts,
  commands: texts,
  configs: { shape: "block-set", fields: {}, unmodelled: true },
  dir: text,
  dnsConfig: {
    shape: "object",
    fields: { nameservers: unmodelled, options: unmodelled, searches: unmodelled },
    unmodelled: true,
  },
  env: { shape: "text-map" },
  groups: texts,
  healthcheck: { shape: "object", fields: healthcheckFields },
  hostname: text,
  hosts: { shape: "block-set", fields: { host: requiredText, ip: requiredText } },
  image: requiredText,
  init: { shape: "flag" },
  isolation: { shape: "text", default: "default" },
  labels: { shape: "block-set", fields: labelFields },
  mounts: { shape: "block-set", fields: mountFields },
  privileges: unmodelled,
  readOnly: { shape: "flag" },
  secrets: { shape: "block-set", fields: secretFields },
  stopGracePeriod: computedText,
  stopSignal: text,
  sysctl: { shape: "text-map" },
  user: text,
};

const taskFields: Schema = {
  containerSpec: { shape: "object", fields: containerFields, required: true },
  forceUpdate: { shape: "number", computed: true },
  logDriver: { shape: "object", fields: { name: requiredText, options: { shape: "text-map" } } },
  networksAdvanceds: {
    shape: "block-set",
    fields: { aliases: { shape: "text-set" }, driverOpts: { shape: "text-set" }, id: text, name: text },
  },
  placement: {
    shape: "object",
    fields: {
      constraints: { shape: "text-set" },
      maxReplicas: number,
      platforms: { shape: "block-set", fields: { architecture: requiredText, os: requiredText } },
      prefs: { shape: "text-set" },
    },
  },
  resources: {
    shape: "object",
    fields: { limits: { shape: "object", fields: { memoryBytes: number, nanoCpus: number } }, reservation: unmodelled },
  },
  restartPolicy: {
    shape: "object",
    fields: { condition: text, delay: text, maxAttempts: number, window: text },
  },
  runtime: computedText,
};

/** Every property of `docker.Service` 5.2.0; those that the program does not use are unmodelled. */
export const serviceSchema: Schema = {
  auth: { ...unmodelled, ...replaces },
  convergeConfig: { shape: "object", fields: { delay: text, timeout: text } },
  endpointSpec: {
    shape: "object",
    computed: true,
    fields: {
      mode: computedText,
      ports: {
        shape: "block-list",
        fields: {
          name: text,
          protocol: { shape: "text", default: "tcp" },
          publishMode: { shape: "text", default: "ingress" },
          publishedPort: { shape: "number", computed: true },
          targetPort: { shape: "number", required: true },
        },
      },
    },
  },
  labels: { shape: "block-set", fields: labelFields },
  mode: {
    shape: "object",
    computed: true,
    ...replaces,
    fields: { global: { shape: "flag" }, replicated: { shape: "object", fields: { replicas: number } } },
  },
  name: { shape: "text", required: true, ...replaces },
  rollbackConfig: unmodelled,
  taskSpec: { shape: "object", fields: taskFields, required: true },
  updateConfig: unmodelled,
};
