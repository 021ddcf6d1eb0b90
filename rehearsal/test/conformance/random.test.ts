import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { random } from "../../offline/plugins/random/plugin";
import { PluginClient } from "./support/plugin-client";
import { packageOf, recording, title, type Json } from "./support/recording";
import { Translation } from "./support/translation";

const secretOf = (value: unknown): string =>
  typeof value === "string" ? value : String((value as { value: unknown }).value);

/** Random values differ; each must have the recorded one's length and alphabet, and is then followed by name. */
function learnDrawn(translation: Translation, recorded: Json, here: Json): void {
  for (const name of ["id", "base64", "hex", "b64Std", "b64Url", "dec", "result", "bcryptHash"]) {
    const [from, to] = [recorded[name], here[name]];
    if (from === undefined || to === undefined || from === "none") continue;
    expect(secretOf(to), name).toMatch(shapes[name] ?? /^.+$/);
    if (name !== "dec") expect(secretOf(to)).toHaveLength(secretOf(from).length);
    translation.learn(secretOf(from), secretOf(to));
  }
}

const shapes: Readonly<Record<string, RegExp>> = {
  base64: /^[A-Za-z0-9+/]+=*$/,
  b64Std: /^[A-Za-z0-9+/]+=*$/,
  b64Url: /^[A-Za-z0-9_-]+$/,
  hex: /^[0-9a-f]+$/,
  dec: /^[0-9]+$/,
  result: /^[A-Za-z0-9]+$/,
  bcryptHash: /^\$2[ab]\$10\$.{53}$/,
};

describe.each(["random-id.jsonl", "docker-command-random.jsonl"])("random, replaying %s", (file) => {
  const calls = recording(file).filter((call) => packageOf(call) === "random");
  const translation = new Translation();
  let plugin: PluginClient;

  beforeAll(async () => {
    plugin = await PluginClient.connect(random);
  });
  afterAll(() => {
    plugin.close();
  });

  test.each(calls.map((call, index) => ({ index, name: title(call), call })))("$index $name", async ({ call }) => {
    const response = await plugin.call(call.method, translation.toHere(call.request));
    if (call.method === "Create") {
      learnDrawn(translation, call.response["properties"] as Json, response["properties"] as Json);
    }
    expect(translation.toRecorded(response)).toEqual(call.response);
  });
});
