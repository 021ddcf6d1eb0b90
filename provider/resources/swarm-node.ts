import {
  forget,
  init,
  inspect,
  join,
  leave,
  parseNode,
  roleInForce,
  swarmNodeInputsSchema,
  token,
  update,
  type SwarmNodeInputs,
  type SwarmNodeState,
} from "../../host/swarm/node";
import type { LockingShell } from "../../host/session";
import type { OpenShell } from "../provider";
import type { ResourceHandler } from "../resource-handler";

/** The shell of the first manager, which knows every node. */
const managerOf = ({ first }: SwarmNodeInputs, host: LockingShell, open: OpenShell): LockingShell =>
  first === undefined ? host : open(first.connection);

async function enter(inputs: SwarmNodeInputs, host: LockingShell, open: OpenShell): Promise<string> {
  const { first } = inputs;
  if (first === undefined) return (await host.run(init(inputs))).trim();
  const secret = await open(first.connection).run(token(inputs));
  return (await host.run(join(inputs, first.privateAddress, secret.trim()))).trim();
}

/** A lost server cannot leave by itself. The managers forget it all the same. */
async function end({ name, nodeId, role, first }: SwarmNodeState, host: LockingShell, open: OpenShell): Promise<void> {
  if (first === undefined) {
    await host.run(leave(name));
    return;
  }
  const manager = open(first.connection);
  if (role === "manager") await manager.run(forget(name, nodeId, "demote"));
  await host.run(leave(name)).catch(() => undefined);
  await manager.run(forget(name, nodeId, "remove"));
}

/** The resource `SwarmNode`: a server that is in the Swarm, with its role. `open` reaches the first manager. */
export const swarmNode = (open: OpenShell): ResourceHandler<SwarmNodeInputs, SwarmNodeState> => ({
  schema: swarmNodeInputsSchema,
  verdicts: { privateAddress: "replace" },

  async create(inputs, host) {
    const nodeId = await enter(inputs, host, open);
    await managerOf(inputs, host, open).run(update(inputs, nodeId));
    return { id: nodeId, state: { ...inputs, nodeId } };
  },

  async read(state, host) {
    const found = parseNode(await managerOf(state, host, open).run(inspect(state.name, state.nodeId)));
    return found && { ...state, role: roleInForce(found) as SwarmNodeState["role"] };
  },

  async update(state, inputs, host) {
    await managerOf(inputs, host, open).run(update(inputs, state.nodeId));
    return { ...inputs, nodeId: state.nodeId };
  },

  delete: (state, host) => end(state, host, open),
});
