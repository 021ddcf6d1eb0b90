import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { environmentRules, restrictEnvironment, ruleProblem } from "../../github/environment-rules";
import { Github } from "../../github/rest";
import { EmulatedGithub } from "../support/emulated-github";

let emulated: EmulatedGithub;
let github: Github;

beforeEach(async () => {
  emulated = await EmulatedGithub.start();
  github = new Github({ apiUrl: emulated.apiUrl, token: "admin" });
});

afterEach(() => {
  emulated.stop();
});

const problem = async () => ruleProblem(await environmentRules(github, "owner/app", "preview"), "main");
const restrict = () => restrictEnvironment(github, "owner/app", "preview", { branch: "main", reviewers: [7] });

describe("an environment with secrets", () => {
  test("that does not exist, or is open to every branch, is a problem", async () => {
    expect(await problem()).toBe("it does not exist");
    await github.call("PUT", "/repos/owner/app/environments/preview", {});
    expect(await problem()).toContain("every branch gets its secrets");
  });

  test("restricted to the branch it is none, also when it is done twice and when others were allowed", async () => {
    await restrict();
    await restrict();
    expect(await problem()).toBeUndefined();
    emulated.account.environments["preview"]?.policies.push({ id: 99, name: "feature/*", type: "branch" });
    expect(await problem()).toBe("it accepts main, feature/*, not only main");
    await restrict();
    expect(await problem()).toBeUndefined();
    expect(emulated.account.environments["preview"]?.settings).toMatchObject({ reviewers: [{ type: "User", id: 7 }] });
  });

  test("a tag of the branch's name is not the branch", () => {
    expect(ruleProblem({ exists: true, branches: ["tag main"] }, "main")).toBe("it accepts tag main, not only main");
  });
});
