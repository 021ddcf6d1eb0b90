import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hasProtections, removeRuleset } from "../../github/protections";
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

const refuse = (status: number, message: string) =>
  fetch(`${emulated.baseUrl}emulator/faults`, {
    method: "POST",
    body: JSON.stringify({ faults: [{ call: "rulesets", times: 1, status, message }] }),
  });

describe("hasProtections", () => {
  test("a plan with rulesets has them", async () => {
    expect(await hasProtections(github, "owner/app")).toBe(true);
  });

  test("a private repository on GitHub Free has none", async () => {
    await refuse(403, "Upgrade to GitHub Pro or make this repository public to enable this feature.");
    expect(await hasProtections(github, "owner/app")).toBe(false);
  });

  test("any other refusal is an error", async () => {
    await refuse(403, "Resource not accessible by personal access token");
    await expect(hasProtections(github, "owner/app")).rejects.toThrow("GITHUB_TOKEN lacks a permission");
  });
});

describe("removeRuleset", () => {
  test("removes the ruleset of this name and no other", async () => {
    emulated.account.rulesets = [
      { id: 1, settings: { name: "checks" } },
      { id: 2, settings: { name: "theirs" } },
    ];
    expect(await removeRuleset(github, "owner/app", "checks")).toBe(true);
    expect(emulated.account.rulesets.map(({ id }) => id)).toEqual([2]);
    expect(await removeRuleset(github, "owner/app", "checks")).toBe(false);
  });
});
