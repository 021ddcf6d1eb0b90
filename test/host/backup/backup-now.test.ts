import { afterEach, beforeEach, expect, test } from "vitest";
import { PrivateHost } from "../../support/private-host";

let host: PrivateHost;
beforeEach(() => {
  host = new PrivateHost();
});
afterEach(() => {
  host.dispose();
});

/** A systemd whose units end so. */
function units(start: string): void {
  host.program("systemctl", `#!/bin/sh\ncase $1 in start) ${start} ;; show) echo 77 ;; esac\n`);
}

const backup = () => host.run("backup/backup-now.sh", ["app", "daily"]);

test("prints the report of a backup", () => {
  units("exit 0");
  host.write("/var/lib/app/backups/last-run.json", '{"status":"success"}\n');
  expect(backup()).toMatchObject({ status: 0, stdout: '{"status":"success"}\n' });
});

test("prints the words of a run that failed, also when the journal gets them late", () => {
  units("exit 1");
  host.program(
    "journalctl",
    '#!/bin/sh\n[ "$1" != --sync ] || exit 0\necho >>/late\n[ "$(wc -l </late)" -lt 3 ] || echo "the data cannot be read ($3)"\n',
  );
  expect(backup()).toMatchObject({ status: 1, stderr: "the data cannot be read (_SYSTEMD_INVOCATION_ID=77)\n" });
});

test("names a server without backups", () => {
  host.program("systemctl", "#!/bin/sh\nexit 1\n");
  expect(backup()).toMatchObject({
    status: 1,
    stderr: "this server has no backups: configure `backups` and run pulumi up\n",
  });
});
