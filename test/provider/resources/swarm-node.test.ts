import { describe, expect, test } from "vitest";
import { swarmNodeInputsSchema } from "../../../host/swarm/node";
import { swarmNode } from "../../../provider/resources/swarm-node";
import { FakeHost } from "../../support/fake-host";

const connection = { host: "203.0.113.8", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
const first = { connection: { ...connection, host: "203.0.113.7" }, privateAddress: "10.0.0.1" };
const inputs = swarmNodeInputsSchema.parse({
  ...{
    connection,
    name: "second",
    privateAddress: "10.0.0.2",
    role: "manager",
    group: "servers-1",
    pool: "10.213.0.0/16",
    first,
  },
});
const token = "SWMTKN-1-secret";
const inspected = (change: object = {}): string =>
  JSON.stringify({ role: "manager", availability: "active", state: "ready", address: "10.0.0.2", ...change });

/** The server and the first manager, and the handler that reaches it. */
function servers(answers: ConstructorParameters<typeof FakeHost>[0] = {}) {
  const own = new FakeHost({ "swarm/join.sh": "node-2\n", "swarm/init.sh": "node-1\n", ...answers });
  const manager = new FakeHost({ "swarm/token.sh": `${token}\n`, "swarm/inspect.sh": inspected(), ...answers });
  return { own, manager, handler: swarmNode(() => manager) };
}

describe("SwarmNode", () => {
  test("the first server makes the Swarm, with the addresses of its networks", async () => {
    const { own, handler } = servers();
    const alone = swarmNodeInputsSchema.parse({ ...inputs, privateAddress: "10.0.0.1", first: undefined });
    expect(await handler.create(alone, own)).toEqual({ id: "node-1", state: { ...alone, nodeId: "node-1" } });
    expect(own.commands.map(({ script, args }) => [script, args])).toEqual([
      ["swarm/init.sh", ["10.0.0.1", "10.213.0.0/16"]],
      ["swarm/update.sh", ["node-1", "manager", "servers-1"]],
    ]);
  });

  test("another server joins with a token of its role, which only its standard input gets", async () => {
    const { own, manager, handler } = servers();
    const { state } = await handler.create(inputs, own);
    expect(JSON.stringify([state, own.commands.map(({ args }) => args)])).not.toContain(token);
    expect(own.commands).toEqual([
      expect.objectContaining({ script: "swarm/join.sh", args: ["10.0.0.2", "10.0.0.1"], stdin: token }),
    ]);
    expect(manager.commands.map(({ script, args }) => [script, args])).toEqual([
      ["swarm/token.sh", ["manager"]],
      ["swarm/update.sh", ["node-2", "manager", "servers-1"]],
    ]);
  });

  test.each([
    ["as it is", inspected(), "manager"],
    ["demoted by hand", inspected({ role: "worker" }), "worker"],
    ["drained by hand", inspected({ availability: "drain" }), "manager, drain"],
    ["down", inspected({ state: "down" }), "manager"],
  ])("a refresh shows a node %s", async (_, answer, role) => {
    const { own, handler } = servers({ "swarm/inspect.sh": answer });
    expect(await handler.read({ ...inputs, nodeId: "node-2" }, own)).toMatchObject({ role, nodeId: "node-2" });
  });

  test("a refresh shows that a node has left", async () => {
    const { own, handler } = servers({ "swarm/inspect.sh": "\n" });
    expect(await handler.read({ ...inputs, nodeId: "node-2" }, own)).toBeUndefined();
  });

  test("a new server in the place of a lost one joins, and the lost one is forgotten", async () => {
    const { own, manager, handler } = servers();
    const state = await handler.update({ ...inputs, nodeId: "lost" }, inputs, own);
    expect(state.nodeId).toBe("node-2");
    expect(manager.commands.map(({ script, args }) => [script, args])).toEqual([
      ["swarm/token.sh", ["manager"]],
      ["swarm/update.sh", ["node-2", "manager", "servers-1"]],
      ["swarm/forget.sh", ["lost", "demote"]],
      ["swarm/forget.sh", ["lost", "remove"]],
    ]);
  });

  test("a manager is demoted, leaves, and is forgotten; also a lost one that cannot leave", async () => {
    const { own, manager, handler } = servers({ "swarm/leave.sh": new Error("connection lost") });
    await handler.delete({ ...inputs, nodeId: "node-2" }, own);
    expect(own.scripts).toEqual(["swarm/leave.sh"]);
    expect(manager.commands.map(({ args }) => args)).toEqual([
      ["node-2", "demote"],
      ["node-2", "remove"],
    ]);
  });
});
