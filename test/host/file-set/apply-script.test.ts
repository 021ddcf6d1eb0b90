import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fileSetInputsSchema, type FileSetInputs } from "../../../host/file-set/inputs";
import { renderPayload } from "../../../host/file-set/payload";
import { PrivateHost, type Result } from "../../support/private-host";

type Wanted = Partial<Pick<FileSetInputs, "units" | "validate" | "activate" | "inForce">> & {
  entries?: Record<string, object>;
};

const connection = { host: "vps", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };

let host: PrivateHost;
beforeEach(() => {
  host = new PrivateHost();
});
afterEach(() => {
  host.dispose();
});

function apply(wanted: Wanted, { set = "site" } = {}): Result {
  const inputs = fileSetInputsSchema.parse({ connection, set, entries: {}, ...wanted });
  return host.run("file-set/apply.sh", [set], renderPayload(inputs));
}

const succeeded = { status: 0, signal: null, stdout: "", stderr: "" };
const reload = { activate: [["systemctl", "reload", "nginx.service"]] };

const site = {
  "/etc/nginx": { kind: "directory", mode: "0750", owner: "root:app" },
  "/etc/nginx/nginx.conf": { kind: "file", content: "new\n", mode: "0640", owner: "root:app" },
  "/etc/nginx/site.conf": { kind: "file", content: "" },
  "/etc/nginx/enabled.conf": { kind: "link", target: "../nginx/site.conf" },
  "/etc/nginx/default": { kind: "absent" },
};

function debian() {
  host.write("/etc/nginx/nginx.conf", "debian\n");
  symlinkSync("../nowhere", host.path("/etc/nginx/default"));
  chmodSync(host.path("/etc/nginx"), 0o755);
}

describe("file-set/apply.sh", () => {
  test("makes files, links and directories as asked, and removes what is to be absent", () => {
    debian();
    expect(apply({ entries: site })).toEqual(succeeded);
    expect(host.text("/etc/nginx/nginx.conf")).toBe("new\n");
    expect(host.text("/etc/nginx/site.conf")).toBe("");
    expect(readlinkSync(host.path("/etc/nginx/enabled.conf"))).toBe("../nginx/site.conf");
    expect(readdirSync(host.path("/etc/nginx")).sort()).toEqual(["enabled.conf", "nginx.conf", "site.conf"]);
    const { mode, gid } = statSync(host.path("/etc/nginx/nginx.conf"));
    expect([mode & 0o7777, gid]).toEqual([0o640, 1001]);
    expect(statSync(host.path("/etc/nginx")).mode & 0o7777).toBe(0o750);
  });

  test("leaves alone what is as asked, and activates only after a change", () => {
    debian();
    apply({ entries: site, ...reload });
    expect(host.changes()).toEqual(["reload nginx.service"]);
    const { ino, ctimeMs } = lstatSync(host.path("/etc/nginx/nginx.conf"));
    expect(apply({ entries: site, ...reload })).toEqual(succeeded);
    expect(host.changes()).toEqual([]);
    expect(lstatSync(host.path("/etc/nginx/nginx.conf"))).toMatchObject({ ino, ctimeMs });
  });

  test("replaces only the file that differs", () => {
    debian();
    apply({ entries: site });
    const untouched = lstatSync(host.path("/etc/nginx/site.conf")).ino;
    host.write("/etc/nginx/nginx.conf", "by hand\n");
    apply({ entries: site });
    expect(host.text("/etc/nginx/nginx.conf")).toBe("new\n");
    expect(lstatSync(host.path("/etc/nginx/site.conf")).ino).toBe(untouched);
  });

  test("the validator sees the new /etc, and nobody else does until it agrees", () => {
    debian();
    const before = host.tree();
    const script = "cat /etc/nginx/nginx.conf; ls /etc/nginx; cat $PRIVATE_HOST/etc/nginx/nginx.conf; exit 1";
    const result = apply({ entries: site, validate: [["bash", "-c", script]] });
    expect(result.status).toBe(1);
    expect(result.stderr).toBe(
      `validate \`bash -c ${script}\` failed and nothing was changed: new\nenabled.conf\nnginx.conf\nsite.conf\ndebian\n`,
    );
    expect(host.tree()).toEqual(before);
  });

  test("a failing activation puts content, mode, owner and links back, and activates that", () => {
    debian();
    const before = host.tree();
    const script = "cat /etc/nginx/nginx.conf >>$PRIVATE_HOST/seen; grep -q debian /etc/nginx/nginx.conf";
    const result = apply({ entries: site, activate: [["bash", "-c", script]] });
    expect(result.status).toBe(1);
    expect(result.stderr).toContain("failed and nothing was changed");
    expect(host.text("seen")).toBe("new\ndebian\n");
    host.write("seen", "");
    expect(host.tree().filter((line) => !line.startsWith("seen"))).toEqual(before);
  });

  test("what stood there comes back when the set is emptied, folders only when empty", () => {
    debian();
    const before = host.tree();
    apply({ entries: { ...site, "/opt/app": { kind: "directory" }, "/opt/full": { kind: "directory" } } });
    host.write("/opt/full/data", "kept");
    expect(apply({})).toEqual(succeeded);
    expect(host.text("/opt/full/data")).toBe("kept");
    expect(existsSync(host.path("/opt/app"))).toBe(false);
    expect(host.tree().filter((line) => !line.startsWith("opt/full"))).toEqual(before);
    expect(readdirSync(host.path("/var/lib/vps-plugin/sets"))).toEqual([]);
    expect(readdirSync(host.path("/var/lib/vps-plugin/originals"))).toEqual([]);
  });

  test("what stood there comes back when its entry leaves the set", () => {
    debian();
    apply({ entries: site });
    const rest = { "/etc/nginx": site["/etc/nginx"] };
    expect(apply({ entries: rest })).toEqual(succeeded);
    expect(host.text("/etc/nginx/nginx.conf")).toBe("debian\n");
  });

  test("a path that two sets hold stays until both have let go of it", () => {
    debian();
    apply({ entries: site }, { set: "one" });
    apply({ entries: site }, { set: "two" });
    apply({}, { set: "one" });
    expect(host.text("/etc/nginx/nginx.conf")).toBe("new\n");
    apply({}, { set: "two" });
    expect(host.text("/etc/nginx/nginx.conf")).toBe("debian\n");
  });

  test("a directory that is the app's keeps its mode and owner once it is there", () => {
    const entries = {
      "/opt/data": { kind: "directory", mode: "0750", owner: "1001:1001", ownership: "at-creation" },
    };
    expect(apply({ entries })).toEqual(succeeded);
    expect(statSync(host.path("/opt/data"))).toMatchObject({ uid: 1001, gid: 1001 });
    chownSync(host.path("/opt/data"), 5, 5);
    apply({ entries });
    apply({ entries });
    expect(statSync(host.path("/opt/data")).uid).toBe(5);
    apply({});
    expect(existsSync(host.path("/opt/data"))).toBe(false);
  });

  test("a directory that was the app's before is never removed", () => {
    mkdirSync(host.path("/opt/data"));
    const entries = { "/opt/data": { kind: "directory", ownership: "at-creation" } };
    apply({ entries });
    apply({});
    expect(existsSync(host.path("/opt/data"))).toBe(true);
  });

  test("a directory does not make way for a file", () => {
    mkdirSync(host.path("/opt/data"));
    const result = apply({ entries: { "/opt/data": { kind: "file", content: "" } } });
    expect(result.stderr).toBe("/opt/data is a directory, and data is never removed: move it away by hand\n");
  });

  test("an entry whose folder is missing is refused and leaves nothing", () => {
    const before = host.tree();
    const result = apply({
      entries: { "/etc/a": { kind: "file", content: "" }, "/opt/no/b": { kind: "file", content: "" } },
    });
    expect(result.status).toBe(1);
    expect(result.stderr).toContain("/opt/no");
    expect(host.tree()).toEqual(before);
  });

  test("units are enabled and started after the swap, and as they were when the set goes", () => {
    host.write("units/old.service.active", "");
    const units = { "old.service": { enabled: false, active: false }, "new.timer": { enabled: true, active: true } };
    const entries = { "/etc/new.timer": { kind: "file", content: "unit\n" } };
    expect(apply({ entries, units, activate: [["systemctl", "daemon-reload"]] })).toEqual(succeeded);
    expect(host.changes()).toEqual([
      "stop old.service",
      "daemon-reload",
      "enable --quiet new.timer",
      "start new.timer",
    ]);
    apply({ activate: [["systemctl", "daemon-reload"]] });
    expect(host.changes()).toEqual([
      "stop new.timer",
      "disable --quiet new.timer",
      "daemon-reload",
      "start old.service",
    ]);
  });

  test("a stopped unit is started without an activation", () => {
    const units = { "nginx.service": { enabled: false, active: true } };
    expect(apply({ units, ...reload })).toEqual(succeeded);
    expect(host.changes()).toEqual(["start nginx.service"]);
  });

  test("what is no longer in force is activated again, though no file differs", () => {
    debian();
    host.write("/etc/loaded", "");
    const wanted = { entries: site, ...reload, inForce: [["test", "-e", "/etc/loaded"]] };
    apply(wanted);
    host.changes();
    expect(apply(wanted)).toEqual(succeeded);
    expect(host.changes()).toEqual([]);
    rmSync(host.path("/etc/loaded"));
    expect(apply({ ...wanted, activate: [["touch", "/etc/loaded"]] })).toEqual(succeeded);
    expect(existsSync(host.path("/etc/loaded"))).toBe(true);
  });

  test("an activation that does not bring the files into force puts everything back", () => {
    debian();
    const before = host.tree();
    const result = apply({ entries: site, ...reload, inForce: [["test", "-e", "/etc/loaded"]] });
    expect(result.status).toBe(1);
    expect(result.stderr).toBe("what was activated is not in force: 'test' '-e' '/etc/loaded'\n");
    expect(host.tree()).toEqual(before);
  });

  test("a unit that does not start puts everything back", () => {
    debian();
    const before = host.tree();
    host.write("broken", "");
    const result = apply({ entries: site, units: { "x.service": { enabled: true, active: true } } });
    expect(result.status).toBe(1);
    expect(result.stderr).toBe("Job for x.service failed.\n");
    expect(host.tree()).toEqual(before);
    expect(existsSync(host.path("units/x.service.enabled"))).toBe(false);
  });

  test("no temporary file is left beside a target, and no content in the records", () => {
    debian();
    apply({ entries: site });
    expect(readdirSync(host.path("/var/lib/vps-plugin/sets/site"))).toEqual(["taken"]);
  });

  test("content of any kind arrives unchanged", () => {
    const content = "a\tb\\n 'q' \"$x\" `y` é\r\nno newline at the end";
    apply({ entries: { "/etc/odd": { kind: "file", content } } });
    expect(host.text("/etc/odd")).toBe(content);
  });

  describe("sets that share a validator", () => {
    const sound = { validate: [["bash", "-c", "! grep -r broken /etc/nginx"]] };
    const entriesOf = (path: string) => ({ [path]: { kind: "file", content: "good\n" } });
    const [shared, site] = [entriesOf("/etc/nginx/nginx.conf"), entriesOf("/etc/nginx/site.conf")];
    const breakByHand = () => {
      host.write("/etc/nginx/nginx.conf", "broken\n");
      host.write("/etc/nginx/site.conf", "broken\n");
    };

    beforeEach(() => {
      debian();
      apply({ entries: shared, ...sound }, { set: "shared" });
      apply({ entries: site, ...sound }, { set: "site" });
    });

    test("are repaired together when both were broken by hand", () => {
      breakByHand();
      expect(apply({ entries: shared, ...sound, ...reload }, { set: "shared" })).toEqual(succeeded);
      expect([host.text("/etc/nginx/nginx.conf"), host.text("/etc/nginx/site.conf")]).toEqual(["good\n", "good\n"]);
      expect(host.changes()).toEqual(["reload nginx.service"]);
    });

    test("are left as they are when the set passes without", () => {
      host.write("/etc/nginx/site.conf", "by hand\n");
      apply({ entries: { "/etc/nginx/nginx.conf": { kind: "file", content: "new\n" } }, ...sound }, { set: "shared" });
      expect(host.text("/etc/nginx/site.conf")).toBe("by hand\n");
    });

    test("stay as they were, both, when the repair does not activate", () => {
      breakByHand();
      const before = host.tree();
      expect(apply({ entries: shared, ...sound, activate: [["false"]] }, { set: "shared" }).status).toBe(1);
      expect(host.tree()).toEqual(before);
    });

    test("do not help a set that is broken itself, nor one whose validator is another", () => {
      breakByHand();
      const before = host.tree();
      const broken = { "/etc/nginx/nginx.conf": { kind: "file", content: "broken too\n" } };
      expect(apply({ entries: broken, ...sound }, { set: "shared" }).stderr).toContain("nginx.conf:broken too");
      const other = { validate: [["bash", "-c", "! grep -r broken /etc/nginx/."]] };
      expect(apply({ entries: shared, ...other }, { set: "shared" }).stderr).toContain("site.conf:broken");
      expect(host.tree()).toEqual(before);
    });

    test("forget each other when one is deleted", () => {
      apply(sound, { set: "site" });
      breakByHand();
      expect(apply({ entries: shared, ...sound }, { set: "shared" }).stderr).toContain("site.conf:broken");
    });
  });
});
