import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { repositoryRoot } from "../../repository";
import { docker } from "../../rehearsal/world/docker";
import { worldLabel } from "../../rehearsal/world/network";
import { run } from "../../rehearsal/world/run";
import {
  ensureWorld,
  findWorld,
  powerOffVps,
  removeWorld,
  restartVps,
  sshCommand,
  startService,
  startVps,
  stopService,
  type World,
} from "../../rehearsal/world/world";

const baseImage = "debian:bookworm";
const first = { checkout: repositoryRoot, suffix: "world-test" };
const second = { checkout: repositoryRoot, suffix: "world-test-second" };
const quietly = (): void => undefined;

let world: World;
beforeAll(async () => {
  world = await ensureWorld(first, quietly);
});
afterAll(async () => {
  await removeWorld(first, quietly);
  await removeWorld(second, quietly);
});

const onVps = (script: string, at: World = world): Promise<string> =>
  run([...sshCommand(at), "bash", "-euo", "pipefail", "-s"], { seconds: 120, input: script }).then((text) =>
    text.trim(),
  );

/** Pushes the base image as `<registry>/test/<name>`. @returns its name with the digest */
async function push(name: string): Promise<string> {
  const reference = `${world.registry.address}/test/${name}`;
  await docker(["tag", baseImage, `${reference}:1`]);
  const pushed = await docker(["push", `${reference}:1`], 120);
  await docker(["rmi", `${reference}:1`]);
  return `${reference}@${/sha256:[0-9a-f]{64}/.exec(pushed.split("digest: ")[1] ?? "")?.[0] ?? "no digest"}`;
}

async function partsOf(name: string): Promise<readonly string[]> {
  const label = ["--quiet", "--filter", `label=${worldLabel(name)}`];
  const lists = [
    ["container", "ls", "--all"],
    ["volume", "ls"],
    ["network", "ls"],
  ].map((words) => docker([...words, ...label]));
  return (await Promise.all(lists))
    .join("\n")
    .split("\n")
    .filter((id) => id !== "");
}

describe("ensureWorld", () => {
  test("starts a Debian server that accepts only the keys of root and deploy", async () => {
    expect(await onVps("systemctl is-system-running; id -un; . /etc/os-release; echo $VERSION_CODENAME")).toBe(
      "running\nroot\nbookworm",
    );
    const deploy = sshCommand(world).map((word) => word.replace("root@", "deploy@"));
    expect(await run([...deploy, "sudo -n id -un && docker ps --quiet"], { seconds: 20 })).toBe("root\n");
    const password = [...sshCommand(world).slice(0, -1), "-o", "PubkeyAuthentication=no", "root@127.0.0.1", "true"];
    await expect(run(password, { seconds: 20 })).rejects.toThrow("Permission denied (publickey");
  });

  test("takes only seconds and changes nothing if the world already runs", async () => {
    const started = performance.now();
    expect(await ensureWorld(first, quietly)).toEqual(world);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(await findWorld(first)).toEqual(world);
  });

  test("another host key is refused", async () => {
    const other = sshCommand(world).map((word) =>
      word.startsWith("UserKnownHostsFile=") ? "UserKnownHostsFile=/dev/null" : word,
    );
    await expect(run([...other, "true"], { seconds: 20 })).rejects.toThrow("Host key verification failed");
  });

  test("the VPS has the features that the program needs: private mounts, socket proxies, transient units, nftables", async () => {
    const script = `
      mkdir -p /tmp/staged/conf.d && echo 'nonsense;' >/tmp/staged/conf.d/broken.conf
      said=$(unshare -m sh -c 'mount -t overlay overlay -o lowerdir=/tmp/staged:/etc/nginx /etc/nginx && nginx -t' 2>&1 || true)
      grep --quiet 'unknown directive "nonsense"' <<<"$said"
      nginx -t 2>/dev/null
      test -x /lib/systemd/systemd-socket-proxyd
      systemd-run --quiet --wait true
      nft add table inet probe && nft delete table inet probe
      echo all`;
    expect(await onVps(script)).toBe("all");
  });

  test("a second world shares nothing with the first", async () => {
    const beside = await ensureWorld(second, quietly);
    expect(beside.vps.hostKey).not.toBe(world.vps.hostKey);
    const address = "ip -brief -4 address show eth0";
    expect(await onVps(address, beside)).not.toBe(await onVps(address));
    await removeWorld(second, quietly);
    expect(await findWorld(second)).toBeUndefined();
    expect(await onVps("echo still here")).toBe("still here");
  });
});

describe("the registry", () => {
  test("an image that this machine pushes has the same name on the VPS, and the VPS runs it within its limits", async () => {
    const image = await push("limits");
    const limited = `docker run --rm --memory 256m --memory-swap 256m --pids-limit 64 ${image}`;
    const script = `docker pull --quiet ${image}
      ${limited} sh -c 'head -c 100m /dev/zero | tail -c 1 >/dev/null; echo fits'
      ${limited} sh -c 'head -c 400m /dev/zero | tail >/dev/null' 2>/dev/null || echo "too much: $?"`;
    expect(await onVps(script)).toBe(`${image}\nfits\ntoo much: 137`);
  });

  test("a container's address answers on the VPS", async () => {
    const image = await push("network");
    const script = `docker network create --subnet 10.77.0.0/16 probe >/dev/null
      docker run --detach --name probe --network probe --ip 10.77.1.2 ${image} sleep 60 >/dev/null
      ping -c 1 -W 2 10.77.1.2 >/dev/null && echo answers
      docker rm --force probe >/dev/null; docker network rm probe >/dev/null`;
    expect(await onVps(script)).toBe("answers");
  });

  test("refuses connections while it is stopped, and has the same content after a start", async () => {
    const image = await push("kept");
    await stopService(world, "registry");
    await expect(docker(["pull", image])).rejects.toThrow("connection refused");
    await startService(world, "registry");
    expect(await onVps(`docker pull --quiet ${image}`)).toBe(image);
  });
});

describe("the ACME authority", () => {
  const domain = "memoryloop.test";
  const certbot = `certbot certonly --quiet --non-interactive --agree-tos --register-unsafely-without-email --webroot --webroot-path /var/www/html`;

  test("issues certificates for 90 days for any domain over port 80 of the VPS, and the VPS trusts them", async () => {
    const live = `/etc/letsencrypt/live/${domain}`;
    const script = `${certbot} --server ${world.acme.directoryUrl} --domain ${domain} --domain www.${domain}
      openssl verify -untrusted ${live}/chain.pem ${live}/cert.pem
      openssl x509 -in ${live}/cert.pem -noout -checkend $((89 * 86400)) >/dev/null && echo 'more than 89 days'
      openssl x509 -in ${live}/cert.pem -noout -checkend $((91 * 86400)) >/dev/null || echo 'less than 91 days'`;
    expect(await onVps(script)).toBe(`${live}/cert.pem: OK\nmore than 89 days\nless than 91 days`);
  });

  test("curl on this machine can use its root certificate", async () => {
    const site = `server { listen 443 ssl; ssl_certificate /etc/letsencrypt/live/${domain}/fullchain.pem; ssl_certificate_key /etc/letsencrypt/live/${domain}/privkey.pem; return 200 "tls\\n"; }`;
    await onVps(`echo '${site}' >/etc/nginx/sites-enabled/tls && systemctl reload nginx`);
    const port = world.vps.httpsPort;
    const curl = ["curl", "-sS", "--cacert", world.acme.caFile, "--resolve", `${domain}:${port}:127.0.0.1`];
    expect(await run([...curl, `https://${domain}:${port}/`], { seconds: 20 })).toBe("tls\n");
  });

  test("keeps its accounts and its root certificate after a network interruption", async () => {
    const roots = readFileSync(world.acme.caFile, "utf8");
    await stopService(world, "acme");
    await expect(onVps(`curl --silent --max-time 2 ${world.acme.directoryUrl}`)).rejects.toThrow("failed");
    await startService(world, "acme");
    expect(await onVps("certbot renew --quiet --force-renewal --no-random-sleep-on-renew && echo renewed")).toBe(
      "renewed",
    );
    await ensureWorld(first, quietly);
    expect(readFileSync(world.acme.caFile, "utf8")).toBe(roots);
  });
});

describe("restartVps", () => {
  test("after a reboot Docker and its containers run again, and the disk has the same content", async () => {
    const image = await push("survives");
    await onVps(
      `docker run --detach --init --restart unless-stopped --name survivor ${image} sleep infinity; touch /run/gone /opt/kept`,
    );
    await restartVps(world);
    expect(
      await onVps("docker inspect --format {{.State.Running}} survivor; ls /run/gone /opt/kept 2>/dev/null || true"),
    ).toBe("true\n/opt/kept");
  });
});

describe("powerOffVps", () => {
  test("after a power cut the VPS does not answer, and a start boots it again", async () => {
    await powerOffVps(world);
    expect(await findWorld(first)).toBeUndefined();
    await startVps(world);
    expect(await onVps("docker inspect --format {{.State.Running}} survivor; systemctl is-system-running")).toBe(
      "true\nrunning",
    );
  });

  test("ensureWorld boots it too", async () => {
    await powerOffVps(world);
    expect(await ensureWorld(first, quietly)).toEqual(world);
  });
});

describe("removeWorld", () => {
  test("removes everything of the world, and can be repeated", async () => {
    expect(await partsOf(world.name)).toHaveLength(8);
    await removeWorld(first, quietly);
    await removeWorld(first, quietly);
    expect(await partsOf(world.name)).toEqual([]);
    expect(await findWorld(first)).toBeUndefined();
  });
});
