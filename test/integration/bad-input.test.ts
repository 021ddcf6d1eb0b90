import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { serviceContainer } from "../../rehearsal/world/services";
import { docker } from "../../rehearsal/world/docker";
import { run } from "../../rehearsal/world/run";
import { startService, stopService } from "../../rehearsal/world/world";
import { TinyRegistry } from "../../rehearsal/test/conformance/support/tiny-registry";
import { DeployedWorld, type Ended } from "../../rehearsal/driver/deployed-world";

const good = "a0000aa";
let system: DeployedWorld;

beforeAll(async () => {
  system = await DeployedWorld.open();
  await system.release(good);
});

const folders = "/etc/nginx /etc/systemd/system /etc/letsencrypt/live /opt/memoryloop /var/lib/memoryloop";

/** Everything of the program on the server: files and links with owner, mode and time, containers, images. */
const everything = (): Promise<string> =>
  system.onVps(`{
    find ${folders} -not -type d -not -path '*/logs/*' -not -path '*/data/*' -not -name 'logs.state*' -printf '%p %y %m %U %T@ %l\\n' | sort
    docker ps --all --no-trunc --format '{{.Names}} {{.State}}'; docker image ls --no-trunc --quiet | sort
  } 2>/dev/null || true`);

const withValues = (values: Readonly<Record<string, unknown>>): Promise<Ended> =>
  system.up(good, system.otherCheckout(values));

/** Expects that the run failed with this reason and changed no resource. */
function expectRefusal({ code, output }: Ended, ...reasons: readonly string[]): void {
  for (const reason of reasons) expect(output).toContain(reason);
  expect(code).not.toBe(0);
  const touched = output.split("\n").filter((line) => /(created|updated|replaced|deleted) \(/.test(line));
  expect(touched.filter((line) => !line.includes("pulumi:providers:"))).toEqual([]);
}

describe("pulumi up refuses before it changes anything", () => {
  let before: string;
  beforeAll(async () => {
    before = await everything();
  });
  afterEach(async () => {
    expect(await everything()).toBe(before);
  });

  test("without an ssh agent", async () => {
    const ended = await system.up(good, { environment: { SSH_AUTH_SOCK: "" } });
    expectRefusal(ended, "no ssh agent: SSH_AUTH_SOCK is not set", "eval $(ssh-agent) && ssh-add");
  });

  test("with an agent without a key that the server accepts", async () => {
    const socket = join(mkdtempSync(join(tmpdir(), "agent-")), "s");
    const started = await run(["ssh-agent", "-a", socket], { seconds: 10 });
    const pid = /SSH_AGENT_PID=(\d+)/.exec(started)?.[1] ?? "";
    try {
      const ended = await system.up(good, { environment: { SSH_AUTH_SOCK: socket } });
      expectRefusal(ended, "the server refused every key of the ssh agent for user root", "ssh-add -l");
    } finally {
      process.kill(Number(pid));
    }
  });

  test("a server whose host key is not the pinned one", async () => {
    const other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtd3lRLtxH1qNzq0rTJmzvBCSZQ2YbgS8dzJ0EJ7wAB";
    expectRefusal(
      await withValues({ "host.hostKey": other }),
      "the server's host key is not the pinned one",
      "ssh-keyscan",
    );
  });

  test("a server without a pinned host key", async () => {
    expectRefusal(await withValues({ "host.hostKey": "" }), "host.hostKey: must be a public host key");
  });

  test("an unreachable server", async () => {
    expectRefusal(
      await withValues({ "host.port": 1 }),
      "connect to root@127.0.0.1:1: ECONNREFUSED",
      "ssh -p 1 root@127.0.0.1",
    );
  });

  test("a user without sudo", async () => {
    await system.onVps("mv /etc/sudoers.d/deploy /root/deploy.sudoers");
    try {
      const hint = `deploy must be root or have passwordless sudo: \`ssh -p ${system.world.vps.sshPort} deploy@127.0.0.1 sudo -n true\``;
      expectRefusal(
        await withValues({ "host.user": "deploy" }),
        "take the inventory of deploy@127.0.0.1: the server did not run the script; it said: sudo: a password is required",
        hint,
      );
    } finally {
      await system.onVps("mv /root/deploy.sudoers /etc/sudoers.d/deploy");
    }
  });

  test("a server with another system, a full disk, and port 80 in use: one report", async () => {
    await system.onVps(`set -e
      sed 's/^ID=.*/ID=alpine/' /etc/os-release >/run/os-release && mount --bind /run/os-release /etc/os-release
      mount -t tmpfs -o size=16m none /opt
      systemctl stop nginx && systemd-run --quiet --collect --unit squatter python3 -m http.server 80
      until ss --no-header --listening --tcp 'sport = :80' | grep -q .; do sleep 0.1; done`);
    try {
      expectRefusal(
        await withValues({ "host.user": "deploy" }),
        "the server runs alpine 12; Debian 12 or newer, or Ubuntu 24.04 or newer, is needed",
        "reinstall the server with one of them",
        "16 MB are free on /opt, 2048 are needed",
        "du -xh /opt | sort -h | tail   shows what takes them",
        "port 80 belongs to python3",
        "systemctl disable --now python3",
        "fix these and run `pulumi up` again; nothing was changed",
      );
    } finally {
      await system.onVps("systemctl stop squatter; systemctl start nginx; umount /opt /etc/os-release");
    }
  });

  test("an image tag that the registry does not have", async () => {
    expectRefusal(
      await system.up("c0ffee0", system.otherCheckout()),
      `memoryloop:c0ffee0: got bad response from registry: 404 Not Found`,
      "push it, or deploy a tag that it has: pulumi up -c imageTag=<commit sha>",
    );
  });

  test("a registry that requires a login", async () => {
    const registry = await TinyRegistry.start("basic");
    const image = { repository: `${registry.address}/o/app`, registry: `http://${registry.address}` };
    try {
      expectRefusal(
        await system.up("c0ffee0", system.otherCheckout({ image })),
        `look up image ${registry.address}/o/app:c0ffee0: bad credentials: 401 Unauthorized`,
        "log in to the registry: pulumi config set --path image.username <user>; pulumi config set --secret REGISTRY_TOKEN",
      );
    } finally {
      registry.stop();
    }
  });

  test("a registry that is down", async () => {
    await stopService(system.world, "registry");
    try {
      expectRefusal(
        await system.up("c0ffee0", system.otherCheckout()),
        "Error during registry request",
        "try again when the registry answers. A rollback needs no registry",
      );
    } finally {
      await startService(system.world, "registry");
    }
  });

  test("a configuration with several mistakes: one report names all", async () => {
    const ended = await withValues({ "app.name": "Memory Loop", "network.subnet": "10.0.0.0/8" });
    expectRefusal(ended, "has 2 problem(s)", "app.name: lower case letters", "network.subnet: a /16 network");
  });
});

describe("a first deployment without a tag", () => {
  test("prints the next command", async () => {
    const stack = ["--stack", "organization/memoryloop-infra/untagged"];
    await system.pulumiRun(["stack", "init", "untagged"], { cwd: system.world.folder, stackArguments: [] });
    // An app that this server does not have: the program keeps the release of one that it has.
    const fresh = system.otherCheckout({
      "app.name": "fresh",
      "app.domain": "fresh.test",
      "network.subnet": "10.214.0.0/16",
    });
    const ended = await system.pulumiRun(["preview"], { ...fresh, stackArguments: stack });
    expect(ended.output).toContain("no image tag: nothing is deployed yet");
    expect(ended.output).toContain("pulumi up -c imageTag=<commit sha of a pushed image>");
    expect(ended.code).not.toBe(0);
  });
});

describe("a new domain whose DNS entry points to another server", () => {
  const elsewhere = "elsewhere.test";
  const tellDns = (address: string): Promise<string> => {
    const entry = JSON.stringify({ host: elsewhere, addresses: [address] });
    const authority = serviceContainer(system.world.name, "acme");
    return docker(["exec", authority, "curl", "-s", "-d", entry, "http://localhost:8055/add-a"]);
  };

  test("is refused: the message quotes the authority, and site, containers and files do not change", async () => {
    await system.deploy(good);
    const before = await everything();
    await tellDns("127.0.0.1");
    const { code, output } = await withValues({ "app.domain": elsewhere, accept: "domain" });
    expect(code).not.toBe(0);
    expect(output).toMatch(/issue certificate elsewhere.test: [^]*Type: +connection[^]*connection refused/);
    expect(output).toContain(
      "next: check that port 80 is open to the world and nginx runs: curl -v http://elsewhere.test",
    );
    expect(await everything()).toBe(before);
    expect((await system.health()).body["version"]).toBe(good);
    await system.deploy(good);
  });
});
