import { describe, expect, test } from "vitest";
import { assertKeepsSwarm, assertStartsAsCluster } from "../../components/before-update";

const named = (...names: string[]) => names.map((name) => ({ name }));
const keeps = (servers: readonly string[], managers?: string[]) => () => {
  assertKeepsSwarm(named(...servers), { ...(managers && { managers }) });
};
const three = ["host", "second", "third"];

describe("assertStartsAsCluster", () => {
  test.each([
    ["one server", [], { imageTag: "aaaaaaa" }],
    ["a new stack", three, {}],
    ["a cluster", three, { imageTag: "aaaaaaa", managers: three }],
  ])("allows: %s", (_, servers, last) => {
    expect(() => {
      assertStartsAsCluster(named(...servers), last);
    }).not.toThrow();
  });

  test("an app on one server without a Swarm stays there", () => {
    expect(() => {
      assertStartsAsCluster(named(...three), { imageTag: "aaaaaaa" });
    }).toThrow(
      "the program cannot make a cluster of it yet; nothing was changed\n  next: deploy a new stack with `cluster` to new servers, then change the A records",
    );
  });
});

describe("assertKeepsSwarm", () => {
  test.each<[string, string[], string[] | undefined]>([
    ["one server", [], undefined],
    ["from one server to three", three, undefined],
    ["three servers", three, three],
    ["one of three managers leaves", ["host", "second"], three],
    ["two workers leave", ["host"], ["host"]],
  ])("allows: %s", (_, servers, managers) => {
    expect(keeps(servers, managers)).not.toThrow();
  });

  test("a stack with a cluster keeps the section", () => {
    expect(keeps([], three)).toThrow(
      "nothing was changed\n  next: keep the section with `nodes: []`, which is a Swarm of one server",
    );
  });

  test("most of the managers cannot leave at once", () => {
    expect(keeps(["host"], three)).toThrow(
      "cluster.nodes: 1 of 3 managers would be left, and more than half must run until the others have left; nothing was changed\n  next: give those that leave the role `worker`, run `pulumi up`, then remove them",
    );
  });
});
