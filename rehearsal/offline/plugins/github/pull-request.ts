import type { BridgedResource, Live } from "../bridge/bridged";
import type { Schema } from "../bridge/schema";
import { flag, group, items, text, type Properties } from "../value";
import type { RestApi } from "./rest-api";

const output = { shape: "text", readOnly: true } as const;
const count = { shape: "number", readOnly: true } as const;

const schema: Schema = {
  baseRef: { shape: "text", required: true },
  baseRepository: { shape: "text", required: true, replaces: true },
  baseSha: output,
  body: { shape: "text" },
  draft: { shape: "flag", readOnly: true },
  headRef: { shape: "text", required: true, replaces: true },
  headSha: output,
  labels: { shape: "text-list", readOnly: true },
  maintainerCanModify: { shape: "flag", default: false },
  number: count,
  openedAt: count,
  openedBy: output,
  owner: { shape: "text", replaces: true },
  state: output,
  title: { shape: "text", required: true },
  updatedAt: count,
};

const seconds = (iso: string): number => Math.floor(Date.parse(iso) / 1000);

function stateOf(body: Properties): Properties {
  const [head, base] = [group(body, "head") ?? {}, group(body, "base") ?? {}];
  return {
    baseRef: text(base, "ref"),
    baseSha: text(base, "sha"),
    body: text(body, "body"),
    draft: flag(body, "draft"),
    headRef: text(head, "ref"),
    headSha: text(head, "sha"),
    labels: items(body, "labels").map((label) => text(label, "name")),
    maintainerCanModify: flag(body, "maintainer_can_modify"),
    number: Number(body["number"]),
    openedAt: seconds(text(body, "created_at")),
    openedBy: text(group(body, "user") ?? {}, "login"),
    state: text(body, "state"),
    title: text(body, "title"),
    updatedAt: seconds(text(body, "updated_at")),
  };
}

const request = (plan: Properties): Properties => ({
  title: text(plan, "title"),
  body: text(plan, "body"),
  maintainer_can_modify: flag(plan, "maintainerCanModify"),
});

/** Path of a pull request out of its id, `<owner>:<repository>:<number>`. */
function pathOf(id: string): string {
  const [owner = "", repository = "", number = ""] = id.split(":");
  return `/repos/${owner}/${repository}/pulls/${number}`;
}

/** Unlike other kinds it is never gone: GitHub keeps pull requests, and the provider takes a 404 for an error. */
async function read(api: RestApi, id: string): Promise<Live> {
  const { body } = await api.call("GET", pathOf(id));
  return { id, properties: stateOf(body) };
}

/**
 * `github.RepositoryPullRequest`. As in the provider's source: a merged or closed one is no drift, and delete closes one
 * that the state calls open.
 */
export const repositoryPullRequest = (api: () => RestApi): BridgedResource => ({
  schema,
  idInState: true,
  deleteBeforeReplace: false,
  emptyDefaults: "keep",
  create: async (plan) => {
    const owner = text(plan, "owner") || api().owner;
    const repository = text(plan, "baseRepository");
    const branches = { head: text(plan, "headRef"), base: text(plan, "baseRef") };
    const { body } = await api().call("POST", `/repos/${owner}/${repository}/pulls`, {
      ...request(plan),
      ...branches,
    });
    return read(api(), `${owner}:${repository}:${Number(body["number"])}`);
  },
  read: (id) => read(api(), id),
  update: async (id, state, plan) => {
    const base = text(plan, "baseRef");
    await api().call("PATCH", pathOf(id), { ...request(plan), ...(base !== text(state, "baseRef") && { base }) });
    return read(api(), id);
  },
  delete: async (id, state) => {
    if (text(state, "state") === "open") await api().call("PATCH", pathOf(id), { state: "closed" });
  },
});
