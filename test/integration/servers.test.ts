import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BackupCommands } from "../../host/backup/backup-commands";
import { pooledShells, type SshShell } from "../../host/ssh/ssh-shell";
import { readStack } from "../../ops/stack";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";
import type { PulumiRun } from "../../rehearsal/pulumi";
import type { HostKind } from "../../rehearsal/world/hosts";
import { run } from "../../rehearsal/world/run";
import { removeWorld, restartVps } from "../../rehearsal/world/world";
import { repositoryRoot } from "../../repository";
import { watchNeighbours } from "../support/neighbours";
import { readServerState, stateDifferences } from "../support/server-state";

// The whole life of an app on each kind of server that docs/servers.md calls tested.

const [first, second] = ["a0000aa", "b0000bb"] as const;
const quietly = (): void => undefined;

interface Server {
  readonly kind: HostKind;
  /** The decisions of the server's owner in the stack file. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The packages were there before, so a destroy leaves the files as they were. */
  readonly furnished: boolean;
}

const servers: readonly Server[] = [
  { kind: "used", values: { "host.adopt": ["nginx"], "host.allow": ["9000/tcp"] }, furnished: true },
  { kind: "ufw", values: { "host.adopt": ["firewall"] }, furnished: true },
  { kind: "firewalld", values: { "host.adopt": ["firewall"] }, furnished: true },
  { kind: "debian-13", values: {}, furnished: false },
  { kind: "fresh-12", values: {}, furnished: false },
  { kind: "sudo-user", values: {}, furnished: true },
  { kind: "sudo-user-13", values: {}, furnished: false },
];

/** The parts of the server that docs/servers.md lists as kept by a destroy. */
const kept = [
  /^(path|content) \/etc\/letsencrypt\/(accounts|csr|keys|(archive|live|renewal)\/memoryloop\.test)/,
  // certbot makes them at its first run.
  /^(path|content) \/etc\/letsencrypt\/(archive|live|renewal|renewal-hooks|renewal-hooks\/(pre|post)|live\/README) /,
  /^(path|content) \/etc\/ssh\/(ssh_host_rsa4096_key|moduli-3072)/,
  /^(path|content) \/etc\/g(roup|shadow)-? /,
  /^(path|content) \/usr\/local\/bin\/rclone /,
  // firewalld writes a zone into this folder at its first change, and keeps the file.
  /^(path|content) \/etc\/firewalld\/zones\/public\.xml/,
  /^image 127\.0\.0\.1:/,
  /^nft \s*oifname "docker0" fib saddr type local counter masquerade$/,
];

const isKept = (difference: string): boolean => kept.some((pattern) => pattern.test(difference.slice(2)));

describe.each(servers.map((server) => [server.kind, server] as const))("a server %s", (kind, { values, furnished }) => {
  const options = { checkout: repositoryRoot, suffix: `server-${kind}` };
  const isUsed = kind === "used";
  let system: DeployedWorld;
  let stack: PulumiRun;
  let stackFile: string;
  let shell: SshShell;
  let backups: BackupCommands;
  let before: string;

  const state = (): Promise<string> => system.onVps(readServerState);
  const isShopRunning = (): Promise<string> => system.onVps("docker inspect --format '{{.State.Running}}' shop");
  const version = async (): Promise<unknown> => (await system.health()).body["version"];

  /** The work, while the services of others on a used server are asked. Each answer must be right. */
  async function unharmed(work: () => Promise<unknown>): Promise<void> {
    if (!isUsed) {
      await work();
      return;
    }
    const { wrong, rounds } = await watchNeighbours(system.world, work);
    expect(wrong).toEqual([]);
    expect(rounds).toBeGreaterThan(0);
  }

  function ops(...words: string[]): Promise<string> {
    const line = [process.execPath, "dist/ops.cjs", ...words, "--config-file", stackFile];
    const environment = { PATH: process.env["PATH"] ?? "", SSH_AUTH_SOCK: system.world.agentSocket };
    return run(line, { cwd: repositoryRoot, environment, seconds: 120 });
  }

  beforeAll(async () => {
    await removeWorld(options, quietly);
    system = await DeployedWorld.open(options.suffix, kind);
    stack = system.otherCheckout(values);
    stackFile = stack.environment?.["PULUMI_OPTION_CONFIG_FILE"] ?? "";
    process.env["SSH_AUTH_SOCK"] = system.world.agentSocket;
    const { connection, app } = readStack("rehearsal", stackFile);
    shell = pooledShells()(connection);
    backups = new BackupCommands(shell, app.name);
    await system.release(first);
    await system.release(second);
    before = await state();
  });
  afterAll(async () => {
    await shell.close();
    await removeWorld(options, quietly);
  });

  test.runIf(isUsed)("is refused without its owner's decisions, with every question, and stays as it is", async () => {
    const { code, output } = await system.up(first);
    expect(code).not.toBe(0);
    expect(output).toContain("nginx has files of others: /etc/nginx/sites-enabled/blog, /etc/nginx/conf.d/shop.conf");
    expect(output).toContain("the firewall would close 9000/tcp (busybox)");
    // ufw lets the site in, so it is no question.
    expect(output).not.toMatch(/ufw is active|nftables table/);
    expect(stateDifferences(before, await state())).toEqual([]);
  });

  test.runIf(kind === "ufw" || kind === "firewalld")(
    "is refused without its owner's decision, and stays as it is",
    async () => {
      const { code, output } = await system.up(first);
      expect(code).not.toBe(0);
      expect(output).toContain(`${kind} is active and blocks port 80 and 443`);
      expect(stateDifferences(before, await state())).toEqual([]);
    },
  );

  test("up deploys, and a second release", async () => {
    await unharmed(async () => {
      await system.deploy(first, stack);
      await system.deploy(second, stack);
    });
    expect(await version()).toBe(second);
    const { code, output } = await system.up(undefined, { ...stack, extraWords: ["--expect-no-changes"] });
    expect(code, output).toBe(0);
  });

  test("a rollback makes the first release active again, with ops and with up", async () => {
    await unharmed(() => ops("rollback", "--now"));
    expect(await version()).toBe(first);
    await unharmed(async () => {
      // The state learns of the rollback first.
      await system.deploy(undefined, stack);
      await system.deploy(second, stack);
      await system.deploy(first, stack);
    });
    expect(await version()).toBe(first);
  });

  test("a backup is verified, and a restore puts its rows into place", async () => {
    await system.addItem("one");
    const rows = await system.countItems();
    await unharmed(() => backups.backup("daily"));
    await system.addItem("later");
    await unharmed(() => backups.restoreInPlace("latest"));
    expect(await system.countItems()).toBe(rows);
  });

  test("a renewal is served at once", async () => {
    const { domain } = system.world;
    const served = (): Promise<string> =>
      system.onVps(
        `openssl s_client -connect 127.0.0.1:443 -servername ${domain} </dev/null 2>/dev/null | openssl x509 -noout -serial`,
      );
    const earlier = await served();
    await unharmed(() =>
      system.onVps(`certbot -q renew --cert-name ${domain} --force-renewal --no-random-sleep-on-renew`),
    );
    expect(await served()).not.toBe(earlier);
  });

  test("a reboot brings everything up, and nothing is to change", async () => {
    await restartVps(system.world);
    await expect.poll(async () => (await system.health()).status, { timeout: 60_000 }).toBe(200);
    await unharmed(async () => {
      const { code, output } = await system.pulumiRun(["preview", "--refresh", "--expect-no-changes"], stack);
      expect(code, output).toBe(0);
    });
  });

  test("a destroy leaves the server as it was, except for the parts that are kept", async () => {
    await system.pulumiRun(["state", "unprotect", "--all", "--yes"], stack);
    // B2 deletes no bucket that has backups.
    await system.forget("b2:index/bucket:Bucket");
    await unharmed(async () => {
      const { code, output } = await system.pulumiRun(["destroy", "--yes", "--skip-preview"], stack);
      expect(code, output).toBe(0);
    });
    // A running container keeps Docker from a restart, so its earlier settings hold from the next boot on.
    await restartVps(system.world);
    if (isUsed) await expect.poll(isShopRunning, { timeout: 60_000 }).toBe("true");
    const differences = stateDifferences(before, await state()).filter((one) => !isKept(one));
    const ours = /memoryloop|vps(-plugin)?[./ ]|\/vps$/;
    expect(differences.filter((one) => furnished || ours.test(one))).toEqual([]);
  });
});
