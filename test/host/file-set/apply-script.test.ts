import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
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
import { readRepositoryFile } from "../../../repository";
import { PrivateHost, type Result } from "../../support/private-host";

type Wanted = Partial<Pick<FileSetInputs, "sharing" | "units" | "validate" | "activate" | "inForce">> & {
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

function apply(wanted: Wanted, { set = "site", owner = "infra/prod/app", former = [] as string[] } = {}): Result {
  const inputs = fileSetInputsSchema.parse({ connection, set, owner, entries: {}, ...wanted });
  return host.run("file-set/apply.sh", [set, owner], renderPayload(inputs, former));
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
  test("creates files, links and directories, and removes absent entries", () => {
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

  test("changes and activates nothing when nothing differs", () => {
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
    host.write("/etc/nginx/nginx.conf", "edited\n");
    apply({ entries: site });
    expect(host.text("/etc/nginx/nginx.conf")).toBe("new\n");
    expect(lstatSync(host.path("/etc/nginx/site.conf")).ino).toBe(untouched);
  });

  test("only the validator sees the new /etc, until it succeeds", () => {
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

  test("the validator sees what is mounted below /etc, with the new files in it", () => {
    const volume =
      "mkdir -p '/etc/a volume'; mount -t tmpfs -o mode=0755 tmpfs '/etc/a volume'; echo live >'/etc/a volume/live';";
    const inputs = fileSetInputsSchema.parse({
      ...{ connection, set: "site", owner: "infra/prod/app" },
      entries: { "/etc/a volume/new": { kind: "file", content: "new\n" } },
      validate: [["bash", "-c", "cat '/etc/a volume/'*; ls /etc/alternatives/awk; exit 1"]],
    });
    const script = `${volume}\n${readRepositoryFile("host", "file-set/apply.sh")}`;
    const result = host.bash(script, ["apply.sh", "site", "infra/prod/app"], renderPayload(inputs, []));
    expect(result.stderr).toContain("nothing was changed: live\nnew\n/etc/alternatives/awk\n");
  });

  test("a failed activation restores content, mode, owner and links, and activates them again", () => {
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

  test("an emptied set restores what was there before; it removes only empty directories", () => {
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

  test("a removed entry restores what was there before", () => {
    debian();
    apply({ entries: site });
    const rest = { "/etc/nginx": site["/etc/nginx"] };
    expect(apply({ entries: rest })).toEqual(succeeded);
    expect(host.text("/etc/nginx/nginx.conf")).toBe("debian\n");
  });

  test("a path of two sets stays until both sets are emptied", () => {
    debian();
    apply({ entries: site }, { set: "one" });
    apply({ entries: site }, { set: "two" });
    apply({}, { set: "one" });
    expect(host.text("/etc/nginx/nginx.conf")).toBe("new\n");
    apply({}, { set: "two" });
    expect(host.text("/etc/nginx/nginx.conf")).toBe("debian\n");
  });

  test("a directory with ownership at-creation keeps mode and owner once it exists", () => {
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

  test("a directory that existed before is never removed", () => {
    mkdirSync(host.path("/opt/data"));
    const entries = { "/opt/data": { kind: "directory", ownership: "at-creation" } };
    apply({ entries });
    apply({});
    expect(existsSync(host.path("/opt/data"))).toBe(true);
  });

  test("a file does not replace a directory", () => {
    mkdirSync(host.path("/opt/data"));
    const result = apply({ entries: { "/opt/data": { kind: "file", content: "" } } });
    expect(result.stderr).toBe("/opt/data is a directory and may hold data: move it to another place\n");
  });

  test("an entry without a parent directory is refused, and nothing changes", () => {
    const before = host.tree();
    const result = apply({
      entries: { "/etc/a": { kind: "file", content: "" }, "/opt/no/b": { kind: "file", content: "" } },
    });
    expect(result.status).toBe(1);
    expect(result.stderr).toContain("/opt/no/b was not changed: /opt/no does not exist");
    expect(host.tree()).toEqual(before);
  });

  test("units are enabled and started after the swap, and get their old state when the set is emptied", () => {
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

  test("a set that is not in force is activated again, even if no file differs", () => {
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

  test("everything is restored when the files are not in force after the activation", () => {
    debian();
    const before = host.tree();
    const result = apply({ entries: site, ...reload, inForce: [["test", "-e", "/etc/loaded"]] });
    expect(result.status).toBe(1);
    expect(result.stderr).toBe(
      "a service does not use the new files, so the old ones were restored. This check failed: 'test' '-e' '/etc/loaded'\n",
    );
    expect(host.tree()).toEqual(before);
  });

  test("everything is restored when a unit does not start", () => {
    debian();
    const before = host.tree();
    host.write("broken", "");
    const result = apply({ entries: site, units: { "x.service": { enabled: true, active: true } } });
    expect(result.status).toBe(1);
    expect(result.stderr).toBe("Job for x.service failed.\n");
    expect(host.tree()).toEqual(before);
    expect(existsSync(host.path("units/x.service.enabled"))).toBe(false);
  });

  test("no temporary file and no content stays on the server", () => {
    debian();
    apply({ entries: site });
    expect(readdirSync(host.path("/var/lib/vps-plugin/sets/site@app"))).toEqual(["owner", "taken"]);
  });

  test("any content arrives unchanged", () => {
    const content = "a\tb\\n 'q' \"$x\" `y` é\r\nno newline at the end";
    apply({ entries: { "/etc/odd": { kind: "file", content } } });
    expect(host.text("/etc/odd")).toBe(content);
  });

  describe("a JSON file that is merged", () => {
    const daemon = "/etc/daemon.json";
    const wanted = (values: object) => ({
      entries: { [daemon]: { kind: "file", content: `${JSON.stringify(values)}\n`, merge: "json" } },
    });
    const foreign = '{ "data-root": "/srv/docker",\n  "log-driver": "json-file", "log-opts": {"tag": "x"} }';

    test("keeps the keys of others, and is as before once the set is emptied", () => {
      host.write(daemon, foreign);
      expect(apply(wanted({ icc: false, "log-driver": "journald" }))).toEqual(succeeded);
      expect(JSON.parse(host.text(daemon) ?? "")).toEqual({
        "data-root": "/srv/docker",
        "log-driver": "journald",
        "log-opts": { tag: "x" },
        icc: false,
      });
      expect(apply({})).toEqual(succeeded);
      expect(host.text(daemon)).toBe(foreign);
    });

    test("keeps each byte when it has our values already, and is our text when there was none", () => {
      host.write(daemon, foreign);
      expect(apply(wanted({ "log-driver": "json-file" }))).toEqual(succeeded);
      expect(host.text(daemon)).toBe(foreign);
      apply({});
      rmSync(host.path(daemon));
      expect(apply(wanted({ icc: false }))).toEqual(succeeded);
      expect(host.text(daemon)).toBe('{"icc":false}\n');
    });

    test.each(["[]", "not JSON", "null"])("is refused when it is %s, and nothing changes", (text) => {
      host.write(daemon, text);
      expect(apply(wanted({ icc: false }))).toMatchObject({
        status: 1,
        stderr: "/etc/daemon.json is not a JSON object, so nothing can be added to it. Correct it by hand\n",
      });
      expect(host.text(daemon)).toBe(text);
    });
  });

  describe("below a directory that others can write", () => {
    const file = { kind: "file", content: "ours\n" };
    const refused = (path: string, reason: string) => ({
      status: 1,
      stderr: expect.stringContaining(`${path} was not changed: ${reason}, and root works only where`) as unknown,
    });

    test("an entry is refused, and nothing changes", () => {
      mkdirSync(host.path("/opt/data/deep"), { recursive: true });
      chownSync(host.path("/opt/data"), 1001, 1001);
      const before = host.tree();
      for (const path of ["/opt/data/file", "/opt/data/deep/file"])
        expect(apply({ entries: { [path]: file } })).toMatchObject(refused(path, "/opt/data does not belong to root"));
      chownSync(host.path("/opt/data"), 0, 0);
      chmodSync(host.path("/opt/data"), 0o775);
      expect(apply({ entries: { "/opt/data/deep/file": file } })).toMatchObject(
        refused("/opt/data/deep/file", "not only root can write to /opt/data"),
      );
      chmodSync(host.path("/opt/data"), 0o755);
      expect(host.tree()).toEqual(before.map((line) => line.replace("opt/data d 755 1001", "opt/data d 755 0")));
    });

    test("an entry is refused also where the set itself makes that directory", () => {
      const entries = { "/opt/data": { kind: "directory", owner: "1001:1001" }, "/opt/data/file": file };
      expect(apply({ entries })).toMatchObject(refused("/opt/data/file", "/opt/data does not belong to root"));
      expect(existsSync(host.path("/opt/data"))).toBe(false);
    });

    test("an entry is accepted where the set first corrects owner and mode of the directory", () => {
      mkdirSync(host.path("/opt/shared"));
      chownSync(host.path("/opt/shared"), 1001, 1001);
      chmodSync(host.path("/opt/shared"), 0o777);
      const entries = { "/opt/shared": { kind: "directory" }, "/opt/shared/file": file };
      expect(apply({ entries })).toEqual(succeeded);
      expect(statSync(host.path("/opt/shared"))).toMatchObject({ uid: 0 });
      expect(host.text("/opt/shared/file")).toBe("ours\n");
    });

    test("a revert restores such a directory too, with its contents", () => {
      mkdirSync(host.path("/opt/shared"));
      host.write("/opt/shared/file", "theirs\n");
      chownSync(host.path("/opt/shared"), 1001, 1001);
      const before = host.tree();
      const entries = { "/opt/shared": { kind: "directory" }, "/opt/shared/file": file };
      expect(apply({ entries, activate: [["false"]] }).status).toBe(1);
      expect(host.tree()).toEqual(before);
    });

    test("a path that leaves the set stays as it is", () => {
      mkdirSync(host.path("/opt/data"));
      apply({ entries: { "/opt/data/file": file } });
      chownSync(host.path("/opt/data"), 1001, 1001);
      expect(apply({})).toEqual(succeeded);
      expect(host.text("/opt/data/file")).toBe("ours\n");
    });

    test("a link of root counts as the directory that it names, and a link of another user is refused", () => {
      mkdirSync(host.path("/var/lib/real"));
      symlinkSync("../var/lib/real", host.path("/opt/link"));
      expect(apply({ entries: { "/opt/link/file": file } })).toEqual(succeeded);
      expect(host.text("/var/lib/real/file")).toBe("ours\n");
      lchownSync(host.path("/opt/link"), 1001, 1001);
      expect(apply({ entries: { "/opt/link/other": file } })).toMatchObject(
        refused("/opt/link/other", "/opt/link does not belong to root"),
      );
    });
  });

  describe("a deletion", () => {
    const needsFile = { validate: [["test", "-e", "/etc/nginx/nginx.conf"]] };

    test("is refused when the validator refuses only the state of before", () => {
      debian();
      apply({ entries: site, validate: [["grep", "-q", "new", "/etc/nginx/nginx.conf"]] });
      const result = apply({ validate: [["grep", "-q", "new", "/etc/nginx/nginx.conf"]] });
      expect(result.status).toBe(1);
      expect(host.text("/etc/nginx/nginx.conf")).toBe("new\n");
    });

    test("succeeds when the validator refuses the present state too, because files or programs are gone", () => {
      apply({ entries: { "/etc/own.conf": { kind: "file", content: "" } }, validate: [["true"]] });
      const gone = { validate: [["no-such-program"]], activate: [["no-such-program"]] };
      expect(apply(gone)).toEqual(succeeded);
      expect(existsSync(host.path("/etc/own.conf"))).toBe(false);
      expect(apply({ entries: { "/etc/own.conf": { kind: "file", content: "" } }, ...needsFile }).status).toBe(1);
    });

    test("succeeds when a unit of before cannot start any more, and can be repeated", () => {
      host.write("units/old.service.active", "");
      apply({ units: { "old.service": { enabled: false, active: false } } });
      host.write("broken", "");
      expect(apply({})).toMatchObject({ status: 0 });
      expect(apply({})).toEqual(succeeded);
      expect(readdirSync(host.path("/var/lib/vps-plugin/sets"))).toEqual([]);
    });
  });

  describe("sets that share a validator", () => {
    const sound = { validate: [["bash", "-c", "! grep -r broken /etc/nginx"]] };
    const entriesOf = (path: string) => ({ [path]: { kind: "file", content: "good\n" } });
    const [shared, site] = [entriesOf("/etc/nginx/nginx.conf"), entriesOf("/etc/nginx/site.conf")];
    const makeInvalid = () => {
      host.write("/etc/nginx/nginx.conf", "broken\n");
      host.write("/etc/nginx/site.conf", "broken\n");
    };

    beforeEach(() => {
      debian();
      apply({ entries: shared, ...sound }, { set: "shared" });
      apply({ entries: site, ...sound }, { set: "site" });
    });

    test("are repaired together when both are invalid", () => {
      makeInvalid();
      expect(apply({ entries: shared, ...sound, ...reload }, { set: "shared" })).toEqual(succeeded);
      expect([host.text("/etc/nginx/nginx.conf"), host.text("/etc/nginx/site.conf")]).toEqual(["good\n", "good\n"]);
      expect(host.changes()).toEqual(["reload nginx.service"]);
    });

    test("stay as they are when the set is valid without them", () => {
      host.write("/etc/nginx/site.conf", "edited\n");
      apply({ entries: { "/etc/nginx/nginx.conf": { kind: "file", content: "new\n" } }, ...sound }, { set: "shared" });
      expect(host.text("/etc/nginx/site.conf")).toBe("edited\n");
    });

    test("both stay as they are when the activation of the repair fails", () => {
      makeInvalid();
      const before = host.tree();
      expect(apply({ entries: shared, ...sound, activate: [["false"]] }, { set: "shared" }).status).toBe(1);
      expect(host.tree()).toEqual(before);
    });

    test("do not help a set that is invalid itself, or that has another validator", () => {
      makeInvalid();
      const before = host.tree();
      const broken = { "/etc/nginx/nginx.conf": { kind: "file", content: "also broken\n" } };
      expect(apply({ entries: broken, ...sound }, { set: "shared" }).stderr).toContain("nginx.conf:also broken");
      const other = { validate: [["bash", "-c", "! grep -r broken /etc/nginx/."]] };
      expect(apply({ entries: shared, ...other }, { set: "shared" }).stderr).toContain("site.conf:broken");
      expect(host.tree()).toEqual(before);
    });

    test("a deleted set does not help any more", () => {
      apply(sound, { set: "site" });
      makeInvalid();
      expect(apply({ entries: shared, ...sound }, { set: "shared" }).stderr).toContain("site.conf:broken");
    });
  });
});
