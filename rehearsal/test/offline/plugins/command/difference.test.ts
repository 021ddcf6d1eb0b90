import { describe, expect, test } from "vitest";
import { difference } from "../../../../offline/plugins/command/difference";
import { Secret, unknown, type Properties } from "../../../../offline/plugins/value";

describe("difference", () => {
  test.each<[string, Properties, Properties, Record<string, string>]>([
    ["nothing", { create: "a" }, { create: "a" }, {}],
    ["a changed text", { create: "a" }, { create: "b" }, { create: "update" }],
    [
      "a trigger, by its place: the SDK makes the engine replace",
      { triggers: [1] },
      { triggers: [2] },
      { "triggers[0]": "update" },
    ],
    ["triggers that appear", {}, { triggers: [1] }, { triggers: "add-replace" }],
    [
      "inside a secret",
      { connection: new Secret({ host: "a", port: 22 }) },
      { connection: new Secret({ host: "b", port: 22 }) },
      { "connection.host": "update" },
    ],
    ["what is not known yet", { stdin: "a" }, { stdin: unknown }, { stdin: "update" }],
  ])("%s", (_name, oldInputs, inputs, detailed) => {
    expect(difference(inputs, oldInputs).detailed).toEqual(detailed);
  });
});
