import { describe, expect, test } from "vitest";
import { clusterProblems, clusterSchema } from "../../config/cluster";

const key = (letter: string): string =>
  `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtd3lRLtxH1qNzq0rTJmzvBCSZQ2YbgS8dzJ0EJ7wA${letter}`;
const node = (name: string, number: number) => ({
  ...{ name, host: `203.0.113.${number}`, hostKey: key(name.slice(0, 1)), privateAddress: `10.0.0.${number}` },
});
const host = { host: "203.0.113.1", hostKey: key("Z"), deployKeys: [] };
const three = { privateAddress: "10.0.0.1", nodes: [node("second", 2), node("third", 3)] };

function problemsOf(cluster: unknown, rest: object = {}): string[] {
  const config = { host, data: [], variables: {}, cluster: clusterSchema.parse(cluster), ...rest };
  return clusterProblems(config).map((problem) => problem.split("\n")[0] ?? "");
}

describe("a cluster", () => {
  test("of three managers, or of one manager and one worker, has no problem", () => {
    expect(problemsOf(three)).toEqual([]);
    expect(problemsOf({ ...three, nodes: [{ ...node("second", 2), role: "worker" }] })).toEqual([]);
  });

  test("is no question without the key", () => {
    expect(clusterProblems({ host, data: [{}], alerts: {}, variables: {} })).toEqual([]);
  });

  test("has an odd number of managers", () => {
    expect(problemsOf({ ...three, nodes: [node("second", 2)] })).toEqual([
      "cluster.nodes: 2 managers with the server of host; more than half of them must run, so an even number stands no more failures than one less",
    ]);
  });

  test.each([
    ["name", { ...node("third", 3), name: "second" }, "two servers have the name second"],
    ["host", { ...node("third", 3), host: "203.0.113.1" }, "two servers have the host 203.0.113.1"],
    ["hostKey", { ...node("third", 3), hostKey: key("Z") }, `two servers have the hostKey ${key("Z")}`],
    [
      "privateAddress",
      { ...node("third", 3), privateAddress: "10.0.0.1" },
      "two servers have the privateAddress 10.0.0.1",
    ],
  ])("has no %s twice", (_, third, problem) => {
    expect(problemsOf({ ...three, nodes: [node("second", 2), third] })).toEqual([`cluster.nodes: ${problem}`]);
  });

  test.each([
    [
      "data on one server",
      { data: [{}] },
      "data: is a folder of one server, and each server of the cluster would have other data",
    ],
    [
      "deploy keys",
      { host: { ...host, deployKeys: ["ssh-ed25519 AAAA ci"] } },
      "host.deployKeys: deploy to one server, and the cluster has several",
    ],
    ["alerts", { alerts: {} }, "alerts: know the containers of one server, not a cluster"],
    [
      "a service of one server",
      { variables: { OLLAMA_BASE_URL: { default: "http://host.docker.internal:11434" } } },
      "variables.OLLAMA_BASE_URL: names a service of one server, which the other servers do not have",
    ],
  ])("does not go together with %s", (_, rest, problem) => {
    expect(problemsOf(three, rest)).toEqual([problem]);
  });

  test.each(["203.0.113.2", "172.32.0.1", "10.0.0", "10.0.0.300", "fd00::1", "server"])(
    "refuses the private address %s",
    (privateAddress) => {
      expect(clusterSchema.safeParse({ ...three, privateAddress }).success).toBe(false);
    },
  );

  test.each(["10.0.0.1", "172.16.4.5", "192.168.1.1", "100.64.0.1"])(
    "takes the private address %s",
    (privateAddress) => {
      expect(clusterSchema.safeParse({ ...three, privateAddress }).success).toBe(true);
    },
  );
});
