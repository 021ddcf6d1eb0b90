import { describe, expect, test } from "vitest";
import { planned } from "../../../../offline/plugins/bridge/state";
import { connectRequest, containerRequest, nanoseconds } from "../../../../offline/plugins/docker/container-request";
import { containerSchema } from "../../../../offline/plugins/docker/container-schema";
import { goDuration } from "../../../../offline/plugins/docker/container-state";
import { unknown, mapProperties, type Properties } from "../../../../offline/plugins/value";

/** The request to Docker, without the parts that every container has. */
function requested(inputs: Properties): { body: Record<string, unknown>; host: Record<string, unknown> } {
  const plan = planned(containerSchema, undefined, { name: "c", image: "i", ...inputs });
  const { HostConfig: host, ...body } = containerRequest(
    mapProperties(plan, (value) => (value === unknown ? null : value)),
  );
  return { body, host: host as Record<string, unknown> };
}

describe("containerRequest", () => {
  test("contains only given inputs", () => {
    expect(requested({})).toEqual({
      body: { Image: "i", Tty: false, OpenStdin: false },
      host: {
        AutoRemove: false,
        Init: false,
        LogConfig: {},
        NetworkMode: "bridge",
        Privileged: false,
        PublishAllPorts: false,
        ReadonlyRootfs: false,
        RestartPolicy: { Name: "no", MaximumRetryCount: 0 },
      },
    });
  });

  test.each<[string, Properties, Record<string, unknown>]>([
    ["memory in mebibytes", { memory: 256, memorySwap: -1 }, { Memory: 268435456, MemorySwap: -1 }],
    ["cpus", { cpus: "1.5", cpuQuota: 7 }, { NanoCpus: 1_500_000_000 }],
    ["capabilities", { capabilities: { drops: ["ALL"], adds: ["CHOWN"] } }, { CapDrop: ["ALL"], CapAdd: ["CHOWN"] }],
    ["tmpfs", { tmpfs: { "/tmp": "rw" } }, { Tmpfs: { "/tmp": "rw" } }],
    [
      "logs",
      { logDriver: "local", logOpts: { "max-size": "10m" } },
      { LogConfig: { Type: "local", Config: { "max-size": "10m" } } },
    ],
    ["hosts", { hosts: [{ host: "db", ip: "::1" }] }, { ExtraHosts: ["db:::1"] }],
    [
      "ulimits",
      { ulimits: [{ name: "nofile", soft: 1, hard: 2 }] },
      { Ulimits: [{ Name: "nofile", Soft: 1, Hard: 2 }] },
    ],
    ["masked paths", { securityOpts: ["systempaths=unconfined"] }, { MaskedPaths: [], ReadonlyPaths: [] }],
    ["volumes", { volumes: [{ hostPath: "/a", containerPath: "/b", readOnly: true }] }, { Binds: ["/a:/b:ro"] }],
    [
      "ports",
      { ports: [{ internal: 80, external: 8080, ip: "127.0.0.1", protocol: "tcp" }] },
      { PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "8080" }] } },
    ],
    [
      "a bind mount",
      { mounts: [{ type: "bind", source: "/a", target: "/b", readOnly: true }] },
      { Mounts: [{ Type: "bind", Source: "/a", Target: "/b", ReadOnly: true }] },
    ],
    [
      "a tmpfs mount",
      { mounts: [{ type: "tmpfs", target: "/b", tmpfsOptions: { sizeBytes: 5 } }] },
      { Mounts: [{ Type: "tmpfs", Target: "/b", ReadOnly: false, TmpfsOptions: { SizeBytes: 5 } }] },
    ],
  ])("asks the host for %s", (_name, inputs, expected) => {
    expect(requested(inputs).host).toMatchObject(expected);
  });

  test("asks for a healthcheck in nanoseconds", () => {
    const { body } = requested({ healthcheck: { tests: ["CMD", "true"], interval: "1m30s", retries: 2 } });
    expect(body["Healthcheck"]).toEqual({ Test: ["CMD", "true"], Interval: 90e9, Retries: 2 });
  });
});

describe("connectRequest", () => {
  test("gives the container its address", () => {
    const network = { name: "n", ipv4Address: "172.30.0.11", aliases: ["app"], driverOpts: ["a=b=c"] };
    expect(connectRequest("id", network)).toEqual({
      Container: "id",
      EndpointConfig: { Aliases: ["app"], DriverOpts: { a: "b=c" }, IPAMConfig: { IPv4Address: "172.30.0.11" } },
    });
  });
});

describe("nanoseconds, goDuration", () => {
  test.each([
    [0, "0s"],
    [500e6, "500ms"],
    [1.5e9, "1.5s"],
    [90e9, "1m30s"],
    [3600e9, "1h0m0s"],
  ])("%d ns is %s", (value, duration) => {
    expect({ value: nanoseconds(duration), duration: goDuration(value) }).toEqual({ value, duration });
  });
});
