import { chmodSync, chownSync, mkdirSync, symlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PrivateHost } from "../../support/private-host";

let host: PrivateHost;
beforeEach(() => {
  host = new PrivateHost();
});
afterEach(() => {
  host.dispose();
});

function read(...question: string[]): string[] {
  const { stdout, stderr } = host.run("file-set/read.sh", ["site"], question.map((line) => `${line}\n`).join(""));
  expect(stderr).toBe("");
  return stdout.split("\n").filter(Boolean);
}

describe("file-set/read.sh", () => {
  test("tells kind, mode, owner by name and number, content and target", () => {
    host.write("/etc/a", "text\n");
    chmodSync(host.path("/etc/a"), 0o600);
    chownSync(host.path("/etc/a"), 1001, 77);
    host.write("/etc/empty", "");
    mkdirSync(host.path("/opt/d"), { mode: 0o755 });
    symlinkSync("../no where", host.path("/etc/l"));
    expect(read("path\t/etc/a", "path\t/etc/empty", "path\t/opt/d", "path\t/etc/l", "path\t/etc/none")).toEqual([
      "file\t/etc/a\t600\tapp:UNKNOWN\t1001:77\tdGV4dAo=",
      "file\t/etc/empty\t644\troot:root\t0:0\t",
      "directory\t/opt/d\t755\troot:root\t0:0\t",
      "link\t/etc/l\t777\troot:root\t0:0\t../no where",
      "absent\t/etc/none",
    ]);
  });

  test("tells only the hash of a file larger than 1 MiB", () => {
    host.write("/etc/a", "x".repeat(1024 * 1024 + 1));
    expect(read("path\t/etc/a")).toEqual([
      "large-file\t/etc/a\t644\troot:root\t0:0\t154b8ed3c2383ce429058768595935faf7851b5c38db2b1732594be1d88bc05a",
    ]);
  });

  test("tells whether units are enabled and active", () => {
    host.write("units/on.timer.enabled", "");
    host.write("units/up.service.active", "");
    expect(read("unit\ton.timer", "unit\tup.service")).toEqual([
      "unit\ton.timer\ttrue\tfalse",
      "unit\tup.service\tfalse\ttrue",
    ]);
  });

  test("tells which commands fail", () => {
    expect(read("in-force\t0\ttrue", "in-force\t1\ttest -e '/no where'")).toEqual(["not-in-force\t1"]);
  });

  test("changes nothing", () => {
    const before = host.tree();
    read("path\t/etc/passwd", "unit\ta.service");
    expect(host.tree()).toEqual(before);
  });
});
