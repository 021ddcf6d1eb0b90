import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { docker } from "../../offline/plugins/docker/plugin";
import { ensureDocker } from "../../world/docker-engine";
import { run, succeeds } from "../../world/run";
import { PluginClient } from "./support/plugin-client";
import { PrivateSshd } from "./support/private-sshd";
import { recording, title } from "./support/recording";
import { TinyRegistry, type PushedImage } from "./support/tiny-registry";
import { Translation } from "./support/translation";

const recorded = {
  v1: {
    digest: "sha256:1a68eea0022c2b18e047308655d1d888ab9156e66c4747ec2fc72ea9b5b1b33b",
    imageId: "sha256:9344008aff582a7db1aa97fcc8a075c341cca21df6d6c5da1c90c5897bf9ed60",
  },
  v2: {
    digest: "sha256:29db678da42a94b50819b644272ecba54432cb49e9b267f5444c9519bda484b5",
    imageId: "sha256:b13f45069181950a92d872ea14d976ef86a4561b8d26909fdf26787428e8333e",
  },
} as const satisfies Record<string, PushedImage>;

const calls = recording("docker-images.jsonl");
const token = "docker:index/getRegistryImage:getRegistryImage";

let sshd: PrivateSshd;

beforeAll(async () => {
  await ensureDocker(() => undefined);
  sshd = await PrivateSshd.start();
});
afterAll(() => {
  sshd.stop();
});

describe("docker, replaying docker-images.jsonl", () => {
  const translation = new Translation();
  const images: string[] = [];
  let registry: TinyRegistry;
  let plugin: PluginClient;

  beforeAll(async () => {
    registry = await TinyRegistry.start("basic");
    for (const tag of ["v1", "v2"] as const) {
      const image = registry.push("o/app", tag);
      translation.learn(recorded[tag].digest, image.digest);
      translation.learn(recorded[tag].imageId, image.imageId);
      images.push(`${registry.address}/o/app@${image.digest}`);
    }
    translation.learn("ssh://root@127.0.0.1:2222", `ssh://${sshd.user}@127.0.0.1:${sshd.port}`);
    translation.learn("127.0.0.1:5000", registry.address);
    translation.learn("<key file>", sshd.clientKeyFile);
    translation.learn("<known hosts file>", sshd.knownHosts);
    plugin = await PluginClient.connect(docker());
  });
  afterAll(async () => {
    plugin.close();
    registry.stop();
    await succeeds(["docker", "rmi", "-f", ...images], { seconds: 60 });
  });

  test.each(calls.map((call, index) => ({ index, name: title(call), call })))("$index $name", async ({ call }) => {
    const response = await plugin.call(call.method, translation.toHere(call.request));
    expect(translation.toRecorded(response)).toEqual(call.response);
  });

  test("keepLocally leaves both images on the host", async () => {
    const listed = await run(["docker", "images", "--digests", "--format", "{{.Repository}}@{{.Digest}}"], {
      seconds: 20,
    });
    expect(listed.split("\n")).toEqual(expect.arrayContaining(images));
  });

  test("an unknown tag fails with the recorded message", async () => {
    const asked = plugin.call("Invoke", { tok: token, args: { name: `${registry.address}/o/app:v3` } });
    await expect(asked).rejects.toThrow(
      "Got error when attempting to fetch image version o/app:v3 from registry: got bad response from registry: 404 Not Found",
    );
  });

  test("without http:// in the login's address the registry is asked over https", async () => {
    const other = await PluginClient.connect(docker());
    const login = { address: registry.address, username: "u", password: "p" };
    await other.call("Configure", { args: { registryAuth: JSON.stringify([login]) } });
    const asked = other.call("Invoke", { tok: token, args: { name: `${registry.address}/o/app:v1` } });
    await expect(asked).rejects.toThrow(
      `Error during registry request: HEAD "https://${registry.address}/v2/o/app/manifests/v1"`,
    );
    other.close();
  });
});

describe("getRegistryImage", () => {
  test("gets a token from the address that the registry names", async () => {
    const registry = await TinyRegistry.start("token");
    const { digest } = registry.push("o/app", "v1");
    const plugin = await PluginClient.connect(docker());
    const login = { address: `http://${registry.address}`, username: "u", password: "p" };
    await plugin.call("Configure", { args: { registryAuth: JSON.stringify([login]) } });
    const answer = await plugin.call("Invoke", { tok: token, args: { name: `${registry.address}/o/app:v1` } });
    expect(answer["return"]).toMatchObject({ sha256Digest: digest });
    plugin.close();
    registry.stop();
  });
});
