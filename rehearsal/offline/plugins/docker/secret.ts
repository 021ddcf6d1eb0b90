import type { BridgedResource, Live } from "../bridge/bridged";
import type { Schema } from "../bridge/schema";
import { items, text, type Properties } from "../value";
import { labelFields } from "./container-schema";
import { labelsToMap, mapToLabels } from "./labels";
import type { DockerHost } from "./provider-config";
import { ignoring, saying } from "./refusal";

const replaces = { replaces: true } as const;

/** Every property of `docker.Secret` 5.2.0. Docker cannot change a secret, so each change replaces it. */
const secretSchema: Schema = {
  data: { shape: "text", required: true, secret: true, ...replaces },
  labels: { shape: "block-set", fields: labelFields, ...replaces },
  name: { shape: "text", required: true, ...replaces },
};

interface SecretInspect {
  readonly ID: string;
  readonly Spec: { readonly Name: string; readonly Labels: Readonly<Record<string, string>> | null };
}

/** `docker.Secret`: a file that Swarm gives to the tasks of a service. */
export const secret = (host: DockerHost): BridgedResource => ({
  schema: secretSchema,
  idInState: true,
  deleteBeforeReplace: true,
  emptyDefaults: "keep",
  create: (plan) => create(host, plan),
  read: (id) => read(host, id),
  delete: (id) => ignoring(host.daemon().call("DELETE", `/secrets/${id}`), "not found"),
});

async function create(host: DockerHost, plan: Properties): Promise<Live> {
  const body = { Name: text(plan, "name"), Data: text(plan, "data"), Labels: labelsToMap(items(plan, "labels")) };
  const made = host.daemon().call<{ ID: string }>("POST", "/secrets/create", { body });
  const { ID: id } = await saying("Unable to create secret", made);
  return { id, properties: {} };
}

/** Docker never shows the data of a secret, so a read cannot see that it changed. */
async function read(host: DockerHost, id: string): Promise<Live | undefined> {
  const found = await host.daemon().find<SecretInspect>(`/secrets/${id}`);
  if (found === undefined) return undefined;
  return { id: found.ID, properties: { name: found.Spec.Name, labels: mapToLabels(found.Spec.Labels) } };
}
