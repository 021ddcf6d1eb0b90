/**
 * The fixed address of a release's container in the app's /16: 16 bits of the release id, less network address, gateway
 * (.0.1) and broadcast address. Docker gives random addresses anew at a restart, which would break the way to the app.
 */
export function releaseAddress(subnet: string, release: string): string {
  const reserved = 2;
  const usable = 0x1_0000 - reserved - 1;
  const host = (parseInt(release.slice(0, 4), 16) % usable) + reserved;
  const [first, second] = subnet.split(".");
  return `${first ?? ""}.${second ?? ""}.${host >> 8}.${host & 0xff}`;
}

/** The gateway of the app's /16: its first address. */
export const gatewayOf = (subnet: string): string => subnet.replace(/0\/16$/, "1");
