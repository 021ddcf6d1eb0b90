import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { layOutStandIn, pluginFolder } from "../../engine/pulumi-home";

let folder: string;
let program: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pulumi-home-"));
  program = join(folder, "program");
  mkdirSync(program);
  writeFileSync(join(program, "index.js"), "console.log(require('./words').join(process.argv.slice(2)))");
  writeFileSync(join(program, "words.js"), "exports.join = (words) => words.join(' and ')");
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const layOut = (): Promise<void> => layOutStandIn(folder, "docker", "5.2.0", program);
const executable = (): string => join(pluginFolder(folder, "docker", "5.2.0"), "pulumi-resource-docker");

describe("pluginFolder", () => {
  test("is the folder that the engine searches", () => {
    expect(pluginFolder("/home", "docker", "5.2.0")).toBe("/home/plugins/resource-docker-v5.2.0");
  });
});

describe("layOutStandIn", () => {
  test("makes an executable that runs the program with its arguments", async () => {
    await layOut();
    expect(execFileSync(executable(), ["one", "two words"], { encoding: "utf8" })).toBe("one and two words\n");
  });

  test("does not change an existing stand-in", async () => {
    await layOut();
    const before = statSync(executable()).ino;
    await layOut();
    expect(statSync(executable()).ino).toBe(before);
  });

  test("replaces the stand-in of another checkout", async () => {
    await layOut();
    program = join(folder, "other");
    mkdirSync(program);
    writeFileSync(join(program, "index.js"), "console.log('other')");
    await layOut();
    expect(execFileSync(executable(), { encoding: "utf8" })).toBe("other\n");
  });

  test("refuses a stand-in that is not compiled", async () => {
    rmSync(join(program, "index.js"));
    await expect(layOut()).rejects.toThrow("The stand-in for the plugin docker is not compiled: run `npm run build`.");
  });
});
