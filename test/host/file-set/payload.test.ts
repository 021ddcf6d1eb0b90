import { describe, expect, test } from "vitest";
import { heldLines, renderPayload, renderQuestion } from "../../../host/file-set/payload";

const none = {
  sharing: "no",
  entries: {},
  units: {},
  validate: [],
  activate: [],
  inForce: [],
} as const satisfies Parameters<typeof renderPayload>[0];

describe("renderPayload", () => {
  test("a line for each kind of entry, folders first, content in base64", () => {
    const payload = renderPayload({
      ...none,
      entries: {
        "/z/link": { kind: "link", target: "../a b" },
        "/z": { kind: "directory", mode: "0755", owner: "root:root", ownership: "enforced" },
        "/data": { kind: "directory", mode: "0750", owner: "1001:1001", ownership: "at-creation" },
        "/z/file": { kind: "file", content: "é\n", mode: "0600", owner: "root:app" },
        "/gone": { kind: "absent" },
      },
    });
    expect(payload.split("\n")).toEqual([
      "new-directory\t/data\t0750\t1001:1001",
      "absent\t/gone",
      "directory\t/z\t0755\troot:root",
      "file\t/z/file\t0600\troot:app\tw6kK",
      "link\t/z/link\t-\t-\t../a b",
      "",
    ]);
  });

  test("units by name, then the commands as shell command lines, in their order", () => {
    const payload = renderPayload({
      ...none,
      units: { "b.timer": { enabled: true, active: false }, "a.service": { enabled: false, active: true } },
      validate: [["nginx", "-t"]],
      activate: [
        ["systemctl", "daemon-reload"],
        ["echo", "it's"],
      ],
      inForce: [["test", "-e", "/a b"]],
    });
    expect(payload.split("\n")).toEqual([
      "unit\ta.service\tfalse\ttrue",
      "unit\tb.timer\ttrue\tfalse",
      "validate\t'nginx' '-t'",
      "activate\t'systemctl' 'daemon-reload'",
      "activate\t'echo' 'it'\\''s'",
      "in-force\t'test' '-e' '/a b'",
      "",
    ]);
  });

  test("a shared set says so, and the lines of the state come before its entries", () => {
    const payload = renderPayload(
      { ...none, sharing: "equal" },
      heldLines({ entries: { "/a": { kind: "absent" } }, units: {} }),
    );
    expect(payload).toBe("sharing\tequal\nadopt\tpath /a\n");
  });

  test("of nothing is nothing", () => {
    expect(renderPayload(none)).toBe("");
  });
});

describe("renderQuestion", () => {
  test("names the paths and the units", () => {
    const question = renderQuestion({
      entries: { "/a": { kind: "absent" } },
      units: { "b.timer": { enabled: true, active: true } },
      inForce: [["true"], ["test", "a b"]],
    });
    expect(question).toBe("path\t/a\nunit\tb.timer\nin-force\t0\t'true'\nin-force\t1\t'test' 'a b'\n");
  });
});
