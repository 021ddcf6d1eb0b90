import { isIPv4 } from "node:net";

/** Networks that documentation uses and no server has: RFC 5737. */
const exampleNetworks = ["192.0.2.", "198.51.100.", "203.0.113."];
/** Names that nobody can own: RFC 2606. */
const exampleName = /(^|[.@])(example\.(com|net|org)|example|invalid)$/i;

/** Whether a name or an address is one of documentation, and so no real one. */
export const isPlaceholder = (name: string): boolean =>
  isIPv4(name) ? exampleNetworks.some((network) => name.startsWith(network)) : exampleName.test(name);
