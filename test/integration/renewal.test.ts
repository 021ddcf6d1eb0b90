import { beforeAll, describe, expect, test } from "vitest";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";

const tag = "c0000cc";

let system: DeployedWorld;
beforeAll(async () => {
  system = await DeployedWorld.open();
  await system.release(tag);
  await system.deploy(tag);
});

const served = () =>
  system.onVps(
    `openssl s_client -connect 127.0.0.1:443 -servername ${system.world.domain} </dev/null 2>/dev/null |
     openssl x509 -noout -fingerprint -sha256`,
  );
const onDisk = () =>
  system.onVps(`openssl x509 -noout -fingerprint -sha256 -in /etc/letsencrypt/live/${system.world.domain}/cert.pem`);

describe("a renewal of the certificate", () => {
  test("is served at once, and loses no request of 50 keep-alive clients", async () => {
    const before = await served();
    let after = "";
    const { lost, sent, statuses } = await system.underLoad({ clients: 50 }, async () => {
      await system.onVps("certbot -q renew --force-renewal --no-random-sleep-on-renew");
      after = await served();
    });
    console.log(`renewal: ${sent} requests sent, ${lost.length} lost`);
    expect(after).not.toBe(before);
    expect(after).toBe(await onDisk());
    expect(Object.keys(statuses)).toEqual(["200"]);
    expect(lost).toEqual([]);
    expect(await system.onVps("ls /run/nginx-closing 2>/dev/null || true")).toBe("");
  });
});
