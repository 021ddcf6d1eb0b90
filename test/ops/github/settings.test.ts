import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { parseGithubSettings } from "../../../ops/github/settings";

const good = {
  "infra:app": { name: "memoryloop", domain: "memoryloop.test" },
  "infra:host": { host: "203.0.113.7", hostKey: "ssh-ed25519 AAAA" },
  "infra:image": { repository: "ghcr.io/owner/app" },
  "infra:pipeline": { owner: "owner", repository: "app", infra: { repository: "owner/infra", ref: "0".repeat(40) } },
};
const parsed = (change: object) => parseGithubSettings(stringify({ config: { ...good, ...change } }), "file", "infra");

describe("parseGithubSettings", () => {
  test("reads the app's stack file, with the defaults", () => {
    expect(parsed({}).pipeline).toMatchObject({ branch: "main", workflowsBy: "commit", codeOwners: [], reviewers: [] });
  });

  test("names the file and the key that is missing", () => {
    expect(() => parsed({ "infra:pipeline": undefined })).toThrow(/read the GitHub settings from file[^]*pipeline/);
  });

  test("refuses values that would leave the workflow's text", () => {
    for (const branch of ['main"]', "a b", "${{ secrets.X }}"])
      expect(() => parsed({ "infra:pipeline": { ...good["infra:pipeline"], branch } })).toThrow("a branch's name");
    const stateUrl = 's3://x"\n  evil: 1';
    expect(() => parsed({ "infra:pipeline": { ...good["infra:pipeline"], stateUrl } })).toThrow("a backend's URL");
  });
});
