import { hostname, userInfo } from "node:os";

/**
 * Who runs this, for records and for who finds a lock held: user@machine. On the server, the program behind a deploy key
 * names the key instead, in the environment variable VPS_OPERATOR.
 */
export const operator = (): string => process.env["VPS_OPERATOR"] ?? `${userInfo().username}@${hostname()}`;
