import { beforeAll, describe, expect, test, vi } from "vitest";
import { fullConfiguration, goodStack, silentAddress, type StackResource } from "../support/good-stack";

vi.mock(import("../../repository"), async (original) => ({
  ...(await original()),
  assertBuildIsCurrent: () => undefined,
}));

const keyOf = (letter: string): string =>
  `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtd3lRLtxH1qNzq0rTJmzvBCSZQ2YbgS8dzJ0EJ7wA${letter}`;
const node = (name: string, number: number, more: object = {}) => ({
  ...{
    name,
    host: `203.0.113.${number}`,
    hostKey: keyOf(name.slice(0, 1)),
    privateAddress: `10.0.0.${number}`,
    ...more,
  },
});
const { app, host, image, imageTag, certificate, variables } = fullConfiguration;
const without = (section: object, name: string): object =>
  Object.fromEntries(Object.entries(section).filter(([key]) => key !== name));
const configuration = {
  ...{ app, image, imageTag, certificate, data: [] },
  host: without(host, "deployKeys"),
  variables: without(variables, "OLLAMA_BASE_URL"),
  rollout: { stopSeconds: 90 },
  cluster: {
    privateAddress: "10.0.0.1",
    nodes: [node("second", 2, { port: 2202 }), node("third", 3, { role: "worker" }), node("last", 4)],
  },
};

let resources: readonly StackResource[];
beforeAll(async () => {
  ({ resources } = await goodStack(configuration));
}, 60_000);

function only(name: string): StackResource {
  const found = resources.filter((one) => one.name === name);
  expect(found).toHaveLength(1);
  return found[0] as StackResource;
}
const propsOf = (name: string): Record<string, unknown> => only(name).props;
const filesOf = (name: string) => propsOf(name)["entries"] as Readonly<Record<string, { content: string }>>;

describe("one server", () => {
  test("has nothing of a cluster", async () => {
    const one = await goodStack(fullConfiguration);
    const text = JSON.stringify(
      one.resources.filter(({ name }) => name !== "deploy-keys-login").map(({ type, props }) => [type, props]),
    );
    for (const word of ["SwarmNode", "_swarm.nft", ":8090", "of-a-peer", "fail_timeout", "overlay", '"cluster"'])
      expect(text).not.toContain(word);
  });
});

describe("several servers", () => {
  test("are one Swarm: the first makes it, the others join one after the other", () => {
    const all = ["swarm", "node-second-swarm", "node-third-swarm", "node-last-swarm"];
    expect(all.map((name) => [propsOf(name)["privateAddress"], propsOf(name)["role"]])).toEqual([
      ["10.0.0.1", "manager"],
      ["10.0.0.2", "manager"],
      ["10.0.0.3", "worker"],
      ["10.0.0.4", "manager"],
    ]);
    expect(propsOf("swarm")["first"]).toBeUndefined();
    expect(propsOf("node-third-swarm")["first"]).toMatchObject({ privateAddress: "10.0.0.1" });
    expect(only("node-third-swarm").dependencies).toContain(only("node-second-swarm").urn);
  });

  test("have the login of host, and each its own address, port and host key", () => {
    const { connection } = propsOf("node-second-swarm") as { connection: object };
    expect(connection).toEqual({ host: "203.0.113.2", port: 2202, user: "root", hostKey: keyOf("s") });
  });

  test("have a Docker without live-restore, which Swarm refuses", () => {
    for (const name of ["host-docker-daemon", "node-third-host-docker-daemon"])
      expect(JSON.parse(filesOf(name)["/etc/docker/daemon.json"]?.content ?? "")).toMatchObject({
        "live-restore": false,
      });
  });

  test("open the ports of the cluster to the others alone", () => {
    const rules = filesOf("node-third-host-firewall")["/etc/nftables.d/vps/_swarm.nft"]?.content ?? "";
    expect([...rules.matchAll(/saddr (\S+) tcp/g)].map(([, address]) => address)).toEqual([
      "10.0.0.1",
      "10.0.0.2",
      "10.0.0.4",
    ]);
  });

  test("each have nginx, a certificate and the site, with the others behind their own release", () => {
    expect(filesOf("node-last-site-files")["/etc/nginx/sites-available/memoryloop.conf"]?.content).toContain(
      [
        "    server unix:/run/memoryloop-task/current.sock fail_timeout=2s;",
        "    server 10.0.0.1:8090 backup fail_timeout=2s;",
        "    server 10.0.0.2:8090 backup fail_timeout=2s;",
        "    server 10.0.0.3:8090 backup fail_timeout=2s;",
      ].join("\n"),
    );
    expect(filesOf("nginx-files")["/etc/nginx/conf.d/vps-cluster.conf"]?.content).toContain(
      "listen 10.0.0.1:8090 default_server;",
    );
    expect(propsOf("node-last-certificate-lineage")).toMatchObject({ name: "memoryloop.test" });
  });

  test("get a certificate only when every server passes challenges on", () => {
    for (const name of ["certificate", "node-third-certificate"])
      for (const nginx of ["nginx-files", "node-second-nginx-files", "node-last-nginx-files"])
        expect(only(name).dependencies).toContain(only(nginx).urn);
  });

  test("get their certificates after the first site, whose own block answers the challenges where it was there before", () => {
    for (const name of ["node-second-certificate", "node-last-certificate"])
      expect(only(name).dependencies).toContain(only("site-files").urn);
  });
});

describe("a release on several servers", () => {
  test("is a service with one task on each server, no virtual IP, and a port in the mode host", () => {
    const service = propsOf("app-service");
    expect(service).toMatchObject({
      name: "memoryloop-0a0b0c0d",
      mode: { replicated: { replicas: 4 } },
      endpointSpec: {
        mode: "dnsrr",
        ports: [{ protocol: "tcp", publishMode: "host", publishedPort: 26_141, targetPort: 3000 }],
      },
    });
    expect(service["convergeConfig"]).toBeUndefined();
    expect(service["taskSpec"]).toMatchObject({
      placement: { maxReplicas: 1, constraints: [expect.stringMatching(/^node\.labels\.servers-[0-9a-f]{12}==yes$/)] },
      resources: { limits: { memoryBytes: 2 ** 30 } },
      restartPolicy: { condition: "any", delay: "1s", window: "0s" },
      logDriver: { name: "journald", options: { tag: "memoryloop" } },
    });
  });

  test("runs with the same limits as a container, and with a secret of its own", () => {
    const { containerSpec } = (propsOf("app-service") as { taskSpec: { containerSpec: object } }).taskSpec;
    expect(containerSpec).toMatchObject({
      ...{ readOnly: true, init: true, user: "1001:1001", capDrops: ["ALL"], stopGracePeriod: "1m30s" },
      env: { HOSTNAME: "0.0.0.0" },
      image: `ghcr.io/nicholaspsmith/memoryloop@sha256:${"a".repeat(64)}`,
      mounts: [
        {
          ...{ type: "volume", source: "memoryloop-0a0b0c0d-tmp", target: "/tmp" },
          volumeOptions: {
            ...{ driverName: "local", noCopy: true },
            driverOptions: { type: "tmpfs", device: "tmpfs", o: "rw,noexec,nosuid,nodev,size=256m,mode=1777" },
          },
        },
      ],
      secrets: [
        {
          secretName: "memoryloop-env-0a0b0c0d",
          fileName: "/app/.env.production",
          fileUid: "1001",
          fileGid: "1001",
          fileMode: 0o400,
        },
      ],
    });
    expect(JSON.stringify(containerSpec)).not.toContain("sk-ant-api03");
  });

  test("stays beside the next one: the engine deletes neither service nor secret before it makes new ones", () => {
    for (const name of ["app-service", "app-secret", "app-overlay"]) expect(only(name).deleteBeforeReplace).toBe(false);
  });

  test("starts when each server has image and site, and is in the Swarm", () => {
    const waits = only("app").dependencies;
    for (const name of [
      "image-pulled",
      "node-last-image-pulled",
      "site-files",
      "node-third-site-files",
      "node-last-swarm",
    ])
      expect(waits).toContain(only(name).urn);
  });

  test("is rolled out over all servers, that of host first", () => {
    const { cluster } = propsOf("rollout-release") as { cluster: { name: string }[] };
    expect(cluster.map(({ name }) => name)).toEqual(["host", "second", "third", "last"]);
  });
});

describe("a server that does not answer", () => {
  const nodes = [node("second", 2), node("third", 3, { host: silentAddress })];
  let found: readonly StackResource[];
  beforeAll(async () => {
    const stack = await goodStack({ ...configuration, cluster: { privateAddress: "10.0.0.1", nodes } });
    found = stack.resources;
  }, 60_000);

  test("keeps each of its resources as it is, so that the engine asks nothing of it", () => {
    const own = found.filter(
      ({ name, type }) => name.startsWith("node-third-") && !type.startsWith("pulumi:providers"),
    );
    expect(own.length).toBeGreaterThan(10);
    for (const one of own) expect([one.name, one.ignoreChanges]).toEqual([one.name, ["*"]]);
    const others = found.filter(({ name }) => !name.startsWith("node-third-"));
    expect(others.filter(({ ignoreChanges }) => ignoreChanges?.includes("*"))).toEqual([]);
  });

  test("has no part in the rollout, and its task waits for it", () => {
    const propsIn = (name: string) => found.find((one) => one.name === name)?.props;
    expect(propsIn("rollout-release")?.["cluster"]).toMatchObject([
      { name: "host" },
      { name: "second" },
      { name: "third", isDown: true },
    ]);
    expect(propsIn("app-service")).toMatchObject({ mode: { replicated: { replicas: 3 } } });
  });
});
