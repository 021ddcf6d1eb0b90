import { beforeAll, describe, expect, test } from "vitest";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";
import { auditSsh, installScanners, scanTls } from "../support/scanners";

const tag = "5ca0000";

let system: DeployedWorld;
beforeAll(async () => {
  system = await DeployedWorld.open();
  await system.release(tag);
  await system.deploy(tag);
  await installScanners();
});

/** pebble, the rehearsal's authority, publishes no revocations, neither by OCSP nor in lists. */
const ofAuthority = ["cert_revocation"];
const serious = ["MEDIUM", "HIGH", "CRITICAL", "FATAL"];

describe("a scan", () => {
  test("of TLS by testssl.sh gives A+ and no important finding", async () => {
    const findings = await scanTls(system.world);
    expect(findings.find(({ id }) => id === "overall_grade")?.finding).toBe("A+");
    const weighty = findings.filter(({ severity }) => serious.includes(severity));
    expect(weighty.filter(({ id }) => !ofAuthority.includes(id))).toEqual([]);
  });

  test("of ssh passes ssh-audit's policy for the host's Debian", async () => {
    expect(await auditSsh(system.world)).toMatch(/^Hardened Debian \d+ /);
  });
});
