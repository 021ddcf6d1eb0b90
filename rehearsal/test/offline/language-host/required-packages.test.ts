import { expect, test } from "vitest";
import { requiredPackages } from "../../../offline/language-host/required-packages";
import { repositoryRoot } from "../../../../repository";

test("the program needs the plugins of its SDKs", () => {
  const found = requiredPackages(repositoryRoot);
  expect(found.map(({ name }) => name).sort()).toEqual(["command", "docker", "github", "random"]);
  expect(found.find(({ name }) => name === "command")).toMatchObject({ version: "1.2.1", server: "" });
});

test("a program without dependencies, or with one that is not installed, needs none", () => {
  expect(requiredPackages("/nowhere")).toEqual([]);
});
