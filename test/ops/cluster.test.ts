import { expect, test } from "vitest";
import { onCluster } from "../../ops/cluster";

test.each([
  ["rollback --now", "next: pulumi up -c imageTag=$(pulumi stack output previousImageTag)"],
  ["deploy", "next: pulumi up -c imageTag=<tag>"],
  ["maintenance", "ops maintenance works on one server, and this stack has 3"],
])("%s is refused on a cluster, with the way that works", (name, words) => {
  expect(onCluster(name, 3).error).toContain(words);
  expect(onCluster(name, 1)).toEqual({});
});

test("a command that reads one server says so", () => {
  expect(onCluster("status", 3)).toEqual({ note: "note: of the 3 servers this is the one of host alone" });
  expect(onCluster("destroy", 3)).toEqual({});
});
