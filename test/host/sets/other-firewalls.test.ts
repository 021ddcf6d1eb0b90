// The ufw and firewall-cmd here replace the real ones. ufw writes its rules in the form of /etc/ufw/user.rules, which was
// compared with that of ufw 0.36; firewall-cmd keeps ports and services in two files. The servers `ufw` and `firewalld` of
// test/integration/servers.test.ts have the real ones.
import { existsSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
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
const script = readRepositoryFile("rootfs", "scripts", "usr", "local", "lib", "vps", "other-firewalls");
const allowed = (port: number, comment: string): string =>
  `### tuple ### allow tcp ${port} 0.0.0.0/0 any 0.0.0.0/0 in comment=${comment}\n`;

let host: PrivateHost;
beforeEach(() => {
  host = new PrivateHost();
  host.write("/etc/nftables.d/vps.nft", "table inet vps\n");
  host.write("/var/lib/vps-plugin/lock", "");
});
afterEach(() => {
  host.dispose();
});

const run = (...words: string[]): number | null => host.bash(script, ["other-firewalls", ...words]).status;
const removeOurFirewall = () => host.bash("rm /etc/nftables.d/vps.nft", ["remove"]);

interface OtherFirewall {
  readonly name: string;
  readonly install: () => void;
  readonly stop: () => unknown;
  /** Its rules, each time with 443 from its owner. */
  readonly rules: () => unknown;
  readonly ofOwner: unknown;
  readonly opened: unknown;
}

const firewalls: readonly OtherFirewall[] = [
  {
    name: "ufw",
    install: () => {
      host.program("ufw", ufw);
      host.write("/ufw", "active");
      host.write("/etc/ufw/user.rules", allowed(443, "6f776e6572"));
    },
    stop: () => {
      host.write("/ufw", "inactive");
    },
    rules: () => host.text("/etc/ufw/user.rules"),
    ofOwner: allowed(443, "6f776e6572"),
    opened: allowed(443, "6f776e6572") + allowed(80, "6d"),
  },
  {
    name: "firewalld",
    install: () => {
      host.program("firewall-cmd", firewallCmd);
      for (const rules of ["/now", "/permanent"]) host.write(rules, "https\n");
      host.write("/units/firewalld.service.active", "");
    },
    stop: () => host.bash('rm "$PRIVATE_HOST/units/firewalld.service.active"', ["stop"]),
    rules: () => [host.text("/now"), host.text("/permanent")],
    ofOwner: ["https\n", "https\n"],
    opened: ["https\n80/tcp\n", "https\n80/tcp\n"],
  },
];

describe.each(firewalls)("$name", ({ name, install, stop, rules, ofOwner, opened }) => {
  beforeEach(() => {
    install();
  });

  test("gets the missing ports once, and loses only these when the program's firewall is gone", () => {
    expect(run("check", "80", "443")).toBe(1);
    expect(run("80", "443")).toBe(0);
    expect(rules()).toEqual(opened);
    expect([run("check", "80", "443"), run("80", "443")]).toEqual([0, 0]);
    expect(rules()).toEqual(opened);
    removeOurFirewall();
    expect(run("80", "443")).toBe(0);
    expect(rules()).toEqual(ofOwner);
    expect(existsSync(host.path(`/var/lib/vps-plugin/${name}-ports`))).toBe(false);
  });

  test("stays as it is while it is not active", () => {
    stop();
    expect([run("80", "443"), run("check", "80")]).toEqual([0, 0]);
    expect(rules()).toEqual(ofOwner);
  });
});

test("a server with neither needs nothing", () => {
  expect([run("80", "443"), run("check", "80")]).toEqual([0, 0]);
});
