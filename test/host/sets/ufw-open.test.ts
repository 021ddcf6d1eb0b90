// The ufw here replaces the real one: it writes its rules in the form of /etc/ufw/user.rules, which was compared with that of
// ufw 0.36 on a server of the rehearsal.
import { existsSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readRepositoryFile } from "../../../repository";
import { PrivateHost } from "../../support/private-host";

const ufw = `#!/bin/bash
rules=/etc/ufw/user.rules
case $1 in
  status) echo "Status: $(cat "$PRIVATE_HOST/ufw")" ;;
  allow) printf '### tuple ### allow tcp %s 0.0.0.0/0 any 0.0.0.0/0 in comment=6d\\n' "\${2%/tcp}" >>"$rules" ;;
  delete) sed -i "/allow tcp \${3%/tcp} /d" "$rules" ;;
esac
`;
const ofOwner = "### tuple ### allow tcp 443 0.0.0.0/0 any 0.0.0.0/0 in comment=6f776e6572\n";

let host: PrivateHost;
beforeEach(() => {
  host = new PrivateHost();
  host.program("ufw", ufw);
  host.write("/ufw", "active");
  host.write("/etc/ufw/user.rules", ofOwner);
  host.write("/etc/nftables.d/vps.nft", "table inet vps\n");
  host.write("/var/lib/vps-plugin/lock", "");
});
afterEach(() => {
  host.dispose();
});

const run = (...words: string[]): number | null =>
  host.bash(readRepositoryFile("rootfs", "scripts", "usr", "local", "lib", "vps", "ufw-open"), ["ufw-open", ...words])
    .status;
const rules = (): string => readFileSync(host.path("/etc/ufw/user.rules"), "utf8");

test("adds the missing ports once, and takes only these out when the program's firewall is gone", () => {
  expect(run("check", "80", "443")).toBe(1);
  expect(run("80", "443")).toBe(0);
  const opened = rules();
  expect(opened).toBe(`${ofOwner}### tuple ### allow tcp 80 0.0.0.0/0 any 0.0.0.0/0 in comment=6d\n`);
  expect(run("check", "80", "443")).toBe(0);
  expect(run("80", "443")).toBe(0);
  expect(rules()).toBe(opened);
  host.bash("rm /etc/nftables.d/vps.nft", ["remove"]);
  expect(run("80", "443")).toBe(0);
  expect(rules()).toBe(ofOwner);
  expect(existsSync(host.path("/var/lib/vps-plugin/ufw-ports"))).toBe(false);
});

test("does nothing while ufw is not active", () => {
  host.write("/ufw", "inactive");
  expect([run("80", "443"), run("check", "80")]).toEqual([0, 0]);
  expect(rules()).toBe(ofOwner);
});
