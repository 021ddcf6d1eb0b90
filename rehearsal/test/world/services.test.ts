import { describe, expect, test } from "vitest";
import { serviceArguments } from "../../world/services";

const options = {
  world: "w",
  image: "services:1",
  addresses: { vps: "10.201.7.2", registry: "10.201.7.3", acme: "10.201.7.4", b2: "10.201.7.5", peers: [] },
  registryPort: 20005,
  b2Port: 20006,
  b2Environment: "/world/b2.env",
};

describe("serviceArguments", () => {
  test("the registry is published to this machine only, its content in a volume", () => {
    expect(serviceArguments("registry", options).join(" ")).toBe(
      "--name w-registry --label memoryloop.rehearsal.world=w --network w --ip 10.201.7.3 --publish 127.0.0.1:20005:5000 " +
        "--mount type=volume,source=w-registry,target=/var/lib/docker-registry,volume-label=memoryloop.rehearsal.world=w " +
        "services:1 docker-registry serve /etc/docker/registry/config.yml",
    );
  });

  test("the authority finds every domain at the VPS's address", () => {
    expect(serviceArguments("acme", options).join(" ")).toBe(
      "--name w-acme --label memoryloop.rehearsal.world=w --network w --ip 10.201.7.4 services:1 acme.sh 10.201.7.2",
    );
  });
});
