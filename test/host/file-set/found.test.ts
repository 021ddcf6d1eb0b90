import { describe, expect, test } from "vitest";
import { parseFound } from "../../../host/file-set/found";
import type { Entry } from "../../../host/file-set/inputs";

const file: Entry = { kind: "file", content: "text\n", mode: "0644", owner: "root:root" };
const found = (line: string, desired: Entry): Entry | undefined =>
  parseFound(`${line}\n`, { entries: { "/a": desired }, inForce: [] }).entries["/a"];

describe("parseFound", () => {
  test("a file as asked for equals what was asked for", () => {
    expect(found("file\t/a\t644\troot:root\t0:0\tdGV4dAo=", file)).toEqual(file);
  });

  test("another content, mode and owner show", () => {
    const actual = { kind: "file", content: "", mode: "0600", owner: "app:app" };
    expect(found("file\t/a\t600\tapp:app\t5:5\t", file)).toEqual(actual);
  });

  test("an owner asked for by number is told by number", () => {
    const desired: Entry = { ...file, owner: "1001:1001" };
    expect(found("file\t/a\t644\tapp:app\t1001:1001\tdGV4dAo=", desired)).toEqual(desired);
  });

  test("an owner without a name is told by number", () => {
    expect(found("file\t/a\t644\tUNKNOWN:root\t1001:0\tdGV4dAo=", file)).toMatchObject({ owner: "1001:0" });
  });

  test("a missing entry is absent", () => {
    expect(found("absent\t/a", file)).toEqual({ kind: "absent" });
  });

  test("a link shows its target, spaces and all", () => {
    expect(found("link\t/a\t777\troot:root\t0:0\t../b c", file)).toEqual({ kind: "link", target: "../b c" });
  });

  test("of a file that was not asked for only the hash is told", () => {
    expect(found("file\t/a\t644\troot:root\t0:0\tdGV4dAo=", { kind: "absent" })).toEqual({
      ...file,
      content: "sha256:b9e68e1bea3e5b19ca6b2f98b73a54b73daafaa250484902e09982e07a12e733\n",
    });
  });

  describe("a merged JSON file", () => {
    const merged: Entry = { ...file, content: '{ "icc": false, "log": "journald" }\n', merge: "json" };
    const read = (text: string) =>
      found(`file\t/a\t644\troot:root\t0:0\t${Buffer.from(text).toString("base64")}`, merged);

    test("is as desired while it has our values, whatever else it has", () => {
      expect(read('{"mtu":1400,"log":"journald","icc":false}')).toEqual(merged);
    });

    test("shows our part of it when a value differs or is missing", () => {
      expect(read('{"mtu":1400,"icc":true}')).toEqual({ ...merged, content: '{\n  "icc": true\n}\n' });
      expect(read("not JSON")).toEqual({ ...merged, content: "not JSON" });
    });
  });

  test("of a large file only the hash is told", () => {
    expect(found("large-file\t/a\t644\troot:root\t0:0\tabc", file)).toEqual({ ...file, content: "sha256:abc\n" });
  });

  test("what no entry describes differs from all of them", () => {
    expect(found("other\t/a\t644\troot:root\t0:0\t", file)).toMatchObject({
      content: "(neither file, directory nor link)\n",
    });
  });

  test("mode and owner of a directory show where they are enforced", () => {
    const desired: Entry = { kind: "directory", mode: "0755", owner: "root:root", ownership: "enforced" };
    expect(found("directory\t/a\t2775\tapp:app\t5:5\t", desired)).toEqual({
      ...desired,
      mode: "2775",
      owner: "app:app",
    });
  });

  test("mode and owner of a directory that is the app's are the app's business", () => {
    const desired: Entry = { kind: "directory", mode: "0750", owner: "1001:1001", ownership: "at-creation" };
    expect(found("directory\t/a\t777\troot:root\t0:0\t", desired)).toEqual(desired);
  });

  test("units as they are", () => {
    expect(parseFound("unit\ta.timer\ttrue\tfalse\n", { entries: {}, inForce: [] }).units).toEqual({
      "a.timer": { enabled: true, active: false },
    });
  });

  test("a command that failed is not in force", () => {
    const inForce = [["a"], ["b"], ["c"]];
    expect(parseFound("not-in-force\t1\n", { entries: {}, inForce }).inForce).toEqual([["a"], ["c"]]);
  });
});
