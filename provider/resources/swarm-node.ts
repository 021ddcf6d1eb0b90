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

/** Enters the Swarm with the role of the inputs. Safe to repeat. */
async function converge(inputs: SwarmNodeInputs, host: LockingShell, open: OpenShell): Promise<SwarmNodeState> {
  const nodeId = await enter(inputs, host, open);
  await managerOf(inputs, host, open).run(update(inputs, nodeId));
  return { ...inputs, nodeId };
}

/** A lost server cannot leave by itself. The managers forget it all the same. */
async function end(state: SwarmNodeState, host: LockingShell, open: OpenShell): Promise<void> {
  const { name, nodeId, first } = state;
  if (first === undefined) {
    await host.run(leave(name));
    return;
  }
  const manager = open(first.connection);
  await manager.run(forget(name, nodeId, "demote"));
  await host.run(leave(name)).catch(() => undefined);
  await manager.run(forget(name, nodeId, "remove"));
}

/** A new server in the place of a lost one is another node. The managers forget the lost one. */
async function forgetFormer(former: SwarmNodeState, nodeId: string, manager: LockingShell): Promise<void> {
  if (former.nodeId === nodeId) return;
  for (const what of ["demote", "remove"] as const) await manager.run(forget(former.name, former.nodeId, what));
}

/** The resource `SwarmNode`: a server that is in the Swarm, with its role. `open` reaches the first manager. */
export const swarmNode = (open: OpenShell): ResourceHandler<SwarmNodeInputs, SwarmNodeState> => ({
  schema: swarmNodeInputsSchema,
  verdicts: { privateAddress: "replace" },

  async create(inputs, host) {
    const state = await converge(inputs, host, open);
    return { id: state.nodeId, state };
  },

  async read(state, host) {
    const found = parseNode(await managerOf(state, host, open).run(inspect(state.name, state.nodeId)));
    return found && { ...state, role: roleInForce(found) as SwarmNodeState["role"] };
  },

  async update(state, inputs, host) {
    const updated = await converge(inputs, host, open);
    await forgetFormer(state, updated.nodeId, managerOf(inputs, host, open));
    return updated;
  },

  delete: (state, host) => end(state, host, open),
});
