import { isIPv4 } from "node:net";

/** A site on this machine. Clients reach it over TLS by its name, as visitors do. */
export interface Target {
  /** A loopback address. Other addresses are refused, so that the load stays on this machine. */
  readonly address: string;
  readonly port: number;
  /** The site's name, for the Host header, for SNI and for the check of the certificate. */
  readonly serverName: string;
  /** The certificate authority to trust, PEM. */
  readonly ca: string;
}

const isLoopback = (address: string): boolean => address === "::1" || (isIPv4(address) && address.startsWith("127."));

/**
 * The options with which `https.request` and `ws` reach the target.
 * @throws Error when the target is not on this machine.
 */
export function requestOptions({ address, port, serverName, ca }: Target) {
  if (!isLoopback(address)) throw new Error(`load goes to loopback addresses only, not to ${address}`);
  return { host: address, port, servername: serverName, ca, headers: { host: serverName } };
}

/** The release that answered, or `none` when a proxy itself answered. */
export const releaseOf = (headers: Record<string, string | string[] | undefined>): string =>
  String(headers["x-release"] ?? "none");
