import { describe, expect, test } from "vitest";
import { explainRefusal, refusals } from "../../host/refusals";
import { readRepositoryFile } from "../../repository";

describe("explainRefusal", () => {
  test.each([
    ["GitHub", 403, "API rate limit exceeded for user", "there were too many calls; nothing was changed by this call"],
    ["GitHub", 403, "Resource not accessible by integration", "GITHUB_TOKEN lacks a permission for this call"],
    [
      "GitHub",
      403,
      "Upgrade to GitHub Pro or make this repository public",
      "GitHub Free has rulesets and environments for public repositories only",
    ],
    ["B2", 401, '{"code":"bad_auth_token"}', "B2 refuses the key: it is wrong, or it was deleted"],
    ["B2", 403, '{"code":"storage_cap_exceeded"}', "a cap of the B2 account is reached"],
    [
      "B2",
      400,
      '{"code":"duplicate_bucket_name"}',
      "the name of the bucket is taken; names are unique among all customers",
    ],
  ] as const)("%s %i %s", (service, status, answer, cause) => {
    expect(explainRefusal(service, status, answer)?.cause).toBe(cause);
  });

  test("a refusal that nobody knows is not explained", () => {
    expect(explainRefusal("GitHub", 418, "teapot")).toBeUndefined();
    expect(explainRefusal("B2", 400, "bad_request")).toBeUndefined();
  });
});

test("docs/pipeline.md has a row for each: symptom, cause, next command", () => {
  const rows = readRepositoryFile("docs", "pipeline.md")
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => line.split("|").map((cell) => cell.trim().replaceAll("`", "")));
  for (const { service, symptom, cause, next } of refusals)
    expect(rows).toContainEqual(["", `${service}: ${symptom}`, cause, next, ""]);
});
