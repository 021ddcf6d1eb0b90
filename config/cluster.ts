import { z } from "zod";
import { connectionSchema } from "../host/connection";
import { problem } from "./problem";

/** A server can have tasks of the app, and be asked by the others, only at an address that the internet cannot reach. */
const privateNetwork =
  /^(10(\.\d{1,3}){3}|172\.(1[6-9]|2\d|3[01])(\.\d{1,3}){2}|192\.168(\.\d{1,3}){2}|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])(\.\d{1,3}){2})$/;

const privateAddress = z
  .ipv4("an IPv4 address of the private network, such as 10.0.0.2")
  .regex(privateNetwork, "an IPv4 address of the private network, such as 10.0.0.2")
  .describe("Its address in the private network of the servers, such as `10.0.0.2`.");

const nodeSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,30}$/, "lower case letters, digits and dashes, at most 31")
    .describe("Name of the server in messages. Another name is another server for the program."),
  host: connectionSchema.shape.host,
  port: connectionSchema.shape.port.optional().describe("TCP port of its ssh server. Default: `host.port`."),
  hostKey: connectionSchema.shape.hostKey,
  privateAddress,
  role: z
    .enum(["manager", "worker"])
    .default("manager")
    .describe("`manager`: keeps a copy of the cluster's state. More than half of the managers must run."),
});

export const clusterSchema = z
  .strictObject({
    privateAddress: privateAddress.describe("Address of the server of `host` in the private network. It is a manager."),
    nodes: z
      .array(nodeSchema)
      .max(9)
      .describe("The servers beside the one of `host`. Without one the app is a Swarm of one server."),
    skipUnreachable: z
      .boolean()
      .default(true)
      .describe(
        "Whether an update goes on without servers that do not answer, while more than half of the managers do. A later update makes them equal.",
      ),
  })
  .describe(
    "Several servers as one Docker Swarm (docs/scaling.md). Login, identity and jump host of each server are those of `host`. Omit the section for one server.",
  );

/** The servers of a cluster. */
export type Cluster = z.output<typeof clusterSchema>;

/** The parts of the configuration that several servers restrict. */
interface Restricted {
  readonly cluster?: Cluster | undefined;
  readonly host: { readonly host: string; readonly hostKey: string; readonly deployKeys: readonly string[] };
  readonly data: readonly unknown[];
  readonly alerts?: unknown;
  readonly variables: Readonly<Record<string, { readonly default?: string | undefined }>>;
}

/** The first value that stands twice in a list. */
const twice = (values: readonly string[]): string | undefined =>
  values.find((value, index) => values.indexOf(value) !== index);

/** Two managers stop together when one of them fails, so the second one only adds a way to fail. */
function managerProblems({ nodes }: Cluster): string[] {
  const managers = 1 + nodes.filter(({ role }) => role === "manager").length;
  if (managers % 2 === 1) return [];
  const last = nodes.findLastIndex(({ role }) => role === "manager");
  return [
    problem(
      "cluster.nodes",
      `${managers} managers with the server of host; more than half of them must run, so an even number stands no more failures than one less`,
      `pulumi config set --path 'cluster.nodes[${last}].role' worker, or add a manager`,
    ),
  ];
}

function doubleProblems(cluster: Cluster, host: Restricted["host"]): string[] {
  const all = [{ name: "", ...host, privateAddress: cluster.privateAddress }, ...cluster.nodes];
  return (["name", "host", "hostKey", "privateAddress"] as const).flatMap((key) => {
    const value = twice(all.map((one) => one[key]));
    if (value === undefined) return [];
    return [problem(`cluster.nodes`, `two servers have the ${key} ${value}`, "give each server its own")];
  });
}

function restrictions({ data, host, alerts, variables }: Restricted): string[] {
  const ofServer = Object.entries(variables).find(([, one]) => one.default?.includes("//host.docker.internal"));
  return [
    ...(data.length > 0
      ? [
          problem(
            "data",
            "is a folder of one server, and each server of the cluster would have other data",
            "pulumi config set data '[]', if the app keeps its data in a database or an object storage",
          ),
        ]
      : []),
    ...(host.deployKeys.length > 0
      ? [
          problem(
            "host.deployKeys",
            "deploy to one server, and the cluster has several",
            "pulumi config rm --path host.deployKeys; the deploy job runs `pulumi up` then",
          ),
        ]
      : []),
    ...(alerts === undefined
      ? []
      : [problem("alerts", "know the containers of one server, not a cluster", "pulumi config rm alerts")]),
    ...(ofServer
      ? [
          problem(
            `variables.${ofServer[0]}`,
            "names a service of one server, which the other servers do not have",
            `pulumi config set --path 'variables.${ofServer[0]}' <address that all servers reach>`,
          ),
        ]
      : []),
  ];
}

/** Everything that several servers cannot have, with the reason. */
export const clusterProblems = (config: Restricted): string[] =>
  config.cluster === undefined
    ? []
    : [...managerProblems(config.cluster), ...doubleProblems(config.cluster, config.host), ...restrictions(config)];
