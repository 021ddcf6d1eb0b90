// The scripts run with real files; `docker` answers from files.
import { mkdirSync, symlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readRepositoryFile } from "../../../repository";
import { PrivateHost } from "../../support/private-host";

const docker = `#!/bin/bash
printf '%s\\n' "$*" >>"$PRIVATE_HOST/asked"
case "$1 $2" in
  'service inspect') cat "$PRIVATE_HOST/replicas" ;;
  'service ps') cat "$PRIVATE_HOST/tasks" ;;
  'node ls') cat "$PRIVATE_HOST/nodes" ;;
  'node inspect') cat "$PRIVATE_HOST/reachability" ;;
  'service ls' | 'secret ls') cat "$PRIVATE_HOST/listed" 2>/dev/null || true ;;
esac
`;

let host: PrivateHost;
beforeEach(() => {
  host = new PrivateHost();
  host.program("docker", docker);
  mkdirSync(host.path("var/lib/app/releases"), { recursive: true });
});
afterEach(() => {
  host.dispose();
});

const succeeded = { status: 0, stdout: "", stderr: "" };
const asked = (words: string): string[] =>
  (host.text("asked") ?? "").split("\n").filter((line) => line.startsWith(words));

describe("swarm/scale.sh", () => {
  beforeEach(() => {
    host.write("replicas", "3\n");
    host.write("nodes", "host Ready\nsecond Ready\nthird Down\n");
  });

  test("ends the tasks, and does not wait for those of a server that is off", () => {
    host.write("tasks", "third\n");
    expect(host.run("swarm/scale.sh", ["app", "11", "0", "5"])).toMatchObject(succeeded);
    expect(asked("service scale")).toEqual(["service scale --detach app-11=0"]);
    expect(asked("service ps")).toHaveLength(1);
  });

  test("waits for the tasks of the others until the time is up", () => {
    host.write("tasks", "second\nthird\n");
    expect(host.run("swarm/scale.sh", ["app", "11", "0", "3"])).toMatchObject(succeeded);
    expect(asked("service ps").length).toBeGreaterThan(1);
  });

  test("starts nothing twice", () => {
    expect(host.run("swarm/scale.sh", ["app", "11", "3", "0"])).toMatchObject(succeeded);
    expect(asked("service scale")).toEqual([]);
  });
});

describe("swarm/update.sh", () => {
  const update = (role: string) => host.run("swarm/update.sh", ["node-2", role, "servers-1"]);

  test("gives a worker its label, and does not wait", () => {
    expect(update("worker")).toMatchObject(succeeded);
    expect(asked("node update").at(-1)).toBe(
      "node update --role worker --availability active --label-add servers-1=yes node-2",
    );
    expect(asked("node inspect")).toEqual([]);
  });

  test("waits until a manager takes part", () => {
    host.write("reachability", "unknown\n");
    host.program("sleep", '#!/bin/sh\necho reachable >"$PRIVATE_HOST/reachability"\n');
    expect(update("manager")).toMatchObject(succeeded);
    expect(asked("node inspect")).toHaveLength(2);
  });

  test("says which manager the others do not reach", () => {
    host.write("reachability", "unreachable\n");
    host.program("sleep", "#!/bin/sh\n");
    expect(update("manager")).toMatchObject({
      status: 1,
      stderr: "node node-2 is a manager, and the others do not reach it after 40 s\n",
    });
  });
});

describe("stray/clear-service.sh", () => {
  const clear = (kind: string, name: string) => host.run("stray/clear-service.sh", ["app", kind, name]);

  test("removes the service that a killed run left", () => {
    host.write("listed", "abc\n");
    expect(clear("service", "app-22")).toMatchObject(succeeded);
    expect(asked("service rm")).toEqual(["service rm app-22"]);
  });

  test("removes the secret of a killed run after the service that uses it", () => {
    host.write("listed", "abc\n");
    expect(clear("secret", "app-env-22")).toMatchObject(succeeded);
    expect(asked("").filter((line) => line.includes(" rm "))).toEqual(["service rm app-22", "secret rm app-env-22"]);
  });

  test("does nothing where nothing is left", () => {
    expect(clear("service", "app-22")).toMatchObject(succeeded);
    expect(asked("service rm")).toEqual([]);
  });

  test("never removes the service that serves", () => {
    host.write("listed", "abc\n");
    symlinkSync("releases/22.sock", host.path("var/lib/app/current.sock"));
    expect(clear("service", "app-22")).toMatchObject({ status: 1, stderr: "the service app-22 serves\n" });
    expect(asked("service rm")).toEqual([]);
  });
});

// A release that listens, ends, and listens again; `way` prints the state of the way each time.
const play = `
port=$1
mkdir -p /run/app-task
unset NODE_EXTRA_CA_CERTS
listen() { node -e "require('node:net').createServer((s) => s.end()).listen($port, '127.0.0.1')" & server=$!; }
is() { if [ -L /run/app-task/current.sock ]; then echo open; else echo closed; fi; }
way() { for _ in {1..60}; do if [ "$(is)" = "$1" ]; then echo "$1"; return; fi; sleep 0.1; done; echo "not $1"; }
bash -c "$2" - app & follower=$!
sleep 1; way closed
listen; way open
kill $server; wait $server || true; way closed
listen; way open
ln -sfn releases/22.sock /var/lib/app/current.sock; way closed
kill $server $follower
`;

describe("follow-task", () => {
  test("opens the way to the active release while it accepts connections, and closes it otherwise", () => {
    const port = 20_000 + (process.pid % 10_000);
    symlinkSync("releases/11.sock", host.path("var/lib/app/current.sock"));
    host.write("/var/lib/app/releases/11.target", `TARGET=127.0.0.1:${port}\nIMAGE_TAG=aaaaaaa\n`);
    host.write("/var/lib/app/releases/22.target", "TARGET=127.0.0.1:1\n");
    const script = readRepositoryFile("rootfs/cluster-task/usr/local/lib/{{app}}/follow-task");
    const { stdout, stderr } = host.bash(play, ["play", String(port), script]);
    expect({ stdout, stderr }).toEqual({ stdout: "closed\nopen\nclosed\nopen\nclosed\n", stderr: "" });
  });
});
