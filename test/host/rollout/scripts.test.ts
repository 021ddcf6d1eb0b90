import { existsSync, mkdirSync, readlinkSync, symlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readRepositoryFile } from "../../../repository";
import { parseInventory } from "../../../host/inventory/inventory";
import { parseRecords } from "../../../host/rollout/records";
import { parseHostState } from "../../../host/rollout/host-state";
import { deployment } from "../../support/deployment";
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

const confirm = (previous = "11") => host.run("rollout/confirm.sh", ["app", "22", previous]);
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

  test("without a rollback target the confirm removes an old one", () => {
    symlinkSync("releases/00.sock", app("previous.sock"));
    expect(confirm("")).toMatchObject({ status: 0, stderr: "" });
    expect(existsSync(app("previous.sock"))).toBe(false);
  });

  test("the revert restores the environment that the marker names, and updates the record", () => {
    host.write("/var/lib/app/unconfirmed", "11 22 99999999999 deploy-1 e11\n");
    host.write("/var/lib/app/deployments/deploy-1.json", JSON.stringify(deployment({ status: "in_progress" })));
    expect(revertNow()).toMatchObject({ status: 0, stderr: "" });
    expect(readlinkSync(host.path("opt/app/config/.env.production"))).toBe("releases/e11.env");
    expect(JSON.parse(host.text("var/lib/app/deployments/deploy-1.json") ?? "")).toMatchObject({
      status: "rolled_back",
      reason: "the cutover was not confirmed in time: the server reverted it",
    });
  });

  test("a marker of an earlier version names no environment: its file has the name of the release", () => {
    expect(revertNow()).toMatchObject({ status: 0, stderr: "" });
    expect(readlinkSync(host.path("opt/app/config/.env.production"))).toBe("releases/11.env");
  });

  test("a record that cannot be read does not stop the revert", () => {
    host.write("/var/lib/app/deployments/deploy-1.json", '{ "id": "dep');
    expect(revertNow().status).toBe(0);
    expect(readlinkSync(app("current.sock"))).toBe("releases/11.sock");
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
        sleep 0.00$((RANDOM % 10)); told=confirmed; confirm app 22 11 2>/dev/null || told=refused
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
  /** The result on a server where the proxy passes on the last words once it was asked this often whether it has. */
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

/** A `docker` that answers from a table in files, notes each call, and keeps which images are left. */
const docker = `#!/bin/bash
printf '%s\\n' "$*" >>"$PRIVATE_HOST/docker-calls"
case "$1 $2" in
  "ps --all") cat "$PRIVATE_HOST/ids" 2>/dev/null ;;
  "inspect --format") cat "$PRIVATE_HOST/inspected" 2>/dev/null ;;
  "image ls") cat "$PRIVATE_HOST/images" ;;
esac
`;
const dockerCalls = (): string[] => (host.text("docker-calls") ?? "").trim().split("\n");

describe("rollout/start.sh", () => {
  beforeEach(() => {
    host.program("docker", docker);
  });
  /** The calls of docker that change something, given each container's name, limit of processes and address. */
  function started(...containers: string[]): string[] {
    host.write("inspected", `${containers.join("\n")}\n`);
    expect(host.run("rollout/start.sh", ["app", "33", "3000", "512"])).toMatchObject({ status: 0, stderr: "" });
    return dockerCalls().filter((call) => !/^(ps|inspect)/.test(call));
  }

  test("limits the processes before the container starts", () => {
    expect(started("app-22 512 10.213.0.22", "app-33 0 10.213.0.33")).toEqual([
      "update --pids-limit 512 app-33",
      "start app-33",
    ]);
    expect(host.text("var/lib/app/releases/33.target")).toBe("TARGET=10.213.0.33:3000\n");
  });

  test("leaves a limit that is right", () => {
    expect(started("app-33 512 10.213.0.33")).toEqual(["start app-33"]);
  });

  test("gives another address to a container whose address is taken", () => {
    const calls = started("app-11 512 10.213.1.0", "app-22 512 10.213.0.255", "app-33 512 10.213.0.255");
    expect(calls).toEqual([
      "network disconnect app app-33",
      "network connect --ip 10.213.1.1 app app-33",
      "start app-33",
    ]);
    expect(host.text("var/lib/app/releases/33.target")).toBe("TARGET=10.213.1.1:3000\n");
  });

  test("never gives the addresses of network, gateway and broadcast", () => {
    expect(started("app-22 512 10.213.255.254", "app-33 512 10.213.255.254")).toContain(
      "network connect --ip 10.213.0.2 app app-33",
    );
  });
});

describe("rollout/prune.sh", () => {
  test("removes the images that neither a container uses nor the list names, by their digest", () => {
    host.program("docker", docker);
    host.write("ids", "1\n");
    host.write("inspected", "sha256:i1\n");
    const images = ["sha256:d1 sha256:i1", "sha256:d2 sha256:i2", "sha256:d3 sha256:i3", "<none> sha256:i4"];
    host.write("images", `${images.join("\n")}\n`);
    expect(host.run("rollout/prune.sh", ["app", "ghcr.io/owner/app", "sha256:d2 sha256:d9"])).toMatchObject({
      status: 0,
      stderr: "",
    });
    expect(dockerCalls().filter((call) => call.startsWith("image rm"))).toEqual([
      "image rm --force sha256:i4",
      "image rm ghcr.io/owner/app@sha256:d3",
    ]);
  });

  test("removes a release's environment file, unless another container uses it", () => {
    host.program(
      "docker",
      docker.replace(
        '"inspect --format")',
        '"inspect --format") [ "$4" != app-11 ] || { echo /opt/app/config/releases/e1.env; exit; };',
      ),
    );
    const file = "/opt/app/config/releases/e1.env";
    const set = "/var/lib/vps-plugin/sets/app-environment-e1/taken";
    const prune = () => host.run("rollout/prune.sh", ["app", "ghcr.io/owner/app", "", "11"]);
    host.write(file, "A=b\n");
    host.write(set, "");
    host.write("images", "");
    host.write("ids", "1\n");
    host.write("inspected", "/opt/app/config/releases/e1.env\n");
    expect(prune()).toMatchObject({ status: 0, stderr: "" });
    expect(host.text(file)).toBe("A=b\n");
    host.write("inspected", "/opt/app/config/releases/e2.env\n");
    expect(prune()).toMatchObject({ status: 0, stderr: "" });
    expect(host.text(file)).toBeUndefined();
    expect(host.text(set)).toBeUndefined();
  });
});

describe("the records of a server", () => {
  function read() {
    host.program("docker", "#!/bin/sh\n");
    const observed = host.run("rollout/observe.sh", ["app"]);
    expect(observed).toMatchObject({ status: 0, stderr: "" });
    host.write("/etc/os-release", "ID=debian\nVERSION_ID=12\n");
    const looked = host.run("inventory/inventory.sh", ["app"]);
    expect(looked).toMatchObject({ status: 0, stderr: "" });
    const inventory = parseInventory(looked.stdout);
    const records = (inventory?.record ?? []).map(({ file, content }) => `${file}\t${content}`).join("\n");
    return [parseHostState(observed.stdout), { active: inventory?.active.release, ...parseRecords(records) }] as const;
  }

  test("are none on a new server", () => {
    for (const found of read()) expect(found).toMatchObject({ active: "", records: [], unreadableRecords: [] });
  });

  /** The findings of both readers, with records that a power cut left half written, empty or full of zeros. */
  function found() {
    const good = (id: string): string => JSON.stringify(deployment({ id, release: "22" }), undefined, 2);
    host.write("/var/lib/app/deployments/deploy-1.json", good("deploy-1"));
    host.write("/var/lib/app/deployments/deploy-2.json", good("deploy-2").slice(0, 100));
    host.write("/var/lib/app/deployments/deploy-3.json", "");
    host.write("/var/lib/app/deployments/deploy-4.json", "\0".repeat(500));
    host.write("/var/lib/app/deployments/deploy-5.json", good("deploy-5"));
    switched();
    return read();
  }

  test("are read one by one: each bad one is named, and the others are read", () => {
    for (const { records, unreadableRecords } of found()) {
      expect(records.map(({ id }) => id)).toEqual(["deploy-1", "deploy-5"]);
      expect([...unreadableRecords].sort()).toEqual(["deploy-2.json", "deploy-3.json", "deploy-4.json"]);
    }
  });

  test("an inventory in which one part fails has no last line, and leaves no file behind", () => {
    const script = readRepositoryFile("host", "inventory/inventory.sh");
    // This host has no /etc/os-release.
    const looked = host.bash(`(${script}); echo "code $?; left: $(find /run -name 'tmp.*')"`, ["inventory.sh", "app"]);
    expect(looked.stdout).toBe("begin\ncode 1; left: \n");
    expect(parseInventory(looked.stdout)).toBeUndefined();
  });

  test("preflight names the release that serves after the revert of an unconfirmed cutover", () => {
    const [state, looked] = found();
    expect(state).toMatchObject({ active: "22", unconfirmed: { from: "11", to: "22" } });
    expect(looked.active).toBe("11");
  });
});
