import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { command } from "../../offline/plugins/command/plugin";
import { docker } from "../../offline/plugins/docker/plugin";
import { EngineLog } from "../../offline/plugins/engine-log";
import { unknownSentinel } from "../../offline/plugins/wire";
import { ensureDocker } from "../../world/docker-engine";
import { run, succeeds } from "../../world/run";
import { PluginClient } from "./support/plugin-client";
import { PrivateSshd } from "./support/private-sshd";
import type { Json } from "./support/recording";
import { makeRootfs, removeRootfs } from "./support/rootfs";

const factsImage = "facts:v1";
const containerType = "docker:index/container:Container";
const networkType = "docker:index/network:Network";
const commandType = "command:remote:Command";

let sshd: PrivateSshd;
let plugin: PluginClient;

beforeAll(async () => {
  await ensureDocker(() => undefined);
  sshd = await PrivateSshd.start();
  await removeLeftovers();
  const archive = await makeRootfs();
  await run(["docker", "import", "--change", 'CMD ["node"]', archive, factsImage], { seconds: 60 });
  removeRootfs(archive);
  plugin = await PluginClient.connect(docker());
  await plugin.call("Configure", { args: dockerArgs(sshd.hostKey) });
});
afterAll(async () => {
  plugin.close();
  sshd.stop();
  await removeLeftovers();
  await succeeds(["docker", "rmi", factsImage], { seconds: 60 });
});

async function removeLeftovers(): Promise<void> {
  await succeeds(["docker", "rm", "-f", "facts-a", "facts-b"], { seconds: 60 });
  await succeeds(["docker", "network", "rm", "factsnet"], { seconds: 60 });
}

function dockerArgs(hostKey: string): Json {
  const known = `KnownHostsCommand=/bin/echo [127.0.0.1]:${sshd.port} ${hostKey}`;
  const sshOpts = ["-o", "StrictHostKeyChecking=yes", "-o", "UserKnownHostsFile=/dev/null", "-o", known];
  const key = ["-o", "IdentityAgent=none", "-o", "IdentitiesOnly=yes", "-i", sshd.clientKeyFile];
  return { host: `ssh://${sshd.user}@127.0.0.1:${sshd.port}`, sshOpts: JSON.stringify([...sshOpts, ...key]) };
}

const subject = (type: string): Json => ({ urn: `urn:pulumi:dev::facts::${type}::it`, name: "it", type });

async function checkedInputs(type: string, news: Json): Promise<Json> {
  const { inputs } = await plugin.call("Check", { ...subject(type), olds: {}, news });
  return inputs as Json;
}

/** Creates a resource; the returned request is what `Read`, `Diff` and `Delete` say of it. */
async function create(type: string, news: Json): Promise<{ existing: Json; inputs: Json }> {
  const inputs = await checkedInputs(type, news);
  const { id, properties } = await plugin.call("Create", { ...subject(type), properties: inputs });
  return { existing: { ...subject(type), id, properties }, inputs };
}

async function diffAfterRead(existing: Json, inputs: Json): Promise<Json> {
  const read = await plugin.call("Read", { ...existing, inputs });
  return plugin.call("Diff", { ...existing, olds: read["properties"], news: inputs, oldInputs: read["inputs"] });
}

const container = (more: Json = {}): Json => ({ name: "facts-a", image: factsImage, destroyGraceSeconds: 5, ...more });

describe("docker.Container", () => {
  test("memory without memorySwap differs after every read, and is no replacement", async () => {
    const { existing, inputs } = await create(containerType, container({ memory: 64 }));
    const difference = await diffAfterRead(existing, inputs);
    await plugin.call("Delete", existing);
    expect(difference).toMatchObject({ changes: "DIFF_SOME", diffs: ["memorySwap"] });
    expect(difference).not.toHaveProperty("replaces");
  });

  test("a name that is in use fails with Docker's message", async () => {
    const { existing } = await create(containerType, container());
    await expect(create(containerType, container())).rejects.toThrow(
      /Unable to create container: Error response from daemon: Conflict\. The container name "\/facts-a" is already in use by container/,
    );
    await plugin.call("Delete", existing);
  });

  test("an address that is in use leaves an incomplete container, and the engine records it", async () => {
    const network = await create(networkType, { name: "factsnet", ipamConfigs: [{ subnet: "172.29.0.0/16" }] });
    const networksAdvanced = [{ name: "factsnet", ipv4Address: "172.29.0.11" }];
    const first = await create(containerType, container({ networksAdvanced }));
    const second = create(containerType, container({ name: "facts-b", networksAdvanced }));
    const error = await second.catch((refusal: unknown) => refusal as { metadata: { get(key: string): Buffer[] } });
    const [details] = (error as { metadata: { get(key: string): Buffer[] } }).metadata.get("grpc-status-details-bin");
    expect(details?.toString()).toContain("pulumirpc.ErrorResourceInitFailed");
    expect(details?.toString()).toMatch(
      /Unable to (connect to network 'factsnet'|start container): .*Address already in use/,
    );
    const { stdout: left } = {
      stdout: await run(["docker", "ps", "-aq", "--no-trunc", "-f", "name=facts-b"], { seconds: 20 }),
    };
    expect(details?.toString()).toContain(left.trim());
    await run(["docker", "rm", "-f", "facts-b"], { seconds: 20 });
    await plugin.call("Delete", first.existing);
    await plugin.call("Delete", network.existing);
  });

  test("a preview knows the inputs and no output of Docker", async () => {
    const properties = await checkedInputs(
      containerType,
      container({ labels: [{ label: "a", value: unknownSentinel }] }),
    );
    const previewed = await plugin.call("Create", { ...subject(containerType), properties, preview: true });
    expect(previewed["properties"]).toMatchObject({
      id: unknownSentinel,
      image: factsImage,
      labels: [{ label: "a", value: unknownSentinel }],
      networkDatas: unknownSentinel,
      mustRun: true,
    });
  });

  test("an unknown image fails with the message of the real plugin", async () => {
    await expect(create(containerType, container({ image: "127.0.0.1:1/none:v1" }))).rejects.toThrow(
      "Unable to create container with image 127.0.0.1:1/none:v1: unable to",
    );
  });

  test("a property that the stand-in does not know is refused", async () => {
    const { failures } = await plugin.call("Check", {
      ...subject(containerType),
      olds: {},
      news: container({ nam: "x" }),
    });
    expect(failures).toEqual([{ property: "nam", reason: expect.stringContaining("does not model") as string }]);
  });

  test("does not exist after a manual removal", async () => {
    const { existing, inputs } = await create(containerType, container());
    await run(["docker", "rm", "-f", "facts-a"], { seconds: 30 });
    expect(await plugin.call("Read", { ...existing, inputs })).toEqual({});
  });
});

describe("the connection to the host", () => {
  test("docker refuses a host with another key", async () => {
    const other = await PluginClient.connect(docker());
    await other.call("Configure", { args: dockerArgs(sshd.otherKey) });
    const read = other.call("Read", { ...subject(networkType), id: "factsnet", properties: {}, inputs: {} });
    await expect(read).rejects.toThrow(/Error pinging Docker server[\s\S]*Host key verification failed/);
    other.close();
  });

  test("docker connects again after its connection was lost", async () => {
    const before = sshd.logins();
    const { existing, inputs } = await create(containerType, container());
    plugin.dropConnection();
    expect(await plugin.call("Read", { ...existing, inputs })).toHaveProperty("id", existing["id"]);
    await plugin.call("Delete", existing);
    expect(sshd.logins() - before).toBeLessThanOrEqual(2);
  });
});

describe("command.remote.Command", () => {
  let commands: PluginClient;
  beforeAll(async () => {
    commands = await PluginClient.connect(command(new EngineLog(undefined)));
  });
  afterAll(() => {
    commands.close();
  });

  async function runCommand(more: Json, connection: Json = {}): Promise<Json> {
    const login = { host: "127.0.0.1", port: sshd.port, user: sshd.user, hostKey: sshd.hostKey };
    const given = { connection: { ...login, agentSocketPath: sshd.agentSocket, ...connection }, ...more };
    const checked = await commands.call("Check", { ...subject(commandType), olds: {}, news: given });
    const created = await commands.call("Create", { ...subject(commandType), properties: checked["inputs"] });
    return created["properties"] as Json;
  }

  test("logs in by the agent, without a key in its inputs", async () => {
    expect(await runCommand({ create: "echo out; echo err >&2" })).toMatchObject({ stdout: "out", stderr: "err" });
  });

  test("gives the environment where the host accepts it", async () => {
    const environment = { CONFORMANCE_WORD: "hello" };
    expect(await runCommand({ create: "echo $CONFORMANCE_WORD", environment })).toMatchObject({ stdout: "hello" });
  });

  test("a failed command is an error with the command and its complete output", async () => {
    await expect(runCommand({ create: "echo out; sleep 0.2; echo err >&2; exit 3" })).rejects.toThrow(
      'Process exited with status 3: running "echo out; sleep 0.2; echo err >&2; exit 3":\nout\nerr\n',
    );
  });

  test("refuses a host with another key", async () => {
    const connection = { hostKey: sshd.otherKey, dialErrorLimit: 1 };
    await expect(runCommand({ create: "true" }, connection)).rejects.toThrow(
      /after 1 failed attempts: ssh: handshake failed: .*[Hh]ost/,
    );
  });

  test("a secret's text is not in an error", async () => {
    const privateKey = readFileSync(sshd.clientKeyFile, "utf8");
    const connection = { port: 1, dialErrorLimit: 0, privateKey };
    const error = await runCommand({ create: "true" }, connection).catch((refusal: unknown) => refusal as Error);
    expect((error as Error).message).toMatch(/ECONNREFUSED/);
    expect((error as Error).message).not.toContain(privateKey.split("\n")[2]);
  });
});
