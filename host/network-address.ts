import { isIP } from "node:net";

const bits: Readonly<Record<number, number>> = { 4: 32, 6: 128 };

/** Whether a text is an address, or a network such as `203.0.113.0/24` or `2001:db8::/32`. */
export function isNetwork(text: string): boolean {
  const [address = "", prefix, ...rest] = text.split("/");
  const most = bits[isIP(address)];
  if (most === undefined || rest.length > 0) return false;
  return prefix === undefined || (/^(0|[1-9]\d*)$/.test(prefix) && Number(prefix) <= most);
}
