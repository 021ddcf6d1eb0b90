import { setTimeout as delay } from "node:timers/promises";
import { Unfinished, type BridgedResource, type Live } from "../bridge/bridged";
import { count, flag, items, sameValue, text, type Properties } from "../value";
import type { ContainerInspect } from "./container-inspect";
import { connectRequest, containerRequest, limits } from "./container-request";
import { containerSchema } from "./container-schema";
import { containerState } from "./container-state";
import { ensureImage } from "./image";
import type { DockerHost } from "./provider-config";
import { ignoring, saying } from "./refusal";

const healthPollMilliseconds = 1000;
/** Time for stopping and removing beyond the container's grace. */
const removalSeconds = 60;

/** `docker.Container`. */
export const container = (host: DockerHost): BridgedResource => ({
  schema: containerSchema,
  idInState: true,
  deleteBeforeReplace: true,
  emptyDefaults: "drop",
  create: (plan) => create(host, plan),
  read: (id, state) => read(host, id, state),
  update: async (id, state, plan) => {
    await update(host, id, state, plan);
    return undefined;
  },
  delete: (id, state) => remove(host, id, state),
});

async function create(host: DockerHost, plan: Properties): Promise<Live> {
  const image = text(plan, "image");
  await saying(`Unable to create container with image ${image}`, ensureImage(host, image, ""));
  const query = { name: text(plan, "name"), ...(text(plan, "platform") ? { platform: text(plan, "platform") } : {}) };
  const made = host
    .daemon()
    .call<{ Id: string }>("POST", "/containers/create", { query, body: containerRequest(plan) });
  const { Id: id } = await saying("Unable to create container", made);
  try {
    await connect(host, id, items(plan, "networksAdvanced"));
    await start(host, id, plan);
    const live = await read(host, id, plan);
    if (live === undefined) throw new Error(`container ${id} is gone right after it was made`);
    return live;
  } catch (error) {
    throw new Unfinished(id, (error as Error).message);
  }
}

async function connect(host: DockerHost, id: string, networks: readonly Properties[]): Promise<void> {
  if (networks.length === 0) return;
  const left = host.daemon().call("POST", "/networks/bridge/disconnect", { body: { Container: id, Force: false } });
  await saying("Unable to disconnect the default network", ignoring(left, "is not connected to the network bridge"));
  for (const network of networks) {
    const name = text(network, "name");
    const path = `/networks/${encodeURIComponent(name)}/connect`;
    const joined = host.daemon().call("POST", path, { body: connectRequest(id, network) });
    await saying(`Unable to connect to network '${name}'`, joined);
  }
}

async function start(host: DockerHost, id: string, plan: Properties): Promise<void> {
  if (flag(plan, "start")) {
    await saying("Unable to start container", host.daemon().call("POST", `/containers/${id}/start`));
    if (flag(plan, "wait")) await untilHealthy(host, id, count(plan, "waitTimeout"));
  }
  if (!flag(plan, "attach")) return;
  const ended = host.daemon().call("POST", `/containers/${id}/wait`, { timeoutSeconds: 1200 });
  await saying("Unable to wait container end of execution", ended);
}

async function untilHealthy(host: DockerHost, id: string, seconds: number): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (Date.now() < deadline) {
    const { State: state } = await host.daemon().call<ContainerInspect>("GET", `/containers/${id}/json`);
    if (state.Health === undefined) {
      throw new Error(
        "you have supplied a 'wait' argument, but the container does not have a healthcheck defined. Please remove the" +
          " 'wait' argument or add a 'healthcheck' attribute",
      );
    }
    if (state.Health.Status === "healthy") return;
    await delay(healthPollMilliseconds);
  }
  throw new Error("container failed to be in healthy state");
}

async function read(host: DockerHost, id: string, known: Properties): Promise<Live | undefined> {
  const found = await host.daemon().find<ContainerInspect>(`/containers/${id}/json`);
  return found === undefined ? undefined : { id: found.Id, properties: containerState(found, known) };
}

/** Properties that Docker can change on an existing container. */
const changeable = [
  "restart",
  "maxRetryCount",
  "cpuShares",
  "memory",
  "memoryReservation",
  "cpuSet",
  "memorySwap",
  "deviceReadBps",
  "deviceReadIops",
  "deviceWriteBps",
  "deviceWriteIops",
];

async function update(host: DockerHost, id: string, state: Properties, plan: Properties): Promise<void> {
  const stopped = !flag(state, "mustRun") && flag(plan, "mustRun");
  if (stopped && flag(plan, "start")) {
    await saying("Unable to start container", host.daemon().call("POST", `/containers/${id}/start`));
  }
  if (changeable.every((name) => sameValue(state[name] ?? null, plan[name] ?? null))) return;
  const body = {
    ...limits(plan),
    RestartPolicy: { Name: text(plan, "restart"), MaximumRetryCount: count(plan, "maxRetryCount") },
  };
  await saying("Unable to update a container", host.daemon().call("POST", `/containers/${id}/update`, { body }));
}

async function remove(host: DockerHost, id: string, state: Properties): Promise<void> {
  const grace = Math.max(0, count(state, "destroyGraceSeconds"));
  const timeoutSeconds = grace + removalSeconds;
  const gone = ["No such container", "is already in progress"];
  if (!flag(state, "attach")) {
    const stop = host.daemon().call("POST", `/containers/${id}/stop`, { query: { t: String(grace) }, timeoutSeconds });
    await saying(`Error stopping container ${id}`, ignoring(stop, "No such container"));
  }
  const query = { force: "1", v: flag(state, "removeVolumes") ? "1" : "0" };
  const removed = host.daemon().call("DELETE", `/containers/${id}`, { query, timeoutSeconds });
  await saying(`Error deleting container ${id}`, ignoring(removed, ...gone));
  const condition = flag(state, "rm") ? "removed" : "not-running";
  const ended = host.daemon().call("POST", `/containers/${id}/wait`, { query: { condition }, timeoutSeconds });
  await saying(`Error waiting for container removal '${id}'`, ignoring(ended, ...gone));
}
