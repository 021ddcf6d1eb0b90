import { expect, test } from "vitest";
import { copyOf } from "../../../host/deploy/container-copy";

const image = {
  Config: {
    Env: ["PATH=/bin", "NODE_VERSION=22"],
    Labels: { vendor: "us", built: "monday" },
    Entrypoint: ["entry"],
    Cmd: ["node", "server.js"],
    WorkingDir: "/app",
    User: "1001",
  },
};

const serving = {
  Id: "0123456789abcdef",
  Image: "sha256:old",
  Config: {
    Hostname: "0123456789ab",
    Domainname: "",
    Env: ["PATH=/bin", "NODE_VERSION=22", "SECRET=s"],
    Labels: { vendor: "us", built: "monday", app: "app", "image-tag": "aaaaaaa", digest: "sha256:1" },
    Entrypoint: ["entry"],
    Cmd: ["node", "other.js"],
    WorkingDir: "/app",
    User: "1001:1001",
    Image: "ghcr.io/owner/app@sha256:1",
    StopTimeout: 30,
  },
  HostConfig: { Memory: 512, ReadonlyRootfs: true, NetworkMode: "0a1b2c", PidsLimit: 512 },
};

const target = {
  app: "app",
  repository: "ghcr.io/owner/app",
  tag: "bbbbbbb",
  digest: "sha256:2",
  address: "10.213.4.5",
};

test("a copy has the declared settings, and leaves to the new image what was the old image's own", () => {
  expect(copyOf(serving, image, target)).toEqual({
    Cmd: ["node", "other.js"],
    User: "1001:1001",
    StopTimeout: 30,
    Image: "ghcr.io/owner/app@sha256:2",
    Env: ["SECRET=s"],
    Labels: { app: "app", "image-tag": "bbbbbbb", digest: "sha256:2" },
    HostConfig: { Memory: 512, ReadonlyRootfs: true, NetworkMode: "app", PidsLimit: 512 },
    NetworkingConfig: { EndpointsConfig: { app: { IPAMConfig: { IPv4Address: "10.213.4.5" } } } },
  });
});

test("a host name of its own stays; one that Docker made from the id does not", () => {
  const named = { ...serving, Config: { ...serving.Config, Hostname: "web" } };
  expect(copyOf(named, image, target)).toMatchObject({ Hostname: "web" });
});

test("an image without a configuration takes nothing away", () => {
  expect(copyOf(serving, { Config: null }, target)).toMatchObject({ Env: serving.Config.Env, WorkingDir: "/app" });
});
