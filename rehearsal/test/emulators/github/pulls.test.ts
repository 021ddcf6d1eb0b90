import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { remakeBranch } from "../../../../github/branch";
import { Github } from "../../../../github/rest";
import { EmulatedGithub, base64 } from "../../../../test/support/emulated-github";

const repository = "owner/app";
const head = "infra/workflows";
const author = { name: "a", email: "a@b.c" };

let emulated: EmulatedGithub;
let github: Github;

beforeEach(async () => {
  emulated = await EmulatedGithub.start();
  github = new Github({ apiUrl: emulated.apiUrl, token: "writer" });
  const checks = { required_status_checks: [{ context: "lint" }, { context: "test" }] };
  emulated.account.rulesets.push({
    id: 1,
    settings: {
      enforcement: "active",
      conditions: { ref_name: { include: ["~DEFAULT_BRANCH"] } },
      rules: [{ type: "required_status_checks", parameters: checks }],
    },
  });
  await remakeBranch(github, { repository, name: head }, "main", { "a.yml": "a" }, author);
});

afterEach(() => {
  emulated.stop();
});

const open = () => github.call("POST", `/repos/${repository}/pulls`, { head, base: "main", title: "A", body: "b" });
const merge = () => github.call("PUT", `/repos/${repository}/pulls/${emulated.account.pulls.at(-1)?.number}/merge`);

describe("pull requests of the emulated GitHub", () => {
  test("a branch has one pull request, and none without a difference", async () => {
    expect(await open()).toMatchObject({ state: "open", merged: false, head: { ref: head }, base: { ref: "main" } });
    await expect(open()).rejects.toThrow(`A pull request already exists for owner:${head}`);
    await merge();
    await expect(open()).rejects.toThrow("No commits between");
  });

  test("a merge adds the files, follows the ruleset, and has the title in its message", async () => {
    await open();
    await merge();
    expect(emulated.account.branches["main"]).toEqual({ "a.yml": base64("a") });
    expect(emulated.account.commits.at(-1)?.message).toMatch(
      /^Merge pull request #\d+ from owner\/infra\/workflows\n\nA$/,
    );
    await expect(merge()).rejects.toThrow("not mergeable");
  });

  test("a last commit that skips the checks leaves them pending", async () => {
    await open();
    const put = { message: "b [skip ci]", content: "", branch: head };
    await github.call("PUT", `/repos/${repository}/contents/b.yml`, put);
    await expect(merge()).rejects.toThrow("2 of 2 required status checks are expected");
  });

  test("the deletion of the branch closes it, and its commit is kept", async () => {
    const { head: opened } = (await open()) as { head: { sha: string } };
    await github.call("DELETE", `/repos/${repository}/git/refs/heads/${head}`);
    const { number } = emulated.account.pulls[0] ?? { number: 0 };
    expect(await github.call("GET", `/repos/${repository}/pulls/${number}`)).toMatchObject({
      state: "closed",
      head: { ref: head, sha: opened.sha },
    });
  });
});
