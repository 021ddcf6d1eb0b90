import { expect, test } from "vitest";
import { assertOwner } from "../../../ops/github/owner";

test("an environment without another owner is accepted", () => {
  for (const environment of [{}, { GITHUB_OWNER: "" }, { GITHUB_OWNER: "You" }, { GITHUB_ORGANIZATION: "you" }])
    expect(() => {
      assertOwner("you", environment);
    }).not.toThrow();
});

test.each(["GITHUB_OWNER", "GITHUB_ORGANIZATION"])("%s of another owner is refused", (name) => {
  expect(() => {
    assertOwner("you", { [name]: "them" });
  }).toThrow(`${name} is them, but pipeline.owner is you: the GitHub provider would use them\n  next: unset ${name}`);
});
