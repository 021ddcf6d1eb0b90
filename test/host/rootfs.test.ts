import { describe, expect, test } from "vitest";
import { fillTemplate, rootFile, rootfs } from "../../host/rootfs";

describe("fillTemplate", () => {
  test("puts the values in, as they are", () => {
    expect(fillTemplate("a {{x}} {{y}} {{x}}", { x: "$& $1", y: "{{z}}" })).toBe("a $& $1 {{z}} $& $1");
  });

  test("refuses a placeholder without a value", () => {
    expect(() => fillTemplate("{{x}} {{y}}", { x: "" })).toThrow("no value for y");
  });

  test("leaves nginx's and systemd's own signs alone", () => {
    expect(fillTemplate("$host ${TARGET} %i { } {{.Image}}", {})).toBe("$host ${TARGET} %i { } {{.Image}}");
  });
});

describe("rootFile", () => {
  test("is executable when its first line names an interpreter", () => {
    expect(rootFile("#!/bin/sh\n").mode).toBe("0755");
    expect(rootFile("# a comment\n").mode).toBe("0644");
  });
});

describe("rootfs", () => {
  test("turns a folder into entries, path for path, with the app's name in paths and contents", () => {
    const entries = rootfs("logs", { app: "shop", sandbox: "", days: "14", dayMegabytes: "50", totalMegabytes: "250" });
    expect(Object.keys(entries)).toEqual([
      "/etc/systemd/system/shop-logs.service",
      "/etc/systemd/system/shop-logs.timer",
    ]);
    expect(entries["/etc/systemd/system/shop-logs.service"]).toMatchObject({ mode: "0644", owner: "root:root" });
    expect(JSON.stringify(entries)).not.toContain("{{");
  });

  test("refuses a value that no file uses", () => {
    expect(() => rootfs("docker", { app: "shop" })).toThrow("no file of rootfs/docker uses app");
  });

  test("refuses a folder that does not exist", () => {
    expect(() => rootfs("nothing")).toThrow(/there is no folder .*rootfs\/nothing/);
  });
});
