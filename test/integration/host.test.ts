import { beforeAll, describe, expect, test } from "vitest";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";

const tag = "4057000";

let system: DeployedWorld;
beforeAll(async () => {
  system = await DeployedWorld.open();
  await system.release(tag);
  await system.deploy(tag);
});

/** The entries of a folder: kind, mode, owner, path, target. Names that change with every deployment are replaced by a fixed word. */
async function tree(folder: string, tests = ""): Promise<string[]> {
  const found = await system.onVps(`cd ${folder} && find . -mindepth 1 ${tests} -printf '%y %m %u:%g %P %l\\n'`);
  const lines = found.split("\n").map((line) =>
    line
      .trim()
      .replace(/[0-9a-f]{8}\.env/, "RELEASE.env")
      .replace(/(\w)\d+\.pem$/, "$1N.pem"),
  );
  return [...new Set(lines)].toSorted();
}

describe("data-model.md on the server", () => {
  test("section 3: /opt/memoryloop", async () => {
    expect(await tree("/opt/memoryloop", "-not -path './data/*' -not -path './logs/app/*' -not -name backup.env"))
      .toMatchInlineSnapshot(`
      [
        "d 700 root:root backups",
        "d 700 root:root backups/staging",
        "d 711 root:root scratch",
        "d 750 1001:1001 data",
        "d 755 root:root config",
        "d 755 root:root config/releases",
        "d 755 root:root logs",
        "d 755 root:root logs/app",
        "f 400 1001:1001 config/releases/RELEASE.env",
        "f 644 root:root identity",
        "l 777 root:root certs /etc/letsencrypt/live/memoryloop.test",
        "l 777 root:root config/.env.production releases/RELEASE.env",
      ]
    `);
  });

  test("section 4: nginx's own configuration, the site and the snippets; no other site is enabled", async () => {
    const ours = "-name nginx.conf -o -path './sites-enabled/*' -o -name memoryloop.conf -o -name 's*-*.conf'";
    expect(await tree("/etc/nginx", `\\( ${ours} \\)`)).toMatchInlineSnapshot(`
      [
        "f 644 root:root nginx.conf",
        "f 644 root:root sites-available/memoryloop.conf",
        "f 644 root:root snippets/security-headers-unless-app.conf",
        "f 644 root:root snippets/security-headers.conf",
        "f 644 root:root snippets/ssl-params.conf",
        "l 777 root:root sites-enabled/memoryloop.conf ../sites-available/memoryloop.conf",
      ]
    `);
  });

  test("section 6: the output says whether OCSP responses are stapled", async () => {
    expect((await system.outputs())["ocspStapling"]).toBe("not offered by the CA");
  });

  test("section 4: the certificates and their renewal", async () => {
    const { domain } = system.world;
    expect(await tree("/etc/letsencrypt", `\\( -path './live/${domain}/*.pem' -o -path './renewal/*' \\)`))
      .toMatchInlineSnapshot(`
      [
        "f 600 root:root renewal/memoryloop.test.conf",
        "l 777 root:root live/memoryloop.test/cert.pem ../../archive/memoryloop.test/certN.pem",
        "l 777 root:root live/memoryloop.test/chain.pem ../../archive/memoryloop.test/chainN.pem",
        "l 777 root:root live/memoryloop.test/fullchain.pem ../../archive/memoryloop.test/fullchainN.pem",
        "l 777 root:root live/memoryloop.test/privkey.pem ../../archive/memoryloop.test/privkeyN.pem",
      ]
    `);
  });
});

describe("a user without root", () => {
  const asNobody = "setpriv --reuid=nobody --regid=nogroup --clear-groups find";
  const foundByNobody = (words: string): Promise<string> => system.onVps(`${asNobody} ${words} 2>/dev/null || true`);

  test("reads no file for secrets: of the releases, the backups and the certificate", async () => {
    const certificates = "/etc/letsencrypt/live /etc/letsencrypt/archive /etc/letsencrypt/accounts";
    const files = `/opt/memoryloop/config ${certificates} /opt/memoryloop/backups -type f`;
    expect(await foundByNobody(`${files} -readable`)).toBe("");
    // This proves that there is something to read.
    expect(await system.onVps(`find ${files} -readable`)).toContain(".env");
  });

  test("writes no socket, no record and no setting, and reaches no Docker", async () => {
    const files = "/var/lib/memoryloop /opt/memoryloop /etc/nginx /etc/systemd /usr/local/lib /run/docker.sock";
    expect(await foundByNobody(`${files} -writable ! -type l`)).toBe("");
    expect(await system.onVps(`find ${files} -type s`)).toContain("docker.sock");
  });
});

test("the app's log has long lines without a cut", async () => {
  const image = await system.onVps(`docker ${serving} --format '{{.Image}}'`);
  const long = `--entrypoint node ${image} --eval 'console.log("long" + "x".repeat(5000))'`;
  await system.onVps(`docker run --rm --log-driver journald --log-opt tag=memoryloop ${long}
    sleep 1; systemctl start memoryloop-logs.service`);
  expect(await system.onVps("grep --no-filename -o 'longx*' /opt/memoryloop/logs/app/*.log")).toBe(
    `long${"x".repeat(5000)}`,
  );
});

test("nginx prints no warning about its configuration", async () => {
  expect(await system.onVps("nginx -t -q 2>&1")).toBe("");
});

/** A part of the output of `docker inspect` and `docker network inspect`. */
interface Inspected {
  readonly Config: Record<string, unknown>;
  readonly HostConfig: Record<string, unknown> & { readonly SecurityOpt: readonly string[] };
  readonly Mounts: readonly { readonly Source: string; readonly Propagation: string }[];
  readonly NetworkSettings: { readonly Networks: object; readonly Ports: object };
  readonly State: { readonly Health?: object };
}

async function inspect<Inspection = Inspected>(words: string): Promise<Inspection> {
  const [inspected] = JSON.parse(await system.onVps(`docker ${words}`)) as Inspection[];
  if (inspected === undefined) throw new Error(`docker ${words} told nothing`);
  return inspected;
}

const serving = "inspect $(docker ps --quiet --filter label=app=memoryloop)";
/** Folders of the server that CIS 5.6 names. */
const sensitive = ["/", "/boot", "/dev", "/etc", "/lib", "/proc", "/sys", "/usr"];

describe("docker-bench-security, section 4 and 5, for the container of the active release", () => {
  let container: Inspected;
  beforeAll(async () => {
    container = await inspect(serving);
  });

  test("4.1, 4.6: the image names a user and a health check", async () => {
    const image = await inspect<{ Config: object }>(`image inspect $(docker ${serving} --format '{{.Image}}')`);
    expect(image.Config).toMatchObject({ User: "1001:1001", Healthcheck: { Test: expect.anything() as unknown } });
    expect(container.Config["User"]).toBe("1001:1001");
  });

  test("5.2, 5.3, 5.22, 5.26: no confinement is off, and no privilege can be gained", () => {
    expect(container.HostConfig.SecurityOpt).toEqual(["no-new-privileges"]);
  });

  test("5.4, 5.5, 5.18: no capability, no privilege, no device", () => {
    expect(container.HostConfig).toMatchObject({ CapDrop: ["ALL"], CapAdd: null, Privileged: false, Devices: null });
  });

  test("5.6, 5.20, 5.32: no system folder and no Docker socket is mounted, and no mount is shared", () => {
    const sources = container.Mounts.map(({ Source }) => Source);
    expect(sources.filter((source) => sensitive.includes(source) || source.endsWith("docker.sock"))).toEqual([]);
    expect(sources).toContain("/opt/memoryloop/data");
    expect(container.Mounts.filter(({ Propagation }) => Propagation.endsWith("shared"))).toEqual([]);
  });

  test("5.8, 5.9, 5.14: no port is published", () => {
    expect(container.NetworkSettings.Ports).toEqual({ "3000/tcp": null });
    expect(container.HostConfig).toMatchObject({ PortBindings: null, PublishAllPorts: false });
  });

  test("5.10, 5.16, 5.17, 5.21, 5.31: no namespace is shared with the server", () => {
    expect(container.HostConfig).toMatchObject({
      NetworkMode: "bridge",
      PidMode: "",
      IpcMode: "private",
      UTSMode: "",
      UsernsMode: "",
    });
  });

  test("5.11, 5.12, 5.25, 5.29: memory, processor and processes are limited", () => {
    const bytes = 512 * 1024 * 1024;
    expect(container.HostConfig).toMatchObject({
      Memory: bytes,
      MemorySwap: bytes,
      CpuShares: 512,
      CgroupParent: "",
      PidsLimit: 512,
    });
  });

  test("5.13: its root file system is read-only", () => {
    expect(container.HostConfig["ReadonlyRootfs"]).toBe(true);
  });

  test("5.15: restarts have no limit, because the container must start after every restart of the server", () => {
    expect(container.HostConfig["RestartPolicy"]).toEqual({ Name: "unless-stopped", MaximumRetryCount: 0 });
  });

  test("5.27: it has a health check", () => {
    expect(container.Config["Healthcheck"]).toMatchObject({ Retries: 3 });
    expect(container.State.Health).toBeDefined();
  });

  test("5.30: it is on the app's own network, not on docker0", () => {
    expect(Object.keys(container.NetworkSettings.Networks)).toEqual(["memoryloop"]);
  });
});

describe("docker-bench-security, section 2, for the daemon", () => {
  test("2.2: containers on docker0 cannot reach each other", async () => {
    const { Options } = await inspect<{ Options: object }>("network inspect bridge");
    expect(Options).toMatchObject({ "com.docker.network.bridge.enable_icc": "false" });
  });

  test("2.13, 2.15: it logs to the journal, and containers run while it restarts", async () => {
    expect(await system.onVps("docker info --format '{{.LoggingDriver}} {{.LiveRestoreEnabled}}'")).toBe(
      "journald true",
    );
  });

  test("2.14: no container can gain a privilege", async () => {
    const image = await system.onVps(`docker ${serving} --format '{{.Image}}'`);
    const run = `docker run --rm --entrypoint cat ${image} /proc/self/status`;
    expect(await system.onVps(run)).toMatch(/^NoNewPrivs:\s+1$/m);
  });

  test("2.16: Docker runs no userland proxy for published ports", async () => {
    const image = await system.onVps(`docker ${serving} --format '{{.Image}}'`);
    await system.onVps(`docker run --detach --rm --name published --publish 127.0.0.1:9:9 ${image} sleep 60`);
    try {
      expect(await system.onVps("pgrep --count docker-proxy || true")).toBe("0");
    } finally {
      await system.onVps("docker rm --force published");
    }
  });
});
