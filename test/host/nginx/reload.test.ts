import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { repositoryRoot } from "../../../repository";
import { PrivateNginx } from "../../support/private-nginx";
import { siteSettings } from "../../support/site-settings";

const clients = join(repositoryRoot, "test", "support", "new-connections.mjs");

let nginx: PrivateNginx;
beforeAll(async () => {
  nginx = await PrivateNginx.start(siteSettings("shop", "shop.test", { connectionsPerAddress: 100 }));
  await nginx.serve("shop", (_, response) => response.end("hello"));
});
afterAll(() => nginx.dispose());

/** nginx starts and ends its workers in the background. */
const slowMachine = { timeout: 60_000 };

const answered = (): number => nginx.log("access").split("\n").length;

/** The ports on which nginx listens. */
async function listening(): Promise<number[]> {
  const lines = await nginx.inside("ss", ["--no-header", "--numeric", "--tcp", "--listening"]);
  const ports = [...lines.matchAll(/:(\d+) +\S+:\*/g)].map(([, port]) => Number(port));
  return [...new Set(ports)].sort((a, b) => a - b);
}

/** Waits until the clients are connected again: the kernel lets them wait for a second after each reload. */
async function moreAnswers(): Promise<void> {
  const before = answered();
  await expect.poll(answered, { timeout: 60_000, interval: 50 }).toBeGreaterThan(before + 30);
}

/** How the requests of eight clients ended, each on a new connection, while nginx is reloaded. */
async function endsOfRequests(protocol: string, reloads: number): Promise<Record<string, number>> {
  const stop = nginx.path("stop");
  rmSync(stop, { force: true });
  const load = nginx.inside(process.execPath, [clients, protocol, "127.0.0.1", "shop.test", "8", stop]);
  for (let reload = 0; reload < reloads; reload += 1) {
    await moreAnswers();
    await nginx.reload();
  }
  writeFileSync(stop, "");
  return JSON.parse(await load) as Record<string, number>;
}

describe("a reload of nginx", () => {
  // Only HTTP/2 has a moment in which a reload could lose one.
  test.each([
    ["http/1.1", 2],
    ["h2", 6],
  ])("loses no request on a new connection over %s", { timeout: 180_000 }, async (protocol, reloads) => {
    const ends = await endsOfRequests(protocol, reloads);
    console.log(`${String(reloads)} reloads over ${protocol}: ${JSON.stringify(ends)}`);
    expect(Object.keys(ends)).toEqual(["200"]);
  });

  test.each([80, 81])(
    "works where nginx listens on port %i only, as before the first deployment",
    { timeout: 180_000 },
    async (port) => {
      const file = nginx.path("etc/nginx/nginx.conf");
      const ours = readFileSync(file, "utf8");
      writeFileSync(file, `user www-data; pid /run/nginx.pid; events {} http { server { listen ${String(port)}; } }`);
      await nginx.reload();
      await expect.poll(listening, slowMachine).toEqual([port]);
      writeFileSync(file, ours);
      await nginx.reload();
      await expect.poll(listening, slowMachine).toEqual(expect.arrayContaining([80, 443]));
    },
  );

  test("leaves nothing behind", async () => {
    await nginx.reload();
    expect(await nginx.inside("ls", ["/run"])).toBe("nginx.pid\n");
  });
});
