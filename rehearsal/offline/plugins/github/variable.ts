import type { BridgedResource } from "../bridge/bridged";
import type { Schema } from "../bridge/schema";
import { text, type Properties } from "../value";
import type { RestApi } from "./rest-api";
import { goTime } from "./time";

const schema: Schema = {
  createdAt: { shape: "text", readOnly: true },
  repository: { shape: "text", required: true },
  repositoryId: { shape: "number", readOnly: true },
  updatedAt: { shape: "text", readOnly: true },
  value: { shape: "text", required: true },
  variableName: { shape: "text", required: true, replaces: true },
};

const stateOf = (body: Properties): Properties => ({
  createdAt: goTime(text(body, "created_at")),
  updatedAt: goTime(text(body, "updated_at")),
  value: text(body, "value"),
  variableName: text(body, "name"),
});

/** `github.ActionsVariable`. */
export function actionsVariable(api: () => RestApi): BridgedResource {
  const all = (inputs: Properties): string => `${api().repository(text(inputs, "repository"))}/actions/variables`;
  const one = (inputs: Properties): string => `${all(inputs)}/${text(inputs, "variableName")}`;
  const request = (plan: Properties) => ({ name: text(plan, "variableName"), value: text(plan, "value") });
  return {
    schema,
    idInState: true,
    deleteBeforeReplace: false,
    emptyDefaults: "keep",
    create: async (plan) => {
      const repositoryId = await api().repositoryId(text(plan, "repository"));
      await api().call("POST", all(plan), request(plan));
      const { body } = await api().call("GET", one(plan));
      const id = `${text(plan, "repository")}:${text(plan, "variableName")}`;
      return { id, properties: { ...stateOf(body), repositoryId } };
    },
    read: async (id, state) => {
      const found = await api().find(one(state));
      return found && { id, properties: stateOf(found.body) };
    },
    update: async (id, state, plan) => {
      await api().call("PATCH", one(plan), request(plan));
      const { body } = await api().call("GET", one(plan));
      return { id, properties: { ...stateOf(body), repositoryId: state["repositoryId"] } };
    },
    delete: async (_id, state) => {
      await api().call("DELETE", one(state));
    },
  };
}
