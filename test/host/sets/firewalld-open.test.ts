// The firewall-cmd here replaces the real one: it keeps ports and services in two files. The server `firewalld` of
// test/integration/servers.test.ts has the real firewalld.
import { existsSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readRepositoryFile } from "../../../repository";
import { PrivateHost } from "../../support/private-host";

const firewallCmd = `#!/bin/bash
rules=$PRIVATE_HOST/now
for word in "$@"; do
  case $word in
    --permanent) rules=$PRIVATE_HOST/permanent ;;
    --add-port=*) echo "\${word#*=}" >>"$rules" ;;
    --remove-port=*) sed -i "\\\\|^\${word#*=}$|d" "$rules" ;;
    --query-port=* | --query-service=*) grep -qxF "\${word#*=}" "$rules" ;;
  esac
done
`;

let host: PrivateHost;
beforeEach(() => {
  host = new PrivateHost();
  host.program("firewall-cmd", firewallCmd);
  for (const rules of ["/now", "/permanent"]) host.write(rules, "https\n");
  host.write("/units/firewalld.service.active", "");
  host.write("/etc/nftables.d/vps.nft", "table inet vps\n");
  host.write("/var/lib/vps-plugin/lock", "");
});
afterEach(() => {
  host.dispose();
});

const script = readRepositoryFile("rootfs", "scripts", "usr", "local", "lib", "vps", "firewalld-open");
const run = (...words: string[]): number | null => host.bash(script, ["firewalld-open", ...words]).status;
const rules = (): (string | undefined)[] => [host.text("/now"), host.text("/permanent")];

test("adds the missing ports once, now and after a boot, and takes only these out with the program's firewall", () => {
  expect(run("check", "80", "443")).toBe(1);
  expect([run("80", "443"), run("80", "443")]).toEqual([0, 0]);
  expect(rules()).toEqual(["https\n80/tcp\n", "https\n80/tcp\n"]);
  expect(run("check", "80", "443")).toBe(0);
  host.bash("rm /etc/nftables.d/vps.nft", ["remove"]);
  expect(run()).toBe(0);
  expect(rules()).toEqual(["https\n", "https\n"]);
  expect(existsSync(host.path("/var/lib/vps-plugin/firewalld-ports"))).toBe(false);
});

test("does nothing while firewalld is not active", () => {
  host.bash('rm "$PRIVATE_HOST/units/firewalld.service.active"', ["stop"]);
  expect([run("80", "443"), run("check", "80")]).toEqual([0, 0]);
  expect(rules()).toEqual(["https\n", "https\n"]);
});
