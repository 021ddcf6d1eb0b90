import { expect, test } from "vitest";
import { isNetwork } from "../../host/network-address";

test.each(["203.0.113.7", "203.0.113.0/24", "0.0.0.0/0", "2001:db8::1", "2001:db8::/32", "::/128"])(
  "%s is an address or a network",
  (text) => {
    expect(isNetwork(text)).toBe(true);
  },
);

test.each([
  "",
  "shop.test",
  "203.0.113.0/33",
  "203.0.113/24",
  "203.0.113.0/",
  "203.0.113.0/024",
  "::/129",
  "1.2.3.4/8/8",
])("%s is none", (text) => {
  expect(isNetwork(text)).toBe(false);
});
