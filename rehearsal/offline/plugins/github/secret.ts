import type { BridgedResource, Live } from "../bridge/bridged";
import type { Schema } from "../bridge/schema";
import { text, type Properties } from "../value";
import type { RestApi } from "./rest-api";
import { sealed } from "../../../../github/sealed";
import { goTime } from "./time";

const output = { shape: "text", readOnly: true } as const;

const shared: Schema = {
  createdAt: output,
  encryptedValue: { shape: "text", secret: true },
  keyId: { shape: "text", computed: true },
  plaintextValue: { shape: "text", secret: true },
  remoteUpdatedAt: output,
  repository: { shape: "text", required: true },
  repositoryId: { shape: "number", readOnly: true },
  secretName: { shape: "text", required: true, replaces: true },
  updatedAt: output,
  value: { shape: "text", secret: true },
  valueEncrypted: { shape: "text", secret: true },
};

interface SecretLocation {
  readonly schema: Schema;
  readonly deleteBeforeReplace: boolean;
  /** Path of the list of secrets. */
  path(api: RestApi, inputs: Properties, repositoryId: number): string;
  id(inputs: Properties): string;
}

const ofRepository: SecretLocation = {
  deleteBeforeReplace: false,
  schema: { ...shared, destroyOnDrift: { shape: "flag" } },
  path: (api, inputs) => `${api.repository(text(inputs, "repository"))}/actions/secrets`,
  id: (inputs) => `${text(inputs, "repository")}:${text(inputs, "secretName")}`,
};

const ofEnvironment: SecretLocation = {
  deleteBeforeReplace: true,
  schema: { ...shared, environment: { shape: "text", required: true, replaces: true } },
  path: (_api, inputs, repositoryId) =>
    `/repositories/${repositoryId}/environments/${text(inputs, "environment")}/secrets`,
  id: (inputs) => ["repository", "environment", "secretName"].map((name) => text(inputs, name)).join(":"),
};

async function put(api: RestApi, location: SecretLocation, inputs: Properties, repositoryId: number): Promise<Live> {
  const path = location.path(api, inputs, repositoryId);
  const { body: key } = await api.call("GET", `${path}/public-key`);
  await api.call("PUT", `${path}/${text(inputs, "secretName")}`, {
    key_id: text(key, "key_id"),
    encrypted_value: await sealed(text(inputs, "value"), text(key, "key")),
  });
  const { body } = await api.call("GET", `${path}/${text(inputs, "secretName")}`);
  return { id: location.id(inputs), properties: { ...written(body), keyId: text(key, "key_id"), repositoryId } };
}

function written(body: Properties): Properties {
  const updatedAt = goTime(text(body, "updated_at"));
  return { createdAt: goTime(text(body, "created_at")), updatedAt, remoteUpdatedAt: updatedAt };
}

/** A refresh keeps `updatedAt`, the time of our own last write: so a later write by another program shows. */
const found = (state: Properties, body: Properties): Properties =>
  text(state, "updatedAt") ? { remoteUpdatedAt: goTime(text(body, "updated_at")) } : written(body);

function secretIn(location: SecretLocation, api: () => RestApi): BridgedResource {
  const numberOf = (state: Properties): number => Number(state["repositoryId"]);
  const one = (state: Properties): string =>
    `${location.path(api(), state, numberOf(state))}/${text(state, "secretName")}`;
  return {
    schema: location.schema,
    idInState: true,
    deleteBeforeReplace: location.deleteBeforeReplace,
    emptyDefaults: "keep",
    create: async (plan) => put(api(), location, plan, await api().repositoryId(text(plan, "repository"))),
    read: async (id, state) => {
      const answer = await api().find(one(state));
      return answer && { id, properties: found(state, answer.body) };
    },
    recomputed: (state) => (text(state, "updatedAt") === text(state, "remoteUpdatedAt") ? [] : ["updatedAt"]),
    update: (_id, state, plan) => put(api(), location, plan, numberOf(state)),
    delete: async (_id, state) => {
      await api().call("DELETE", one(state));
    },
  };
}

/** `github.ActionsSecret`: a secret for all workflows of the repository. */
export const actionsSecret = (api: () => RestApi): BridgedResource => secretIn(ofRepository, api);

/** `github.ActionsEnvironmentSecret`: a secret for the jobs of one environment. */
export const actionsEnvironmentSecret = (api: () => RestApi): BridgedResource => secretIn(ofEnvironment, api);
