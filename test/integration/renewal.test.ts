import { beforeAll, describe, expect, test } from "vitest";
import { Road } from "../support/road";

const tag = "c0000cc";

let road: Road;
beforeAll(async () => {
  road = await Road.open();
  await road.release(tag);
  await road.deploy(tag);
});

const served = () =>
  road.onVps(
    `openssl s_client -connect 127.0.0.1:443 -servername ${road.world.domain} </dev/null 2>/dev/null |
     openssl x509 -noout -fingerprint -sha256`,
  );
const onDisk = () =>
  road.onVps(`openssl x509 -noout -fingerprint -sha256 -in /etc/letsencrypt/live/${road.world.domain}/cert.pem`);

describe("a renewal of the certificate", () => {
  test("is served at once, and loses no request of 50 keep-alive clients", async () => {
    const before = await served();
    let after = "";
    const { lost, sent, statuses } = await road.underLoad({ clients: 50 }, async () => {
      await road.onVps("certbot -q renew --force-renewal --no-random-sleep-on-renew");
      after = await served();
    });
    console.log(`renewal: ${sent} requests sent, ${lost.length} lost`);
    expect(after).not.toBe(before);
    expect(after).toBe(await onDisk());
    expect(Object.keys(statuses)).toEqual(["200"]);
    expect(lost).toEqual([]);
    expect(await road.onVps("ls /run/nginx-closing 2>/dev/null || true")).toBe("");
  });
});
