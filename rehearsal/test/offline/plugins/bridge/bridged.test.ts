import { describe, expect, test } from "vitest";
import { Unfinished, bridged, type BridgedResource } from "../../../../offline/plugins/bridge/bridged";
import type { Schema } from "../../../../offline/plugins/bridge/schema";
import { Secret, unknown, type Properties } from "../../../../offline/plugins/value";

const schema: Schema = {
  name: { shape: "text", required: true, replaces: true },
  size: { shape: "number" },
  mode: { shape: "text", default: "bridge" },
  quiet: { shape: "flag", default: false },
  token: { shape: "text", secret: true },
  words: { shape: "text-set", replaces: true },
  options: { shape: "text-map" },
  order: { shape: "text-list" },
  labels: { shape: "block-set", replaces: true, fields: { label: { shape: "text" }, value: { shape: "text" } } },
  networks: { shape: "block-set", replaces: true, fields: { name: { shape: "text" }, address: { shape: "text" } } },
  made: { shape: "text", computed: true, readOnly: true },
  user: { shape: "text", sticky: true },
};

const fake: BridgedResource = {
  schema,
  idInState: true,
  deleteBeforeReplace: true,
  emptyDefaults: "drop",
  create: () => Promise.resolve({ id: "1", properties: { made: "now", words: [], quiet: false } }),
  read: () => Promise.resolve({ id: "1", properties: { made: "now", size: 3 } }),
  delete: () => Promise.resolve(),
};
const resource = bridged(fake);
const subject = { urn: "urn", name: "it", id: "1" };

const given = { name: "a", mode: "bridge" };
const detailed = (state: Properties, inputs: Properties): unknown =>
  resource.diff({ ...subject, state: { ...given, ...state }, inputs: { ...given, ...inputs }, oldInputs: {} }).detailed;

describe("check", () => {
  test("adds defaults that are not zero, lists them at every level, and marks secrets", () => {
    const news = { name: "a", token: "t", labels: [{ label: "l", value: "v" }] };
    expect(resource.check({ ...subject, olds: {}, news }).inputs).toEqual({
      __defaults: ["mode"],
      name: "a",
      token: new Secret("t"),
      labels: [{ __defaults: [], label: "l", value: "v" }],
      mode: "bridge",
    });
  });

  test("gives a name and seven random digits to what the program does not name, and keeps it until a replacement", () => {
    const autonamed = bridged({ ...fake, schema: { name: { shape: "text", required: true, autoname: true } } });
    const first = autonamed.check({ ...subject, olds: {}, news: {} });
    expect(first.failures).toEqual([]);
    expect(first.inputs).toEqual({ __defaults: ["name"], name: expect.stringMatching(/^it-[0-9a-f]{7}$/) as unknown });
    expect(autonamed.check({ ...subject, olds: first.inputs, news: {} }).inputs).toEqual(first.inputs);
    expect(autonamed.check({ ...subject, olds: {}, news: {} }).inputs["name"]).not.toBe(first.inputs["name"]);
    const given = autonamed.check({ ...subject, olds: { name: "by-hand" }, news: {} }).inputs["name"];
    expect(given).toMatch(/^it-[0-9a-f]{7}$/);
  });

  test("names missing and unknown inputs", () => {
    const { failures } = resource.check({ ...subject, olds: {}, news: { nam: "a" } });
    expect(failures?.map(({ property }) => property)).toEqual(["name", "nam"]);
  });
});

describe("diff", () => {
  test.each([
    ["absent equals zero", { size: 0, words: [], options: {}, quiet: false, mode: "bridge" }, {}, {}],
    ["a set has no order", { words: ["a", "b"] }, { words: ["b", "a"] }, {}],
    ["a list has one", { order: ["a", "b"] }, { order: ["b", "a"] }, { "order[0]": "update", "order[1]": "update" }],
    ["added", {}, { size: 1 }, { size: "add" }],
    ["dropped", { size: 1 }, {}, { size: "delete" }],
    [
      "a map by its keys",
      { options: { "a-b": "1", c: "1" } },
      { options: { "a-b": "2" } },
      {
        'options["a-b"]': "update",
        "options.c": "delete",
      },
    ],
    ["a set of texts by its places", { words: ["a", "b"] }, { words: ["a", "c"] }, { "words[1]": "update-replace" }],
    [
      "a block given whole by its field",
      { labels: [{ label: "l", value: "1" }] },
      { labels: [{ label: "l", value: "2" }] },
      {
        "labels[0].value": "update-replace",
      },
    ],
    [
      "a block given in part as a whole",
      { networks: [{ name: "n", address: "1" }] },
      { networks: [{ name: "n" }] },
      {
        networks: "update-replace",
      },
    ],
    ["an unknown", { words: ["a"] }, { words: unknown }, { words: "update-replace" }],
    ["what only the provider sets does not count", { made: "then" }, {}, {}],
    ["a sticky one that is not given any more", { user: "root" }, {}, {}],
  ])("%s", (_name, state, inputs, expected) => {
    expect(detailed(state as Properties, inputs as Properties)).toEqual(expected);
  });

  test("asks for deletion first only where it replaces", () => {
    const state = { ...given, size: 1 };
    const diff = (inputs: Properties): unknown => resource.diff({ ...subject, state, inputs, oldInputs: {} });
    expect(diff({ ...given, name: "b", size: 1 })).toMatchObject({ replaces: ["name"], deleteBeforeReplace: true });
    expect(diff({ ...given, size: 2 })).toMatchObject({ replaces: [], deleteBeforeReplace: false, diffs: ["size"] });
  });
});

describe("create", () => {
  test("a preview changes nothing, and computed outputs stay unknown", async () => {
    const { state } = await resource.create({ ...subject, inputs: { name: "a" }, preview: true });
    expect(state).toMatchObject({ id: unknown, name: "a", made: unknown, size: null });
  });

  test("an empty collection that was not given stays null, and a null secret is marked", async () => {
    const { id, state } = await resource.create({ ...subject, inputs: { name: "a" }, preview: false });
    expect({ id, state }).toMatchObject({
      id: "1",
      state: { words: null, made: "now", labels: [], token: new Secret(null) },
    });
  });

  test("an incomplete resource is returned to the engine with its id", async () => {
    const broken = bridged({ ...fake, create: () => Promise.reject(new Unfinished("7", "no address")) });
    await expect(broken.create({ ...subject, inputs: { name: "a" }, preview: false })).rejects.toMatchObject({
      id: "7",
      state: { id: "7", name: "a" },
      message: "creating urn: 1 error occurred:\n\t* no address\n\n",
    });
  });
});

describe("sets", () => {
  test("are in the order of cty, whatever the order of the inputs", async () => {
    const labels = [
      { label: "b", value: "1" },
      { label: "a", value: "2" },
    ];
    const inputs = { name: "a", words: ["b", "a", "B"], labels };
    const { state } = await resource.create({ ...subject, inputs, preview: false });
    expect(state).toMatchObject({ words: ["B", "a", "b"], labels: [labels[1], labels[0]] });
    const live = { ...fake, read: () => Promise.resolve({ id: "1", properties: { words: ["a", "b", "B"] } }) };
    const found = await bridged(live).read({ ...subject, state, inputs });
    expect(found?.state["words"]).toEqual(["B", "a", "b"]);
    expect(found?.inputs).toMatchObject({ words: ["b", "a", "B"], labels });
  });
});

describe("an input that the stand-in does not model", () => {
  const partly = bridged({
    ...fake,
    schema: {
      ...schema,
      rules: { shape: "object", fields: { merge: { shape: "object", fields: {}, unmodelled: true } } },
    },
  });

  test("is refused by its path", () => {
    const news = { name: "a", rules: { merge: {} }, labels: [{ label: "l", value: "v", colour: "red" }] };
    const { failures } = partly.check({ ...subject, olds: {}, news });
    expect(failures?.map(({ property }) => property)).toEqual(["rules.merge", "labels[0].colour"]);
  });
});

describe("an error", () => {
  test("names the operation and the resource, in the words of the bridge", async () => {
    const broken = bridged({ ...fake, delete: () => Promise.reject(new Error("no answer")) });
    await expect(broken.delete({ ...subject, state: {} })).rejects.toThrow(
      "deleting urn: 1 error occurred:\n\t* no answer\n\n",
    );
  });

  test("of a create that made nothing names neither", async () => {
    const broken = bridged({ ...fake, create: () => Promise.reject(new Error("no answer")) });
    await expect(broken.create({ ...subject, inputs: { name: "a" }, preview: false })).rejects.toThrow(
      /^1 error occurred:\n\t\* no answer\n\n$/,
    );
  });
});

describe("read", () => {
  test("gives the given inputs their live values, and a changed default is none", async () => {
    const inputs = { __defaults: ["mode"], name: "a", mode: "bridge", size: 1 };
    const found = await resource.read({ ...subject, state: { name: "a", mode: "host", size: 1 }, inputs });
    expect(found?.inputs).toEqual({ name: "a", mode: "host", size: 3 });
  });

  test("a missing object is not an error", async () => {
    const gone = bridged({ ...fake, read: () => Promise.resolve(undefined) });
    expect(await gone.read({ ...subject, state: {}, inputs: {} })).toBeUndefined();
  });

  test("keeps empty lists of defaults where the plugin's bridge is an older one", async () => {
    const older = bridged({ ...fake, emptyDefaults: "keep" });
    const found = await older.read({ ...subject, state: { name: "a" }, inputs: { __defaults: [], name: "a" } });
    expect(found?.inputs).toEqual({ __defaults: [], name: "a" });
  });
});

describe("update", () => {
  test("the new state is the plan over the old state", async () => {
    const state = { name: "a", made: "then", size: 1, words: [] };
    const updated = await resource.update({
      ...subject,
      state,
      inputs: { name: "a", size: 2 },
      oldInputs: {},
      preview: false,
    });
    expect(updated).toMatchObject({ id: "1", name: "a", made: "then", size: 2, words: [], mode: "bridge" });
  });
});
