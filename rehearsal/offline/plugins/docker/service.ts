import { bridged, type BridgedResource, type Live } from "../bridge/bridged";
import type { ChangeKind, Difference, Resource } from "../plugin";
import { group, text, unknown, type Properties } from "../value";
import { pullAuth } from "./image";
import type { DockerHost } from "./provider-config";
import { ignoring, saying } from "./refusal";
import { serviceRequest } from "./service-request";
import { serviceSchema } from "./service-schema";
import { serviceState, type ServiceInspect } from "./service-state";

/**
 * `docker.Service`. The real plugin waits for healthy tasks when `convergeConfig` is given. This one cannot, so it refuses
 * to write such a service.
 */
export function service(host: DockerHost): Resource {
  const resource = bridged(swarmService(host));
  return { ...resource, diff: (request) => withPlannedMaps(resource.diff(request), request.state, request.inputs) };
}

const swarmService = (host: DockerHost): BridgedResource => ({
  schema: serviceSchema,
  idInState: true,
  deleteBeforeReplace: true,
  emptyDefaults: "keep",
  create: (plan) => create(host, plan),
  read: (id) => read(host, id),
  update: (id, _state, plan) => update(host, id, plan),
  delete: async (id) => {
    const removed = host.daemon().call("DELETE", `/services/${id}`);
    await saying(`Error deleting service ${id}`, ignoring(removed, "not found"));
  },
});

function refuseConvergence(plan: Properties): void {
  if (group(plan, "convergeConfig") === undefined) return;
  throw new Error(
    "the rehearsal's stand-in does not wait for the tasks of a service: leave convergeConfig out, the rollout waits",
  );
}

/** The nodes pull the image themselves, with the login that comes with the service. */
function authHeader(host: DockerHost, plan: Properties): Record<string, string> {
  const image = text(group(group(plan, "taskSpec") ?? {}, "containerSpec") ?? {}, "image");
  return { "X-Registry-Auth": pullAuth(host, image) };
}

async function create(host: DockerHost, plan: Properties): Promise<Live> {
  refuseConvergence(plan);
  const options = { body: serviceRequest(plan), headers: authHeader(host, plan) };
  const made = host.daemon().call<{ ID: string }>("POST", "/services/create", options);
  return existing(host, (await saying("Unable to create service", made)).ID);
}

async function update(host: DockerHost, id: string, plan: Properties): Promise<Live> {
  refuseConvergence(plan);
  const { Version: version } = await host.daemon().call<ServiceInspect>("GET", `/services/${id}`);
  const query = { version: String(version.Index) };
  const options = { query, body: serviceRequest(plan), headers: authHeader(host, plan) };
  await saying(`Unable to update service ${id}`, host.daemon().call("POST", `/services/${id}/update`, options));
  return existing(host, id);
}

async function existing(host: DockerHost, id: string): Promise<Live> {
  const live = await read(host, id);
  if (live === undefined) throw new Error(`service ${id} is gone right after it was written`);
  return live;
}

async function read(host: DockerHost, id: string): Promise<Live | undefined> {
  const found = await host.daemon().find<ServiceInspect>(`/services/${id}`);
  return found === undefined ? undefined : { id: found.ID, properties: serviceState(found) };
}

/** Maps that the provider may set. A change plans those that the state does not have yet. */
const plannedMaps = [
  { path: ["containerSpec", "sysctl"], kind: "add-replace" },
  { path: ["logDriver", "options"], kind: "add" },
] as const;

/** The difference with the maps that Terraform's SDK plans again together with a known change of the task. */
function withPlannedMaps(difference: Difference, state: Properties, inputs: Properties): Difference {
  const task = group(state, "taskSpec");
  if (!difference.changed || task === undefined || inputs["taskSpec"] === unknown) return difference;
  const missing = plannedMaps.filter(({ path: [block, map] }) => group(task, block)?.[map] === null);
  const added = missing.map(({ path, kind }): [string, ChangeKind] => [`taskSpec.${path.join(".")}`, kind]);
  return added.length === 0 ? difference : withTaskChanges(difference, added);
}

function withTaskChanges(difference: Difference, added: readonly (readonly [string, ChangeKind])[]): Difference {
  const replaces = added.some(([, kind]) => kind.endsWith("-replace")) ? ["taskSpec"] : [];
  return {
    ...difference,
    detailed: { ...difference.detailed, ...(Object.fromEntries(added) as Record<string, ChangeKind>) },
    diffs: [...new Set([...(difference.diffs ?? []), "taskSpec"])].sort(),
    replaces: [...new Set([...(difference.replaces ?? []), ...replaces])].sort(),
    deleteBeforeReplace: true,
  };
}
