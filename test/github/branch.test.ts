import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { filesOn, remakeBranch } from "../../github/branch";
import { Github } from "../../github/rest";
import { EmulatedGithub, base64 } from "../support/emulated-github";

const main = { repository: "owner/app", name: "main" };
const branch = { repository: "owner/app", name: "infra/workflows" };
const author = { name: "memoryloop-infra", email: "infra@memoryloop.test" };

let emulated: EmulatedGithub;
let github: Github;

beforeEach(async () => {
  emulated = await EmulatedGithub.start();
  emulated.account.branches["main"] = { "a.yml": base64("a: ü\n"), "b.yml": base64("b: 1\n") };
  github = new Github({ apiUrl: emulated.apiUrl, token: "admin" });
});

afterEach(() => {
  emulated.stop();
});

describe("filesOn", () => {
  test("reads those that are there", async () => {
    expect(await filesOn(github, main, ["a.yml", "c.yml"])).toEqual({ "a.yml": "a: ü\n" });
  });

  test("a branch, or a repository, that cannot be seen is an error, not an empty one", async () => {
    await expect(filesOn(github, branch, ["a.yml"])).rejects.toThrow("404 Not Found");
    await expect(filesOn(github, { ...main, repository: "owner/nowhere" }, ["a.yml"])).rejects.toThrow(
      "GITHUB_TOKEN may not see it",
    );
  });
});

describe("remakeBranch", () => {
  const files = { "a.yml": "a: 2\n", "b.yml": "b: 1\n", "c.yml": "c: 3\n" };

  test("starts from the base and commits what differs, with checks to run on it", async () => {
    await remakeBranch(github, branch, "main", files, author);
    expect(await filesOn(github, branch, Object.keys(files))).toEqual(files);
    expect(emulated.account.commits.map(({ message, author: by }) => [message, by])).toEqual([
      ["a.yml of memoryloop-infra", author],
      ["c.yml of memoryloop-infra", author],
    ]);
    expect(await filesOn(github, main, ["a.yml", "c.yml"])).toEqual({ "a.yml": "a: ü\n" });
  });

  test("again: what it held is gone, and its pull request closed", async () => {
    await remakeBranch(github, branch, "main", { ...files, "old.yml": "old" }, author);
    await github.call("POST", "/repos/owner/app/pulls", { head: branch.name, base: "main", title: "t", body: "" });
    await remakeBranch(github, branch, "main", files, author);
    expect(await filesOn(github, branch, [...Object.keys(files), "old.yml"])).toEqual(files);
    expect(emulated.account.pulls.map(({ state }) => state)).toEqual(["closed"]);
  });
});
