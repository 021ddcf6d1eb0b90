import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, symlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { namesOf } from "../../../host/rename/rename";
import { PrivateHost, type Result } from "../../support/private-host";

describe("namesOf", () => {
  const begun = [{ app: "memoryloop", to: "notes" }];

  test.each([
    ["no rename has begun", "memoryloop", "notes", [], { former: "memoryloop", name: "notes" }],
    ["only the domain changes", "memoryloop", "memoryloop", [], { former: "memoryloop", name: "memoryloop" }],
    ["the rename has begun", "memoryloop", "notes", begun, { former: "memoryloop", name: "notes" }],
    ["the rename has begun, and the update has run", "notes", "notes", begun, { former: "memoryloop", name: "notes" }],
    ["another app is being renamed", "shop", "store", begun, { former: "shop", name: "store" }],
  ])("%s", (_, deployed, name, renamed, names) => {
    expect(namesOf(deployed, name, renamed)).toEqual(names);
  });

  test.each(["memoryloop", "notes"])("refuses another rename of %s while one has begun", (deployed) => {
    expect(() => namesOf(deployed, "diary", begun)).toThrow(
      "rename memoryloop: it is being renamed to notes\n  next: end that first: ops rename notes",
    );
  });
});

describe("the scripts", () => {
  let host: PrivateHost;
  const succeeded: Result = { status: 0, signal: null, stdout: "", stderr: "" };
  const prepare = (name = "notes"): Result => host.run("rename/prepare.sh", ["memoryloop", name]);
  const finish = (): Result => host.run("rename/finish.sh", ["memoryloop", "notes"]);
  const linkAt = (path: string): string => readlinkSync(host.path(path));
  const textAt = (path: string): string => readFileSync(host.path(path), "utf8");

  beforeEach(() => {
    host = new PrivateHost();
    host.write("/opt/memoryloop/data/lancedb/rows", "rows\n");
    host.write("/opt/memoryloop/identity", "id\n");
    host.write("/opt/memoryloop/logs/app/app-2026-01-01.log", "line\n");
    host.write("/opt/memoryloop/config/backup.env", "KEY=1\n");
    host.write("/var/lib/memoryloop/deployments/deploy-1.json", "{}\n");
    host.write("/var/lib/memoryloop/releases/abcdef0.sock", "");
    symlinkSync("releases/abcdef0.sock", host.path("/var/lib/memoryloop/current.sock"));
    host.program("docker", '#!/bin/bash\ncat "$PRIVATE_HOST/containers" 2>/dev/null || true\n');
    host.program("findmnt", '#!/bin/bash\ncat "$PRIVATE_HOST/mounts" 2>/dev/null || true\n');
  });
  afterEach(() => {
    host.dispose();
  });

  /** The part of the engine in between: the new release serves, and the units of the former name are gone. */
  function update(): void {
    host.write("/var/lib/notes/releases/0123456.sock", "");
    host.bash("ln -sfn releases/0123456.sock /var/lib/notes/current.sock; rm -r /var/lib/memoryloop/releases", [
      "update",
    ]);
  }

  test("give the new name the data and the release, and both names one socket", () => {
    expect(prepare()).toEqual(succeeded);
    expect(textAt("/opt/notes/data/lancedb/rows")).toBe("rows\n");
    expect(linkAt("/opt/memoryloop/data")).toBe("/opt/notes/data");
    expect(textAt("/opt/notes/identity")).toBe("id\n");
    expect(textAt("/var/lib/notes/deployments/deploy-1.json")).toBe("{}\n");
    expect(linkAt("/var/lib/memoryloop/current.sock")).toBe("/var/lib/notes/current.sock");
    expect(linkAt("/var/lib/notes/current.sock")).toBe("releases/abcdef0.sock");
    expect(linkAt("/var/lib/notes/releases/abcdef0.sock")).toBe("/var/lib/memoryloop/releases/abcdef0.sock");
  });

  test("can be repeated, also after the new release serves", () => {
    prepare();
    expect(prepare()).toEqual(succeeded);
    update();
    expect(prepare()).toEqual(succeeded);
    expect(linkAt("/var/lib/notes/current.sock")).toBe("releases/0123456.sock");
    expect(textAt("/opt/notes/data/lancedb/rows")).toBe("rows\n");
  });

  test("leave nothing of the former name, and keep what others put into its folder", () => {
    host.write("/opt/memoryloop/notes-of-the-owner", "mine\n");
    prepare();
    update();
    expect(finish()).toEqual(succeeded);
    expect(existsSync(host.path("/var/lib/memoryloop"))).toBe(false);
    expect(textAt("/opt/memoryloop/notes-of-the-owner")).toBe("mine\n");
    expect(existsSync(host.path("/opt/memoryloop/config"))).toBe(false);
    expect(textAt("/opt/notes/data/lancedb/rows")).toBe("rows\n");
    expect(textAt("/opt/notes/logs/app/app-2026-01-01.log")).toBe("line\n");
    expect(existsSync(host.path("/var/lib/notes/releases/abcdef0.sock"))).toBe(false);
    expect(finish()).toEqual(succeeded);
  });

  test("end nothing while the engine has not removed the former app", () => {
    prepare();
    host.write("/containers", "0123\n");
    expect(finish().stderr).toContain("containers of memoryloop are still there");
    host.write("/containers", "");
    mkdirSync(host.path("/var/lib/vps-plugin/sets/infra.prod.host-files@memoryloop"), { recursive: true });
    expect(finish().stderr).toContain("the file set infra.prod.host-files@memoryloop is still there");
    expect(lstatSync(host.path("/opt/memoryloop/data")).isSymbolicLink()).toBe(true);
  });

  test.each<[string, () => void, string]>([
    [
      "a name in use",
      () => {
        host.write("/opt/notes/data/file", "other");
      },
      "/opt/notes exists on this server",
    ],
    [
      "data on a disk of its own",
      () => {
        host.write("/mounts", "/opt/memoryloop/data/lancedb\n");
      },
      "is a mount",
    ],
    [
      "an unconfirmed cutover",
      () => {
        host.write("/var/lib/memoryloop/unconfirmed", "a b 1 d\n");
      },
      "not confirmed yet",
    ],
    [
      "an interrupted restore",
      () => {
        host.write("/var/lib/memoryloop/data-change", "");
      },
      "the server undoes it now",
    ],
    [
      "another rename",
      () => {
        host.write("/var/lib/memoryloop/renamed-to", "diary\n");
      },
      "being renamed to diary already",
    ],
  ])("refuse %s, and change nothing", (_, make, words) => {
    make();
    const before = host.bash("cd / && find opt var/lib | sort", ["list"]).stdout;
    const { status, stderr } = prepare();
    expect(status).toBe(1);
    expect(stderr).toContain(words);
    expect(host.bash("cd / && find opt var/lib | sort", ["list"]).stdout).toBe(before);
  });
});
