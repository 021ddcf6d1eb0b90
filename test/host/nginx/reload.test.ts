import { rmSync, writeFileSync } from "node:fs";
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

const answered = (): number => nginx.log("access").split("\n").length;

/** Waits until the clients are connected again: the kernel lets them wait for a second after each reload. */
async function moreAnswers(): Promise<void> {
  const before = answered();
  await expect.poll(answered, { timeout: 20_000, interval: 50 }).toBeGreaterThan(before + 50);
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
    ["h2", 8],
  ])("loses no request on a new connection over %s", async (protocol, reloads) => {
    const ends = await endsOfRequests(protocol, reloads);
    console.log(`${String(reloads)} reloads over ${protocol}: ${JSON.stringify(ends)}`);
    expect(Object.keys(ends)).toEqual(["200"]);
  });

  test("leaves nothing behind", async () => {
    await nginx.reload();
    expect(await nginx.inside("ls", ["/run"])).toBe("nginx.pid\n");
  });
});
