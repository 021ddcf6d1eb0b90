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

interface Place {
  readonly schema: Schema;
  /** Path of the secrets' collection. */
  path(api: RestApi, inputs: Properties, repositoryId: number): string;
  id(inputs: Properties): string;
}

const repositoryPlace: Place = {
  schema: { ...shared, destroyOnDrift: { shape: "flag" } },
  path: (api, inputs) => `${api.repository(text(inputs, "repository"))}/actions/secrets`,
  id: (inputs) => `${text(inputs, "repository")}:${text(inputs, "secretName")}`,
};

const environmentPlace: Place = {
  schema: { ...shared, environment: { shape: "text", required: true, replaces: true } },
  path: (_api, inputs, repositoryId) =>
    `/repositories/${repositoryId}/environments/${text(inputs, "environment")}/secrets`,
  id: (inputs) => ["repository", "environment", "secretName"].map((name) => text(inputs, name)).join(":"),
};

async function put(api: RestApi, place: Place, inputs: Properties, repositoryId: number): Promise<Live> {
  const path = place.path(api, inputs, repositoryId);
  const { body: key } = await api.call("GET", `${path}/public-key`);
  await api.call("PUT", `${path}/${text(inputs, "secretName")}`, {
    key_id: text(key, "key_id"),
    encrypted_value: await sealed(text(inputs, "value"), text(key, "key")),
  });
  const { body } = await api.call("GET", `${path}/${text(inputs, "secretName")}`);
  return { id: place.id(inputs), properties: { ...written(body), keyId: text(key, "key_id"), repositoryId } };
}

function written(body: Properties): Properties {
  const updatedAt = goTime(text(body, "updated_at"));
  return { createdAt: goTime(text(body, "created_at")), updatedAt, remoteUpdatedAt: updatedAt };
}

/** What a refresh learns: `updatedAt` stays the time of our own last write, which is how a later one shows. */
const found = (state: Properties, body: Properties): Properties =>
  text(state, "updatedAt") ? { remoteUpdatedAt: goTime(text(body, "updated_at")) } : written(body);

function secretIn(place: Place, api: () => RestApi): BridgedResource {
  const numberOf = (state: Properties): number => Number(state["repositoryId"]);
  const one = (state: Properties): string =>
    `${place.path(api(), state, numberOf(state))}/${text(state, "secretName")}`;
  return {
    schema: place.schema,
    idInState: true,
    deleteBeforeReplace: false,
    emptyDefaults: "keep",
    create: async (plan) => put(api(), place, plan, await api().repositoryId(text(plan, "repository"))),
    read: async (id, state) => {
      const answer = await api().find(one(state));
      return answer && { id, properties: found(state, answer.body) };
    },
    recomputed: (state) => (text(state, "updatedAt") === text(state, "remoteUpdatedAt") ? [] : ["updatedAt"]),
    update: (_id, state, plan) => put(api(), place, plan, numberOf(state)),
    delete: async (_id, state) => {
      await api().call("DELETE", one(state));
    },
  };
}

/** `github.ActionsSecret`: a secret of every workflow of the repository. */
export const actionsSecret = (api: () => RestApi): BridgedResource => secretIn(repositoryPlace, api);

/** `github.ActionsEnvironmentSecret`: a secret of the jobs that run in an environment. */
export const actionsEnvironmentSecret = (api: () => RestApi): BridgedResource => secretIn(environmentPlace, api);
