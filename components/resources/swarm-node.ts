import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../../host/connection";

export interface SwarmNodeArgs {
  connection: pulumi.Input<Connection>;
  /** Name in messages. */
  name: pulumi.Input<string>;
  /** Address at which the other servers reach it. Another one is another node. */
  privateAddress: pulumi.Input<string>;
  role: pulumi.Input<"manager" | "worker">;
  /** Label of the present servers of the cluster. */
  group: pulumi.Input<string>;
  /** The networks of the Swarm get their addresses from this one. Counts when the Swarm is made. */
  pool: pulumi.Input<string>;
  /** The manager that knows all servers. Omit it for this manager itself. */
  first?: pulumi.Input<{ connection: pulumi.Input<Connection>; privateAddress: pulumi.Input<string> }>;
}

/**
 * A server in a Docker Swarm, with its role and with tasks. The join token is fetched for the join alone: no state and no log
 * has it. Its `delete` makes the server leave; a lost server is removed from the managers' list all the same.
 */
export class SwarmNode extends pulumi.CustomResource {
  static readonly __pulumiType = "vps:index:SwarmNode";

  declare readonly nodeId: pulumi.Output<string>;

  constructor(name: string, args: SwarmNodeArgs, opts?: pulumi.CustomResourceOptions) {
    super(SwarmNode.__pulumiType, name, { ...args, nodeId: undefined }, opts);
  }
}
