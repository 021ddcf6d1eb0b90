import { describe, expect, test } from "vitest";
import { addressesIn, worldVolume } from "../../world/network";

describe("addressesIn", () => {
  test("leaves the first address to the gateway", () => {
    expect(addressesIn("10.201.7.0/24")).toEqual({
      vps: "10.201.7.2",
      registry: "10.201.7.3",
      acme: "10.201.7.4",
      b2: "10.201.7.5",
      peers: ["10.201.7.12", "10.201.7.13"],
    });
  });
});

describe("worldVolume", () => {
  test("carries the world's label, by which it is removed", () => {
    expect(worldVolume("w", "docker", "/var/lib/docker")).toEqual([
      "--mount",
      "type=volume,source=w-docker,target=/var/lib/docker,volume-label=memoryloop.rehearsal.world=w",
    ]);
  });
});
