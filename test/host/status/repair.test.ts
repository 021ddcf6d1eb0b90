import { mkdirSync, symlinkSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseActions, repair } from "../../../host/status/repair";
import { PrivateHost } from "../../support/private-host";

/** A systemctl whose units have the state of a file `<unit>.<state>`; a restart makes a unit active. */
const systemctl = `#!/bin/bash
cd "$PRIVATE_HOST/units"
unit=\${*: -1}
case $1 in
  is-active) [ -e "$unit.active" ] ;;
  is-failed) [ -e "$unit.failed" ] ;;
  reset-failed) rm -f "$unit.failed" ;;
  restart) [ ! -e "$unit.hopeless" ] || exit 1; touch "$unit.active" ;;
  list-unit-files) echo 'app-logs.timer enabled enabled' ;;
  list-units) for file in *.failed; do [ -e "$file" ] && echo "\${file%.failed} loaded failed failed"; done ;;
esac
`;

let host: PrivateHost;
beforeEach(() => {
  host = new PrivateHost();
  host.program("systemctl", systemctl);
  host.program("nginx", "#!/bin/sh\n[ ! -e /etc/nginx-is-wrong ]\n");
  mkdirSync(host.path("var/lib/app"), { recursive: true });
  symlinkSync("releases/22.sock", host.path("var/lib/app/current.sock"));
  for (const unit of all) host.write(`units/${unit}.active`, "");
});
afterEach(() => {
  host.dispose();
});

const all = ["docker.service", "nginx.service", "app-release@22.socket", "app-logs.timer"];

function repaired(...inactive: string[]): readonly string[] {
  for (const unit of inactive) host.bash(`rm "$PRIVATE_HOST/units/${unit}.active"`, ["-"]);
  const { script, args } = repair("app");
  const { status, stdout, stderr } = host.run(script, args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return parseActions(stdout);
}

test("a good server is left alone", () => {
  expect(repaired()).toEqual([]);
});

test.each(all)("%s that does not run is started", (unit) => {
  expect(repaired(unit)).toEqual([`restarted ${unit}`]);
});

test("a proxy that failed starts again with its socket", () => {
  host.write("units/app-release@22.service.failed", "");
  expect(repaired()).toEqual(["restarted app-release@22.socket"]);
});

test("nginx with a wrong configuration is not started, because it could not", () => {
  host.write("etc/nginx-is-wrong", "");
  expect(repaired("nginx.service")).toEqual(["did not start nginx: its configuration is not valid: nginx -t"]);
});

test("a unit of ours that failed is started again, a backup is not", () => {
  host.write("units/app-logs.service.failed", "");
  host.write("units/app-backup@daily.service.failed", "");
  expect(repaired()).toEqual(["restarted app-logs.service"]);
});

test("a unit that cannot be started is named, and the others are repaired", () => {
  host.write("units/docker.service.hopeless", "");
  expect(repaired("docker.service", "nginx.service")).toEqual([
    "could not restart docker.service: journalctl -u docker.service",
    "restarted nginx.service",
  ]);
});
