import { Secret, count, isProperties, plainProperties, text, withSecrets, type Properties, type Value } from "../value";

/** Where and how a command runs. */
export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** The only accepted host key. Without it every host key is accepted, as in the real plugin. */
  readonly hostKey: string | undefined;
  readonly privateKey: string | undefined;
  readonly agent: string | undefined;
  /** The jump host, if the connection goes through one. */
  readonly proxy?: Connection | undefined;
  /** Number of attempts to connect; -1 means no limit. */
  readonly dialErrorLimit: number;
  /** Seconds for one attempt. */
  readonly perDialTimeout: number;
}

const defaults: Properties = { user: "root", port: 22, dialErrorLimit: 10, perDialTimeout: 15 };
const secretFields = ["password", "privateKey", "privateKeyPassword"];

/** The `connection` input with defaults, its keys marked as secrets, and itself one too. */
export function checkedConnection(value: Value): Value {
  const given = value instanceof Secret ? value.value : value;
  if (!isProperties(given)) return new Secret(given);
  return new Secret(withSecrets({ ...defaults, ...given }, secretFields));
}

const parsedConnection = (connection: Properties): Connection => ({
  host: text(connection, "host"),
  port: count(connection, "port"),
  user: text(connection, "user"),
  hostKey: text(connection, "hostKey") || undefined,
  privateKey: text(connection, "privateKey") || undefined,
  agent: text(connection, "agentSocketPath") || process.env["SSH_AUTH_SOCK"],
  ...(isProperties(connection["proxy"]) && { proxy: parsedConnection({ ...defaults, ...connection["proxy"] }) }),
  dialErrorLimit: count(connection, "dialErrorLimit"),
  perDialTimeout: count(connection, "perDialTimeout"),
});

/** The connection of a command's inputs or state. @throws Error when it is missing. */
export function connectionOf(properties: Properties): Connection {
  const { connection } = plainProperties(properties);
  if (!isProperties(connection)) throw new Error("connection: not given");
  return parsedConnection(connection);
}
