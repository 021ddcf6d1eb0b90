import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { docker } from "../../offline/plugins/docker/plugin";
import { ensureDocker } from "../../world/docker-engine";
import { PluginClient } from "./support/plugin-client";
import { PrivateSshd } from "./support/private-sshd";
import { recording, title, type Json, type Recorded } from "./support/recording";
import { SwarmServer } from "./support/swarm-server";
import { Translation } from "./support/translation";

const calls = recording("docker-swarm.jsonl");
const recordedProvider = "ssh://root@127.0.0.1:23901";
/** The stand-in does not wait for tasks, so it refuses the one recorded call that asks for it. */
const converges = ({ method, request }: Recorded): boolean =>
  method === "Create" && (request["properties"] as Json)["convergeConfig"] !== undefined;

/** The two recorded versions of the plugin differ here: 5.1.0 leaves empty lists of defaults out of the blocks of a network. */
const isNetworkRead = ({ method, request }: Recorded): boolean => method === "Read" && request["name"] === "net";
const withoutEmptyDefaults = (response: Json): Json =>
  JSON.parse(JSON.stringify(response).replaceAll('"__defaults":[],', "")) as Json;

describe("docker on a Swarm, replaying docker-swarm.jsonl", () => {
  const translation = new Translation();
  const formerSocket = process.env["SSH_AUTH_SOCK"];
  let agent: PrivateSshd;
  let server: SwarmServer;
  let client: PluginClient;

  /** Things that existed before the recorded calls, by their ids in the recording. */
  async function exists(recorded: string, ...create: string[]): Promise<void> {
    translation.learn(recorded, await server.docker(...create));
  }
  const secretExists = async (recorded: string, name: string): Promise<void> =>
    exists(recorded, "secret", "create", "--label", "app=ml", name, "/etc/hostname");
  const networkExists = async (recorded: string, name: string): Promise<void> =>
    exists(recorded, "network", "create", "--driver", "overlay", "--opt", "encrypted", name);

  beforeAll(async () => {
    await ensureDocker(() => undefined);
    agent = await PrivateSshd.start();
    process.env["SSH_AUTH_SOCK"] = agent.agentSocket;
    server = await SwarmServer.start(`${agent.clientKeyFile}.pub`, agent.hostKeyFile);
    translation.learn(recordedProvider, `ssh://root@127.0.0.1:${server.sshPort}`);
    await networkExists("kt3hzfdgf2ce15574s7hzkep5", "ml");
    await secretExists("6wyukur1lex0xl50kvsexu6eu", "ml-env-624185af");
    client = await PluginClient.connect(docker());
  });
  afterAll(async () => {
    client.close();
    process.env["SSH_AUTH_SOCK"] = formerSocket;
    agent.stop();
    await server.stop();
  });

  /** Changes that were made by hand before the first call of a phase. */
  const before: Readonly<Record<string, () => Promise<void>>> = {
    "hand edit, refresh": async () => {
      const update = ["service", "update", "--detach", "--no-resolve-image"];
      await server.docker(...update, "--image", "mlapp:r1", "ml-949e83b3");
    },
    "replicated: create": async () => {
      await networkExists("lhaasye9imm6t0aee1msu6bbg", "ml-replicated");
      await secretExists("t1imqj6fgd8ewia0dewl5ynqw", "ml-env-fe528ab5");
      await secretExists("3d6nvxdhdjmzkfvjbgzjanpr1", "ml-env-430be45b");
    },
  };

  async function refused({ method, request, response }: Recorded): Promise<void> {
    await expect(client.call(method, translation.toHere(request))).rejects.toThrow("leave convergeConfig out");
    const given = Object.entries(request["properties"] as Json).filter(([name]) => name !== "convergeConfig");
    const properties = Object.fromEntries(given) as Json;
    const made = await client.call(method, translation.toHere({ ...request, properties }));
    translation.learn(String(response["id"]), String(made["id"]));
    const expected = { ...(response["properties"] as Json), convergeConfig: null };
    expect(translation.toRecorded(made)).toEqual({ ...response, properties: expected });
  }

  const cases = calls.map((call, index) => ({
    name: `${index} ${title(call)}`,
    call,
    first: calls[index - 1]?.phase !== call.phase,
  }));
  test.each(cases)("$name", async ({ call, first }) => {
    if (first) await before[call.phase]?.();
    if (converges(call)) {
      await refused(call);
      return;
    }
    const here = await client.call(call.method, translation.toHere(call.request));
    if (call.method === "Create") translation.learn(String(call.response["id"]), String(here["id"]));
    const expected = isNetworkRead(call) ? withoutEmptyDefaults(call.response) : call.response;
    expect(translation.toRecorded(here)).toEqual(expected);
  });
});
