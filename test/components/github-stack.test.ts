import { describe, expect, test } from "vitest";
import { formerResources } from "../../components/github-stack";

const app = "urn:pulumi:prod::memoryloop-infra::";

describe("formerResources", () => {
  test("finds what an earlier version declared on GitHub in the app's stack, and nothing else", () => {
    const former = [
      `${app}vps:components:Pipeline::pipeline`,
      `${app}vps:components:Pipeline$github:index/repositoryFile:RepositoryFile::pipeline-ci`,
    ];
    expect(formerResources([...former, `${app}vps:components:Host::host`])).toEqual(former);
  });
});
