import { existsSync, mkdirSync, readlinkSync, symlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readRepositoryFile } from "../../../repository";
import { PrivateHost } from "../../support/private-host";

let host: PrivateHost;
const app = (...parts: string[]): string => host.path("var/lib/app", ...parts);

beforeEach(() => {
  host = new PrivateHost();
  for (const folder of ["var/lib/app/releases", "opt/app/config"]) mkdirSync(host.path(folder), { recursive: true });
});
afterEach(() => {
  host.dispose();
});

/** An unconfirmed cutover from release 11 to release 22. */
function switched(): void {
  symlinkSync("releases/22.sock", app("current.sock"));
  host.write("/var/lib/app/unconfirmed", "11 22 99999999999 deploy-1\n");
}

const confirm = () => host.run("rollout/confirm.sh", ["app", "22"]);
const revertNow = () =>
  host.bash(readRepositoryFile("rootfs/releases/usr/local/lib/{{app}}/revert-unconfirmed"), ["revert", "app", "now"]);

describe("confirm and revert, of one cutover", () => {
  beforeEach(switched);

  test("after the confirm, a revert does nothing", () => {
    expect(confirm()).toMatchObject({ status: 0, stderr: "" });
    expect(revertNow()).toMatchObject({ status: 0, stderr: "" });
    expect(readlinkSync(app("current.sock"))).toBe("releases/22.sock");
    expect(readlinkSync(app("previous.sock"))).toBe("releases/11.sock");
    expect(existsSync(app("unconfirmed"))).toBe(false);
  });

  test("after the revert, the confirm fails and says why", () => {
    expect(revertNow()).toMatchObject({ status: 0, stderr: "" });
    expect(confirm()).toMatchObject({
      status: 1,
      stderr: "the server has reverted the cutover, because it was not confirmed in time\n",
    });
    expect(readlinkSync(app("current.sock"))).toBe("releases/11.sock");
    expect(existsSync(app("previous.sock"))).toBe(false);
    expect(existsSync(app("unconfirmed"))).toBe(false);
  });

  test("at the same moment, one of them wins and the other knows", () => {
    host.program("confirm", readRepositoryFile("host/rollout/confirm.sh"));
    host.program("revert-now", readRepositoryFile("rootfs/releases/usr/local/lib/{{app}}/revert-unconfirmed"));
    const race = `
      cd /var/lib/app
      for round in {1..30}; do
        ln -sfn releases/22.sock current.sock; rm -f previous.sock
        echo "11 22 99999999999 deploy-1" >unconfirmed
        { sleep 0.00$((RANDOM % 10)); revert-now app now; } & back=$!
        sleep 0.00$((RANDOM % 10)); told=confirmed; confirm app 22 2>/dev/null || told=refused
        wait "$back"
        echo "$told $(readlink current.sock) $(readlink previous.sock || true) $(ls unconfirmed 2>/dev/null || true)"
      done`;
    const { status, stdout, stderr } = host.bash(race, ["race"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const outcomes = stdout
      .trim()
      .split("\n")
      .map((line) => line.trim());
    expect(outcomes).toHaveLength(30);
    expect(["confirmed releases/22.sock releases/11.sock", "refused releases/11.sock"]).toEqual(
      expect.arrayContaining([...new Set(outcomes)]),
    );
  });
});

describe("rollout/revert.sh", () => {
  test.each(["revert-unconfirmed", "return-unconfirmed"])("runs %s of the server", (name) => {
    const program = readRepositoryFile("rootfs/releases/usr/local/lib/{{app}}/revert-unconfirmed");
    host.program(name, program);
    switched();
    const script = readRepositoryFile("host/rollout/revert.sh").replaceAll("/usr/local/lib/$1", "$PRIVATE_HOST/bin");
    expect(host.bash(script, ["revert", "app"])).toMatchObject({ status: 0, stderr: "" });
    expect(readlinkSync(app("current.sock"))).toBe("releases/11.sock");
  });
});

describe("rollout/retire.sh", () => {
  /** What it does on a host where the proxy passes on the last words once it was asked this often whether it has. */
  function retired(asked: number): string[] {
    const noted = '#!/bin/bash\necho "${0##*/} $1" >>"$PRIVATE_HOST/calls"\n';
    host.program("docker", noted);
    host.program("sleep", "#!/bin/sh\n");
    host.program("ss", `${noted}[ "$(grep --count ^ss "$PRIVATE_HOST/calls")" -gt ${asked} ] || echo connection\n`);
    symlinkSync("releases/22.sock", app("current.sock"));
    expect(host.run("rollout/retire.sh", ["app", "11", "30"])).toMatchObject({ status: 0, stderr: "" });
    return (host.text("calls") ?? "").trim().split("\n");
  }
  const asking = (times: number): string[] => Array<string>(times).fill("ss --no-header");
  const stopped = ["docker container", "docker stop"];
  const ended = [
    "disable --no-reload --quiet app-release@11.socket",
    "stop app-release@11.socket app-release@11.service",
  ];

  test("stops the proxy once it has passed on what the container said last", () => {
    expect(retired(3)).toEqual([...stopped, ...asking(4), ...ended]);
  });

  test("does not wait for ever", () => {
    expect(retired(1000)).toEqual([...stopped, ...asking(50), ...ended]);
  });
});

describe("rollout/stop-unused.sh", () => {
  beforeEach(() => {
    host.program("docker", '#!/bin/sh\necho "$*" >>"$PRIVATE_HOST/docker-calls"\n');
  });
  const stopUnused = (release: string): string | undefined => {
    expect(host.run("rollout/stop-unused.sh", ["app", release, "30"])).toMatchObject({ status: 0, stderr: "" });
    return host.text("docker-calls");
  };

  test("stops the container of a release that does not serve", () => {
    switched();
    expect(stopUnused("33")).toBe("stop --time 30 app-33\n");
  });

  test.each(["11", "22"])("leaves release %s of an unconfirmed cutover", (release) => {
    switched();
    expect(stopUnused(release)).toBeUndefined();
  });

  test("leaves the active and the previous release", () => {
    symlinkSync("releases/22.sock", app("current.sock"));
    symlinkSync("releases/11.sock", app("previous.sock"));
    expect(stopUnused("22")).toBeUndefined();
    expect(stopUnused("11")).toBeUndefined();
  });

  test("leaves the release that the lock holder rolls out", () => {
    host.write("/run/lock/app-rollout.lock.holder", "me@here since now (rollout of app a0000aa, release 33)\n");
    expect(stopUnused("33")).toBeUndefined();
  });
});
