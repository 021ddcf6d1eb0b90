import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { remakeBranch } from "../../../../../github/branch";
import { Github } from "../../../../../github/rest";
import { bridged } from "../../../../offline/plugins/bridge/bridged";
import type { Resource } from "../../../../offline/plugins/plugin";
import { repositoryPullRequest } from "../../../../offline/plugins/github/pull-request";
import { RestApi } from "../../../../offline/plugins/github/rest-api";
import type { Properties } from "../../../../offline/plugins/value";
import { EmulatedGithub } from "../../../../../test/support/emulated-github";

const inputs = { baseRepository: "app", baseRef: "main", headRef: "infra/workflows", title: "T", body: "B" };
const subject = { urn: "urn", name: "it" };

let emulated: EmulatedGithub;
let github: Github;
let resource: Resource;
let made: { id: string; state: Properties };

beforeEach(async () => {
  emulated = await EmulatedGithub.start();
  github = new Github({ apiUrl: emulated.apiUrl, token: "admin" });
  const branch = { repository: "owner/app", name: inputs.headRef };
  await remakeBranch(github, branch, "main", { "a.yml": "a" }, { name: "a", email: "a@b.c" });
  const args = { owner: "owner", baseUrl: emulated.baseUrl, token: "admin", writeDelayMs: 0 };
  const api = await RestApi.open(args, {});
  resource = bridged(repositoryPullRequest(() => api));
  made = await resource.create({ ...subject, inputs, preview: false });
});

afterEach(() => {
  emulated.stop();
});

const pull = () => emulated.account.pulls[0] ?? expect.fail("no pull request");
const read = () => resource.read({ ...subject, id: made.id, state: made.state, inputs });
const difference = (state: Properties, changed: object = {}) =>
  resource.diff({ ...subject, id: made.id, state, inputs: { ...inputs, ...changed }, oldInputs: inputs });

describe("github.RepositoryPullRequest, as the provider's source has it", () => {
  test("is opened, and its id has owner, repository and number", () => {
    expect(made.id).toBe(`owner:app:${pull().number}`);
    expect(made.state).toMatchObject({
      ...inputs,
      id: made.id,
      number: pull().number,
      state: "open",
      openedBy: "owner",
    });
  });

  test("a merge is no drift, also when its branch is gone", async () => {
    await github.call("PUT", `/repos/owner/app/pulls/${pull().number}/merge`);
    await github.call("DELETE", `/repos/owner/app/git/refs/heads/${inputs.headRef}`);
    const found = await read();
    expect(found?.state).toMatchObject({ state: "closed" });
    expect(difference(found?.state ?? {}).changed).toBe(false);
  });

  test("another title is an update, another head another pull request", () => {
    expect(difference(made.state, { title: "U" })).toMatchObject({ diffs: ["title"], replaces: [] });
    expect(difference(made.state, { headRef: "other" }).replaces).toEqual(["headRef"]);
  });

  test("an update changes the text", async () => {
    const changed = { ...inputs, title: "U" };
    await resource.update({
      ...subject,
      id: made.id,
      state: made.state,
      inputs: changed,
      oldInputs: inputs,
      preview: false,
    });
    expect(pull()).toMatchObject({ title: "U", body: "B", base: "main" });
  });

  test("delete closes an open pull request, and sends nothing for a closed one", async () => {
    await resource.delete({ ...subject, id: made.id, state: { ...made.state, state: "closed" } });
    expect(pull().state).toBe("open");
    await resource.delete({ ...subject, id: made.id, state: made.state });
    expect(pull().state).toBe("closed");
  });
});
