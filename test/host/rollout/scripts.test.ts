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

/** A cutover from release 11 to release 22 that waits to be confirmed. */
function switched(): void {
  symlinkSync("releases/22.sock", app("current.sock"));
  host.write("/var/lib/app/unconfirmed", "11 22 99999999999 deploy-1\n");
}

const confirm = () => host.run("rollout/confirm.sh", ["app", "22"]);
const giveBack = () =>
  host.bash(readRepositoryFile("rootfs/releases/usr/local/lib/{{app}}/return-unconfirmed"), ["return", "app", "now"]);

describe("confirm and return, of one cutover", () => {
  beforeEach(switched);

  test("once confirmed, it stays: the return does nothing", () => {
    expect(confirm()).toMatchObject({ status: 0, stderr: "" });
    expect(giveBack()).toMatchObject({ status: 0, stderr: "" });
    expect(readlinkSync(app("current.sock"))).toBe("releases/22.sock");
    expect(readlinkSync(app("previous.sock"))).toBe("releases/11.sock");
    expect(existsSync(app("unconfirmed"))).toBe(false);
  });

  test("once returned, the confirmation is told so", () => {
    expect(giveBack()).toMatchObject({ status: 0, stderr: "" });
    expect(confirm()).toMatchObject({
      status: 1,
      stderr: "the host has taken the cutover back, because it was not confirmed in time\n",
    });
    expect(readlinkSync(app("current.sock"))).toBe("releases/11.sock");
    expect(existsSync(app("previous.sock"))).toBe(false);
    expect(existsSync(app("unconfirmed"))).toBe(false);
  });

  test("at the same moment, one of them wins and the other knows", () => {
    host.program("confirm", readRepositoryFile("host/rollout/confirm.sh"));
    host.program("give-back", readRepositoryFile("rootfs/releases/usr/local/lib/{{app}}/return-unconfirmed"));
    const race = `
      cd /var/lib/app
      for round in {1..30}; do
        ln -sfn releases/22.sock current.sock; rm -f previous.sock
        echo "11 22 99999999999 deploy-1" >unconfirmed
        { sleep 0.00$((RANDOM % 10)); give-back app now; } & back=$!
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

describe("rollout/stand-down.sh", () => {
  beforeEach(() => {
    host.program("docker", '#!/bin/sh\necho "$*" >>"$PRIVATE_HOST/docker-calls"\n');
  });
  const standDown = (release: string): string | undefined => {
    expect(host.run("rollout/stand-down.sh", ["app", release, "30"])).toMatchObject({ status: 0, stderr: "" });
    return host.text("docker-calls");
  };

  test("stops the container of a release that nobody asked for", () => {
    switched();
    expect(standDown("33")).toBe("stop --time 30 app-33\n");
  });

  test.each(["11", "22"])("leaves release %s of a cutover that waits to be confirmed", (release) => {
    switched();
    expect(standDown(release)).toBeUndefined();
  });

  test("leaves the one that serves and the one that served before", () => {
    symlinkSync("releases/22.sock", app("current.sock"));
    symlinkSync("releases/11.sock", app("previous.sock"));
    expect(standDown("22")).toBeUndefined();
    expect(standDown("11")).toBeUndefined();
  });

  test("leaves the one that the holder of the lock rolls out", () => {
    host.write("/run/lock/app-rollout.lock.holder", "me@here since now (rollout of app a0000aa, release 33)\n");
    expect(standDown("33")).toBeUndefined();
  });
});
