import { expect, test } from "vitest";
import { requiredPackages } from "../../../offline/language-host/required-packages";
import { repositoryRoot } from "../../../../repository";

test("the program needs the plugins of its SDKs, one of them with a parameter", () => {
  const found = requiredPackages(repositoryRoot);
  expect(found.map(({ name }) => name).sort()).toEqual(["command", "docker", "github", "random", "terraform-provider"]);
  expect(found.find(({ name }) => name === "terraform-provider")).toMatchObject({
    version: "1.1.3",
    parameterization: { name: "b2", version: "0.13.0" },
  });
});

test("a program without dependencies, or with one that is not installed, needs none", () => {
  expect(requiredPackages("/nowhere")).toEqual([]);
});
