import { z } from "zod";
import { connectionSchema } from "../connection";
import type { Command } from "../shell";

/** A server of a Docker Swarm. */
export const swarmNodeInputsSchema = z.object({
  connection: connectionSchema,
  /** Name in messages. */
  name: z.string().min(1),
  privateAddress: z.ipv4(),
  role: z.enum(["manager", "worker"]),
  /** Label of the present servers: tasks start on no other, such as one that leaves after the rollout. */
  group: z.string(),
  /** Networks of the cluster get their addresses from this one. */
  pool: z.string(),
  /** The manager that knows all servers. Undefined for this manager itself. */
  first: z.object({ connection: connectionSchema, privateAddress: z.ipv4() }).optional(),
});

export type SwarmNodeInputs = z.output<typeof swarmNodeInputsSchema>;

/** A server that is in the Swarm. The join token is no part of it. */
export interface SwarmNodeState extends SwarmNodeInputs {
  readonly nodeId: string;
}

const nodeSchema = z.object({
  role: z.enum(["manager", "worker"]),
  availability: z.enum(["active", "pause", "drain"]),
  /** `ready`, or `down` for a server that does not answer. */
  state: z.string(),
  address: z.string(),
});

/** A node as a manager sees it. */
export type SwarmNode = z.output<typeof nodeSchema>;

/** Parses the output of `swarm/inspect.sh`; undefined for a node that the Swarm does not have. */
export const parseNode = (text: string): SwarmNode | undefined =>
  text.trim() === "" ? undefined : nodeSchema.parse(JSON.parse(text));

/** The role that a node has in fact. A node that gets no tasks has none of ours, so that a preview shows the difference. */
export const roleInForce = ({ role, availability }: SwarmNode): string =>
  availability === "active" ? role : `${role}, ${availability}`;

const joinHint =
  "look at the servers: docker node ls, on a manager; the ports 2377/tcp, 7946 and 4789/udp must pass between the private addresses";

const command = (
  operation: string,
  target: string,
  script: Command["script"],
  args: readonly string[],
  rest: Partial<Command> = {},
): Command => ({ operation, target, script, args, timeoutSeconds: 90, hint: joinHint, ...rest });

export const init = ({ name, privateAddress, pool }: SwarmNodeInputs): Command =>
  command("make the Swarm on", name, "swarm/init.sh", [privateAddress, pool]);

export const token = ({ name, role }: SwarmNodeInputs): Command =>
  command("get the join token for", name, "swarm/token.sh", [role]);

export const join = ({ name, privateAddress }: SwarmNodeInputs, manager: string, secret: string): Command =>
  command("join the Swarm with", name, "swarm/join.sh", [privateAddress, manager], { stdin: secret });

export const inspect = (name: string, id: string): Command =>
  command("inspect the Swarm's node", name, "swarm/inspect.sh", [id]);

export const update = ({ name, role, group }: SwarmNodeInputs, id: string): Command =>
  command("update the Swarm's node", name, "swarm/update.sh", [id, role, group]);

export const forget = (name: string, id: string, what: "demote" | "remove"): Command =>
  command(`${what} the Swarm's node`, name, "swarm/forget.sh", [id, what]);

export const leave = (name: string): Command => command("leave the Swarm with", name, "swarm/leave.sh", []);
