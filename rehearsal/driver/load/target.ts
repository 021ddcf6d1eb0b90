import { isIPv4 } from "node:net";

/** A site on this machine, reached over TLS as its visitors would by name. */
export interface Target {
  /** A loopback address: load goes to this machine only. */
  readonly address: string;
  readonly port: number;
  /** The site's name: in the Host header, in SNI, and what the certificate must be for. */
  readonly serverName: string;
  /** The certificate authority to trust, PEM. */
  readonly ca: string;
}

const isLoopback = (address: string): boolean => address === "::1" || (isIPv4(address) && address.startsWith("127."));

/**
 * How `https.request` and `ws` reach the target.
 * @throws Error when the target is not on this machine.
 */
export function requestOptions({ address, port, serverName, ca }: Target) {
  if (!isLoopback(address)) throw new Error(`load goes to loopback addresses only, not to ${address}`);
  return { host: address, port, servername: serverName, ca, headers: { host: serverName } };
}

/** The release that gave an answer, or `none`: a proxy answered in its place. */
export const releaseOf = (headers: Record<string, string | string[] | undefined>): string =>
  String(headers["x-release"] ?? "none");
