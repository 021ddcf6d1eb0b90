import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { docker } from "../../../offline/plugins/docker/plugin";
import { PluginClient } from "../../conformance/support/plugin-client";

let plugin: PluginClient;

beforeAll(async () => {
  plugin = await PluginClient.connect(docker());
});
afterAll(() => {
  plugin.close();
});

const provider = { urn: "urn:pulumi:dev::test::pulumi:providers:docker::vps", id: "1" };
const config = { host: "ssh://root@127.0.0.1:2222", sshOpts: '["-o","HostKeyAlias=vps"]' };

describe("DiffConfig", () => {
  test("leaves it to the engine to compare when nothing differs", async () => {
    const same = { ...provider, olds: config, oldInputs: config, news: config };
    expect(await plugin.call("DiffConfig", same)).toEqual({});
  });

  // pulumi-terraform-bridge, configDiffer.DiffConfig: only what a provider marks ForcesProviderReplace replaces.
  test("takes a new setting in place: the engine configures the provider anew and replaces nothing", async () => {
    const news = { ...config, sshOpts: "[]" };
    expect(await plugin.call("DiffConfig", { ...provider, olds: config, oldInputs: config, news })).toMatchObject({
      changes: "DIFF_SOME",
      diffs: ["sshOpts"],
      detailedDiff: { sshOpts: { kind: "UPDATE" } },
    });
  });
});
