import { setTimeout as delay } from "node:timers/promises";
import type { BridgedResource, Live } from "../bridge/bridged";
import type { Schema } from "../bridge/schema";
import { flag, items, text, textMap, type Properties, type Value } from "../value";
import { labelFields } from "./container-schema";
import { DaemonError } from "./daemon";
import { labelsToMap, mapToLabels } from "./labels";
import type { DockerHost } from "./provider-config";
import { saying } from "./refusal";

/** How long a network may have containers left when it is removed. The real plugin has the same bound. */
const removalSeconds = 30;
const removalPollMilliseconds = 1000;
const allocationSeconds = 30;
const allocationPollMilliseconds = 100;

const replaces = { replaces: true } as const;
const textField = { shape: "text" } as const;

/** Every property of `docker.Network` 5.1.0. */
const networkSchema: Schema = {
  attachable: { shape: "flag", ...replaces },
  driver: { shape: "text", computed: true, ...replaces },
  ingress: { shape: "flag", ...replaces },
  internal: { shape: "flag", computed: true, ...replaces },
  ipamConfigs: {
    shape: "block-set",
    fields: { auxAddress: { shape: "text-map" }, gateway: textField, ipRange: textField, subnet: textField },
    computed: true,
    ...replaces,
  },
  ipamDriver: { shape: "text", default: "default", ...replaces },
  ipamOptions: { shape: "text-map", ...replaces },
  ipv6: { shape: "flag", ...replaces },
  labels: { shape: "block-set", fields: labelFields, ...replaces },
  name: { shape: "text", required: true, ...replaces },
  options: { shape: "text-map", computed: true, ...replaces },
  scope: { shape: "text", computed: true, readOnly: true },
};

interface NetworkInspect {
  readonly Id: string;
  readonly Name: string;
  readonly Driver: string;
  readonly Scope: string;
  readonly Internal: boolean;
  readonly Attachable: boolean;
  readonly Ingress: boolean;
  readonly EnableIPv6: boolean;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly Options: Readonly<Record<string, string>> | null;
  readonly IPAM: {
    readonly Driver: string;
    readonly Options: Readonly<Record<string, string>> | null;
    readonly Config: readonly IpamConfig[] | null;
  };
}

interface IpamConfig {
  readonly Subnet?: string;
  readonly IPRange?: string;
  readonly Gateway?: string;
  readonly AuxiliaryAddresses?: Readonly<Record<string, string>>;
}

/** `docker.Network`. */
export const network = (host: DockerHost): BridgedResource => ({
  schema: networkSchema,
  idInState: true,
  deleteBeforeReplace: true,
  emptyDefaults: "drop",
  create: async (plan) => {
    const made = host.daemon().call<{ Id: string }>("POST", "/networks/create", { body: networkRequest(plan) });
    const { Id: id } = await saying("Unable to create network", made);
    return allocated(host, id);
  },
  read: (id) => read(host, id),
  delete: (id) => remove(host, id),
});

/** The body of `POST /networks/create` for a planned network. Pure. */
const networkRequest = (plan: Properties): Record<string, unknown> => ({
  Name: text(plan, "name"),
  CheckDuplicate: true,
  Driver: text(plan, "driver"),
  Internal: flag(plan, "internal"),
  Attachable: flag(plan, "attachable"),
  Ingress: flag(plan, "ingress"),
  EnableIPv6: flag(plan, "ipv6"),
  Labels: labelsToMap(items(plan, "labels")),
  Options: textMap(plan, "options"),
  IPAM: {
    Driver: text(plan, "ipamDriver"),
    Options: textMap(plan, "ipamOptions"),
    Config: items(plan, "ipamConfigs").map((config) => ({
      Subnet: text(config, "subnet"),
      IPRange: text(config, "ipRange"),
      Gateway: text(config, "gateway"),
      AuxiliaryAddresses: textMap(config, "auxAddress"),
    })),
  },
});

/**
 * The network with its driver and subnet. A Swarm fills them in a moment after it answers the create call, and the real
 * plugin waits before it reads (recorded in docker-swarm.jsonl).
 */
async function allocated(host: DockerHost, id: string): Promise<Live> {
  const deadline = Date.now() + allocationSeconds * 1000;
  for (;;) {
    const live = await read(host, id);
    if (live === undefined) throw new Error(`network ${id} is gone right after it was made`);
    if (live.properties["driver"] !== "") return live;
    if (Date.now() > deadline) throw new Error(`network ${id} has no driver after ${allocationSeconds} s`);
    await delay(allocationPollMilliseconds);
  }
}

async function read(host: DockerHost, id: string): Promise<Live | undefined> {
  const found = await host.daemon().find<NetworkInspect>(`/networks/${id}`);
  return found === undefined ? undefined : { id: found.Id, properties: networkState(found) };
}

const networkState = (found: NetworkInspect): Properties => ({
  name: found.Name,
  labels: mapToLabels(found.Labels),
  driver: found.Driver,
  internal: found.Internal,
  attachable: found.Attachable,
  ingress: found.Ingress,
  ipv6: found.EnableIPv6,
  ipamDriver: found.IPAM.Driver,
  ipamOptions: found.IPAM.Options ?? {},
  ipamConfigs: (found.IPAM.Config ?? []).map(ipamState),
  options: found.Options ?? {},
  scope: found.Scope,
});

const ipamState = (config: IpamConfig): Value => ({
  subnet: config.Subnet ?? "",
  ipRange: config.IPRange ?? "",
  gateway: config.Gateway ?? "",
  auxAddress: config.AuxiliaryAddresses ?? {},
});

async function remove(host: DockerHost, id: string): Promise<void> {
  const deadline = Date.now() + removalSeconds * 1000;
  for (;;) {
    try {
      await host.daemon().call("DELETE", `/networks/${id}`);
      return;
    } catch (error) {
      if (!(error instanceof DaemonError)) throw error;
      if (error.status === 404) return;
      if (!error.message.includes("has active endpoints") || Date.now() > deadline) throw error;
      await delay(removalPollMilliseconds);
    }
  }
}
