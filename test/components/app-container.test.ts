import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, test } from "vitest";
import { healthSchema } from "../../config/health";
import { variablesSchema } from "../../config/variables";
import { parseProperties } from "../../provider/wire";
import { promiseOf, recordRegistrations, registeredOf, type Registered } from "../support/mocks";

const digest = `sha256:${"a".repeat(64)}`;
let registered: Registered[];
let release: pulumi.Output<string>;

beforeAll(async () => {
  registered = recordRegistrations();
  const { dockerProvider } = await import("../../components/docker-provider");
  const { Host } = await import("../../components/host");
  const { AppImage } = await import("../../components/app-image");
  const { AppContainer } = await import("../../components/app-container");
  const { Environment } = await import("../../components/environment");
  const app = {
    name: "memoryloop",
    domain: "memoryloop.test",
    domains: ["memoryloop.test"],
    port: 3000,
    uid: 1001,
    memoryMb: 512,
    pids: 512,
    writable: { "/app/.next/cache": "256m" },
    deliver: "environmentFile" as const,
    environmentFile: "/app/.env.production",
    uploadLimit: "100m",
  };
  const connection = { host: "203.0.113.7", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
  const repository = "ghcr.io/owner/app";
  const docker = dockerProvider("docker", { connection, image: { repository }, registryToken: undefined });
  const data = [{ path: "/app/data", kind: "lancedb", subdirectory: "lancedb" }];
  const network = { subnet: "10.213.0.0/16" };
  const firewall = { app: app.name, ...network, connectionsPerAddress: 1000, allow: [] };
  const host = new Host("host", { connection, app, identity: "", data, docker, sharing: "equal", firewall });
  const image = new AppImage("image", { host, repository, tag: "4f2c1e9", digest });
  const environment = new Environment("environment", {
    app,
    variables: variablesSchema.parse({
      NODE_ENV: "production",
      API_KEY: { secret: true },
      SESSION: { generate: true },
    }),
    secrets: { API_KEY: pulumi.secret("canary") },
  });
  const rollout = { soakSeconds: 0, drainSeconds: 30, stopSeconds: 30 };
  const health = healthSchema.parse({
    command: [
      "node",
      "--eval",
      'fetch("http://127.0.0.1:3000/api/health").then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))',
    ],
  });
  const config = { app, network, rollout, health, variables: {}, data };
  const container = new AppContainer("app", { config, host, image, environment });
  release = container.release;
  await Promise.all(container.created.map((resource) => promiseOf(resource.urn)));
});

describe("AppContainer", () => {
  const container = () => registeredOf(registered, "docker:index/container:Container").inputs;

  test("is named by the engine after the app, so that each replacement is a release of its own", async () => {
    expect(registeredOf(registered, "docker:index/container:Container").name).toBe("memoryloop");
    expect(container()).not.toHaveProperty("name");
    expect(await promiseOf(release)).toBe("1a2b3c4");
  });

  test("is created, and started by the rollout alone", () => {
    expect(container()).toMatchObject({ start: false, mustRun: false });
  });

  test("has an address of its own on the app's network", () => {
    expect(container()).toMatchObject({
      image: `ghcr.io/owner/app@${digest}`,
      networksAdvanced: [{ name: "memoryloop", ipv4Address: "10.213.10.13" }],
    });
  });

  test("is hardened", () => {
    expect(container()).toMatchObject({
      user: "1001:1001",
      readOnly: true,
      capabilities: { drops: ["ALL"] },
      securityOpts: ["no-new-privileges"],
      memory: 512,
      memorySwap: 512,
      restart: "unless-stopped",
    });
    expect(container()).not.toHaveProperty("ports");
    expect(container()).not.toHaveProperty("privileged");
  });

  test("mounts the data and its own environment file, read-only", () => {
    expect(container()["mounts"]).toEqual([
      { type: "bind", source: "/opt/memoryloop/data", target: "/app/data", readOnly: false },
      {
        type: "bind",
        source: "/opt/memoryloop/config/releases/0a0b0c0d.env",
        target: "/app/.env.production",
        readOnly: true,
      },
    ]);
  });

  test("is replaced by a change of image, tag, environment or settings: each changes the name of its environment file", () => {
    const { inputs } = registeredOf(registered, "random:index/randomId:RandomId");
    const { values, secretKeys } = parseProperties(inputs);
    expect(Object.keys(values["keepers"] as object).sort()).toEqual(["digest", "environment", "settings", "tag"]);
    expect(secretKeys).toEqual(new Set(["keepers"]));
    expect(JSON.stringify(inputs)).not.toContain("canary");
  });

  test("the settings of an app of an earlier version have the same hash, so its release stays", () => {
    const { values } = parseProperties(registeredOf(registered, "random:index/randomId:RandomId").inputs);
    const settings = [
      {
        ...{ user: "1001:1001", memory: 512, memorySwap: 512, readOnly: true },
        tmpfs: {
          "/tmp": "rw,noexec,nosuid,nodev,size=256m,mode=1777",
          "/app/.next/cache": "rw,noexec,nosuid,nodev,size=256m,uid=1001,gid=1001,mode=0750",
        },
        ...{ capabilities: { drops: ["ALL"] }, securityOpts: ["no-new-privileges"], init: true },
        ...{ restart: "unless-stopped", stopTimeout: 30, logDriver: "journald", logOpts: { tag: "memoryloop" } },
        cpuShares: 512,
        healthcheck: {
          tests: [
            "CMD",
            "node",
            "--eval",
            'fetch("http://127.0.0.1:3000/api/health").then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))',
          ],
          ...{ interval: "1m0s", timeout: "30s", startPeriod: "1m0s", retries: 3 },
        },
      },
      3000,
      "10.213.0.0/16",
    ];
    expect((values["keepers"] as { settings: string }).settings).toBe(
      createHash("sha256").update(JSON.stringify(settings)).digest("hex"),
    );
  });

  test("its environment file is a set of its own, read by the app's user only", () => {
    const files = registered.find(({ name }) => name === "app-environment")?.inputs;
    expect(files?.["set"]).toBe("memoryloop-environment-0a0b0c0d");
    const entries = JSON.stringify(files?.["entries"]);
    expect(entries).toContain('"mode":"0400"');
    expect(entries).toContain('"owner":"1001:1001"');
    expect(entries).toContain("API_KEY='canary'");
    expect(entries).toContain("NODE_ENV='production'");
  });

  test("its network has the gateway of the app's /16", () => {
    expect(registeredOf(registered, "docker:index/network:Network").inputs).toMatchObject({
      name: "memoryloop",
      ipamConfigs: [{ subnet: "10.213.0.0/16", gateway: "10.213.0.1" }],
    });
  });
});

describe("Host", () => {
  test("reaches Docker over ssh with the pinned key only", () => {
    const { inputs } = registeredOf(registered, "pulumi:providers:docker");
    expect(inputs["host"]).toBe("ssh://root@203.0.113.7:22");
    expect(inputs["sshOpts"]).toContain("KnownHostsCommand=/bin/echo vps ssh-ed25519 AAAA");
  });

  test("its packages are installed and its machine id is read again on another host or a host with another key", () => {
    const commands = registered.filter(({ type }) => type === "command:remote:Command");
    expect(commands.map(({ name }) => name).sort()).toEqual(["host-machine-id", "host-packages"]);
    for (const { inputs } of commands) {
      expect((inputs["triggers"] as string[]).slice(-2)).toEqual(["203.0.113.7", "ssh-ed25519 AAAA"]);
      expect(parseProperties(inputs).values["connection"]).toMatchObject({ user: "root", hostKey: "ssh-ed25519 AAAA" });
      expect(JSON.stringify(inputs)).not.toMatch(/privateKey|password/);
    }
  });

  test("has the directories of docs/data-model.md section 3", () => {
    const files = registered.find(({ name }) => name === "host-files")?.inputs;
    expect(Object.keys(files?.["entries"] as object)).toEqual(
      expect.arrayContaining([
        "/opt/memoryloop/data",
        "/opt/memoryloop/config",
        "/opt/memoryloop/backups/staging",
        "/opt/memoryloop/logs/app",
      ]),
    );
  });
});
