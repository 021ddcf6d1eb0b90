import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gatewayOf, releaseAddress } from "../../../host/rollout/release-address";

describe("releaseAddress", () => {
  test.each([
    ["00000000", "10.213.0.2"],
    ["0100ffff", "10.213.1.2"],
    ["ffffffff", "10.213.0.4"],
  ])("release %s: %s", (release, address) => {
    expect(releaseAddress("10.213.0.0/16", release)).toBe(address);
  });

  test("is never network, gateway or broadcast", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff }), (bits) => {
        const address = releaseAddress("10.213.0.0/16", bits.toString(16).padStart(4, "0"));
        expect(["10.213.0.0", "10.213.0.1", "10.213.255.255"]).not.toContain(address);
      }),
    );
  });
});

describe("gatewayOf", () => {
  test("is the first address", () => {
    expect(gatewayOf("10.213.0.0/16")).toBe("10.213.0.1");
  });
});
