import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { command } from "../../offline/plugins/command/plugin";
import { docker } from "../../offline/plugins/docker/plugin";
import { EngineLog } from "../../offline/plugins/engine-log";
import { ensureDocker } from "../../world/docker-engine";
import { run, succeeds } from "../../world/run";
import { PluginClient } from "./support/plugin-client";
import { PrivateSshd } from "./support/private-sshd";
import { packageOf, recording, title, type Json } from "./support/recording";
import { makeRootfs, removeRootfs } from "./support/rootfs";
import { Translation } from "./support/translation";

const recordedHostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOpOVtXQMF7HTG5YBOoVNaqs0n/DpjpfDqqOLk3zaZc0";
const calls = recording("docker-command-random.jsonl").filter((call) => packageOf(call) !== "random");

async function removeLeftovers(): Promise<void> {
  await succeeds(["docker", "rm", "-f", "trace-v1", "trace-v2"], { seconds: 60 });
  await succeeds(["docker", "network", "rm", "tracenet"], { seconds: 60 });
}

async function makeImages(): Promise<void> {
  const archive = await makeRootfs();
  for (const version of ["v1", "v2"]) {
    const change = `CMD ["node","/app.js","3000","${version}"]`;
    await run(["docker", "import", "--change", change, archive, `app:${version}`], { seconds: 60 });
  }
  removeRootfs(archive);
}

describe("docker and command, replaying docker-command-random.jsonl", () => {
  const translation = new Translation();
  const plugins: Record<string, PluginClient> = {};
  let sshd: PrivateSshd;

  beforeAll(async () => {
    await ensureDocker(() => undefined);
    sshd = await PrivateSshd.start();
    await removeLeftovers();
    await makeImages();
    translation.learn("ssh://root@127.0.0.1:2222", `ssh://${sshd.user}@127.0.0.1:${sshd.port}`);
    translation.learn(recordedHostKey, sshd.hostKey);
    translation.learn("<key file>", sshd.clientKeyFile);
    translation.learn("<known hosts file>", sshd.knownHosts);
    translation.learn("<private key>", readFileSync(sshd.clientKeyFile, "utf8"));
    plugins["docker"] = await PluginClient.connect(docker());
    plugins["command"] = await PluginClient.connect(command(new EngineLog(undefined)));
  });
  afterAll(async () => {
    for (const plugin of Object.values(plugins)) plugin.close();
    sshd.stop();
    await removeLeftovers();
    await succeeds(["docker", "rmi", "app:v1", "app:v2"], { seconds: 60 });
  });

  /** The connection's port and user are values of their own, not texts that could be replaced. */
  function toHere(request: Json): Json {
    return JSON.parse(JSON.stringify(translation.toHere(request)), (key, value: unknown) => {
      if (key === "port" && value === 2222) return sshd.port;
      return value === "root" && key === "user" ? sshd.user : value;
    }) as Json;
  }
  function toRecorded(response: Json): Json {
    return JSON.parse(JSON.stringify(translation.toRecorded(response)), (key, value: unknown) => {
      if (key === "port" && value === sshd.port) return 2222;
      return value === sshd.user && key === "user" ? "root" : value;
    }) as Json;
  }

  /** Ids and hardware addresses are Docker's choice; a container's host name is the head of its id. */
  function learnCreated(recorded: Json, here: Json): void {
    const [from, to] = [String(recorded["id"]), String(here["id"])];
    translation.learn(from, to);
    if (/^[0-9a-f]{64}$/.test(from)) translation.learn(from.slice(0, 12), to.slice(0, 12));
    const address = (created: Json): unknown =>
      ((created["properties"] as Json)["networkDatas"] as Json[] | undefined)?.[0]?.["macAddress"];
    if (address(recorded) !== undefined) translation.learn(String(address(recorded)), String(address(here)));
  }

  test.each(calls.map((call, index) => ({ index, name: title(call), call })))("$index $name", async ({ call }) => {
    const plugin = plugins[packageOf(call)];
    const response = await plugin?.call(call.method, toHere(call.request));
    if (call.method === "Create") learnCreated(call.response, response ?? {});
    expect(toRecorded(response ?? {})).toEqual(call.response);
  });

  test("all of docker's calls took one ssh login, and each command one", () => {
    const commands = calls.filter(
      ({ method, request }) => packageOf({ request } as never) === "command" && /Create|Update|Delete/.test(method),
    );
    expect(sshd.logins()).toBe(1 + commands.length);
  });
});
