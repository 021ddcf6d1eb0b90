import { expect, test } from "vitest";
import { placeOf, warningOf } from "../../components/cluster-servers";
import { clusterServers, groupOf } from "../../config/cluster-servers";

const connection = { host: "203.0.113.1", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
const node = (name: string, number: number, role: "manager" | "worker" = "manager") => ({
  ...{ name, host: `203.0.113.${number}`, hostKey: "ssh-ed25519 BBBB", privateAddress: `10.0.0.${number}`, role },
});
const cluster = { privateAddress: "10.0.0.1", nodes: [node("second", 2), node("third", 3)], skipUnreachable: true };
const all = clusterServers({ cluster, connection });
const down = (...names: string[]) => names.map((name) => ({ name, cause: "ETIMEDOUT" }));

test("the servers are that of host and the nodes, with its login", () => {
  expect(all.map(({ name, connection: { host, user } }) => [name, host, user])).toEqual([
    ["host", "203.0.113.1", "root"],
    ["second", "203.0.113.2", "root"],
    ["third", "203.0.113.3", "root"],
  ]);
  expect(clusterServers({ connection })).toEqual([]);
});

test("the place of a server has the private addresses of the others", () => {
  expect(placeOf(all[1], all)).toEqual({ privateAddress: "10.0.0.2", peers: ["10.0.0.1", "10.0.0.3"] });
  expect(placeOf(undefined, [])).toBeUndefined();
});

test("without a server that does not answer there is no warning", () => {
  expect(warningOf([], all, false)).toBeUndefined();
});

test("a server that does not answer is named, and the update goes on", () => {
  expect(warningOf(down("third"), all, true)).toBe(
    "these servers of cluster.nodes do not answer: third (ETIMEDOUT). This update goes on without them. When they are back, run `pulumi up` again",
  );
});

test("two of three managers do not answer: nothing is changed", () => {
  expect(() => warningOf(down("second", "third"), all, true)).toThrow(
    "second (ETIMEDOUT), third (ETIMEDOUT); 1 of 3 managers are left, and more than half must run\n  next: start them, then run `pulumi up` again; nothing was changed",
  );
});

test("a worker is no manager: all of them may be off", () => {
  const workers = clusterServers({
    cluster: { ...cluster, nodes: [node("second", 2, "worker"), node("third", 3, "worker")] },
    connection,
  });
  expect(warningOf(down("second", "third"), workers, true)).toContain("second (ETIMEDOUT), third (ETIMEDOUT)");
});

test("with skipUnreachable: false no update goes on without a server", () => {
  expect(() => warningOf(down("third"), all, false)).toThrow(
    "next: start them, or go on without them: pulumi config set --path cluster.skipUnreachable true",
  );
});

test("a group is named after its servers, in any order", () => {
  expect(groupOf(all)).toMatch(/^servers-[0-9a-f]{12}$/);
  expect(groupOf(all.toReversed())).toBe(groupOf(all));
  expect(groupOf(all.slice(0, 2))).not.toBe(groupOf(all));
});
