import { hostname, userInfo } from "node:os";

/** Who runs this, for records and for who finds a lock held: user@machine. */
export const operator = (): string => `${userInfo().username}@${hostname()}`;
