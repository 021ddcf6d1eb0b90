import { describe, expect, test } from "vitest";
import { keptReleases, planPhases, recoverCluster, retiredBy } from "../../../host/swarm/plan";
import { deployment } from "../../support/deployment";
import { container, hostState } from "../../support/host-state";

/** A server whose release 11 serves, with the next release 22 beside it. */
const waiting = hostState({
  active: "11",
  environment: "11",
  listening: ["11"],
  containers: [container("11", "aaaaaaa", true), container("22", "bbbbbbb", true)],
  records: [deployment({ imageTag: "aaaaaaa", release: "11" })],
});
/** The same server after an interrupted run, which has confirmed 22 here. */
const confirmed = { ...waiting, active: "22", previous: "11", environment: "22", listening: ["11", "22"] };
/** A server that has never had a release. */
const empty = hostState({ containers: [container("22", "bbbbbbb", true)] });

const kindsOf = (states: Parameters<typeof planPhases>[0]) =>
  planPhases(states, "22").map(({ kind, steps }) => [kind, Object.keys(steps).join(" ")]);

describe("planPhases", () => {
  test("every server ends a phase before the next one begins", () => {
    expect(kindsOf({ one: waiting, two: waiting })).toEqual([
      ...[
        ["start", "one two"],
        ["gate", "one two"],
        ["switch", "one two"],
        ["prove", "one two"],
      ],
      ...[
        ["soak", "one two"],
        ["confirm", "one two"],
        ["drain", "one two"],
        ["retire", "one two"],
      ],
      ...[
        ["record", "one two"],
        ["prune", "one two"],
      ],
    ]);
  });

  test("a server that has confirmed already, or has had no release, has fewer steps", () => {
    expect(kindsOf({ one: confirmed, two: waiting, three: empty })).toEqual([
      ...[
        ["start", "one two three"],
        ["gate", "one two three"],
        ["switch", "two three"],
        ["prove", "one two three"],
      ],
      ...[
        ["soak", "two three"],
        ["confirm", "one two three"],
        ["drain", "one two"],
        ["retire", "one two"],
      ],
      ...[
        ["record", "one two three"],
        ["prune", "one two three"],
      ],
    ]);
  });

  test("a server reverts what a dead run left, before any server starts", () => {
    const unconfirmed = { ...waiting, active: "33", unconfirmed: { from: "11", to: "33" } };
    expect(kindsOf({ one: waiting, two: unconfirmed }).slice(0, 2)).toEqual([
      ["revert", "two"],
      ["start", "one two"],
    ]);
  });

  test("the tasks of a release end once, however many servers retire it", () => {
    const retire = planPhases({ one: waiting, two: waiting }, "22").find(({ kind }) => kind === "retire");
    expect(retire && retiredBy(retire)).toEqual(["11"]);
  });
});

test("the services of the desired release and of the rollback target stay", () => {
  expect(keptReleases({ one: waiting, two: waiting, three: empty }, "22")).toEqual(["22", "11"]);
  expect(keptReleases({ one: empty }, "22")).toEqual(["22"]);
});

describe("recoverCluster", () => {
  const two = { one: waiting, two: waiting };
  test("before the switch the release ends, and no server reverts", () => {
    expect(recoverCluster("gate", two, "22")).toEqual({ reverts: [], ends: true });
  });
  test("after the switch all servers revert, then the release ends", () => {
    expect(recoverCluster("soak", two, "22")).toEqual({ reverts: ["one", "two"], ends: true });
  });
  test("a release that serves on one server ends on none", () => {
    expect(recoverCluster("gate", { one: confirmed, two: waiting }, "22")).toEqual({ reverts: [], ends: false });
    expect(recoverCluster("prove", { one: confirmed, two: waiting }, "22")).toEqual({ reverts: ["two"], ends: false });
  });
  test("from the confirm on, each server decides alone", () => {
    expect(recoverCluster("confirm", two, "22")).toEqual({ reverts: [], ends: false });
    expect(recoverCluster("retire", two, "22")).toEqual({ reverts: [], ends: false });
  });
});
