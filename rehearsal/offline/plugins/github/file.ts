import type { BridgedResource, Live } from "../bridge/bridged";
import type { Schema } from "../bridge/schema";
import { flag, group, text, type Properties } from "../value";
import type { RestApi } from "./rest-api";

const schema: Schema = {
  autocreateBranch: { shape: "flag" },
  autocreateBranchSourceBranch: { shape: "text" },
  autocreateBranchSourceSha: { shape: "text", computed: true },
  branch: { shape: "text", replaces: true },
  commitAuthor: { shape: "text", computed: true },
  commitEmail: { shape: "text", computed: true },
  commitMessage: { shape: "text", computed: true },
  commitSha: { shape: "text", readOnly: true },
  content: { shape: "text", required: true },
  file: { shape: "text", required: true, replaces: true },
  overwriteOnCreate: { shape: "flag", default: false },
  ref: { shape: "text", readOnly: true, replaces: true },
  repository: { shape: "text", required: true },
  repositoryId: { shape: "number", readOnly: true },
  sha: { shape: "text", readOnly: true },
};

function commitOf(inputs: Properties): Properties {
  const author = { name: text(inputs, "commitAuthor"), email: text(inputs, "commitEmail") };
  const who: Properties = author.name && author.email ? { author, committer: author } : {};
  return {
    message: text(inputs, "commitMessage"),
    content: Buffer.from(text(inputs, "content")).toString("base64"),
    branch: text(inputs, "branch"),
    ...who,
  };
}

const contentOf = (body: Properties): string =>
  Buffer.from(text(body, "content").replaceAll("\n", ""), "base64").toString();

/** `github.RepositoryFile`: one file on one branch, written by a commit of its own. */
class RepositoryFile {
  constructor(private readonly api: RestApi) {}

  async create(plan: Properties): Promise<Live> {
    const branch = text(plan, "branch");
    await this.api.call("GET", `${this.repository(plan)}/branches/${branch}`);
    const existing = await this.api.find(`${this.path(plan)}?ref=${branch}`);
    if (existing !== undefined && !flag(plan, "overwriteOnCreate")) {
      throw new Error(
        "refusing to overwrite existing file: configure `overwrite_on_create` to `true` to override, or import it",
      );
    }
    const repositoryId = await this.api.repositoryId(text(plan, "repository"));
    const live = await this.write(plan, existing && text(existing.body, "sha"));
    return { ...live, properties: { ...live.properties, repositoryId } };
  }

  async write(plan: Properties, sha: string | undefined): Promise<Live> {
    const { body } = await this.api.call("PUT", this.path(plan), { ...commitOf(plan), ...(sha && { sha }) });
    const live = await this.read(plan, text(group(body, "commit") ?? {}, "sha"));
    if (live === undefined) throw new Error(`${text(plan, "file")} is gone right after it was written`);
    return live;
  }

  async read(state: Properties, commit: string): Promise<Live | undefined> {
    const branch = text(state, "branch");
    const found = await this.api.find(`${this.path(state)}?ref=${branch}`);
    if (found === undefined) return undefined;
    const { body } = await this.api.call("GET", `${this.repository(state)}/commits/${commit}`);
    const made = group(body, "commit") ?? {};
    const author = group(made, "committer") ?? {};
    return {
      id: `${text(state, "repository")}:${text(state, "file")}:${branch}`,
      properties: {
        commitAuthor: text(author, "name"),
        commitEmail: text(author, "email"),
        commitMessage: text(made, "message"),
        commitSha: text(body, "sha"),
        content: contentOf(found.body),
        ref: new URL(text(found.body, "url")).searchParams.get("ref") ?? "",
        sha: text(found.body, "sha"),
      },
    };
  }

  async delete(state: Properties): Promise<void> {
    await this.api.call("DELETE", this.path(state), { ...commitOf(state), sha: text(state, "sha") });
  }

  private repository(inputs: Properties): string {
    return this.api.repository(text(inputs, "repository"));
  }

  private path(inputs: Properties): string {
    return `${this.repository(inputs)}/contents/${text(inputs, "file")}`;
  }
}

/** The resource over the API that the configuration gives. */
export const repositoryFile = (api: () => RestApi): BridgedResource => ({
  schema,
  idInState: true,
  deleteBeforeReplace: false,
  emptyDefaults: "keep",
  create: (plan) => new RepositoryFile(api()).create(plan),
  read: (_id, state) => new RepositoryFile(api()).read(state, text(state, "commitSha")),
  update: async (_id, state, plan) => {
    const live = await new RepositoryFile(api()).write(plan, text(state, "sha"));
    return { ...live, properties: { ...live.properties, repositoryId: state["repositoryId"] } };
  },
  delete: (_id, state) => new RepositoryFile(api()).delete(state),
});
