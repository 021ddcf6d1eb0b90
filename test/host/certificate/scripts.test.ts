import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseLineage, parseRemains } from "../../../host/certificate/lineage";
import { PrivateHost } from "../../support/private-host";

let host: PrivateHost;
beforeEach(() => {
  host = new PrivateHost();
});
afterEach(() => {
  host.dispose();
});

const renewal = "/etc/letsencrypt/renewal/app.test.conf";

function selfSigned(): void {
  mkdirSync(host.path("/etc/letsencrypt/live/app.test"), { recursive: true });
  const pem = host.path("/etc/letsencrypt/live/app.test/cert.pem");
  const subject = ["-subj", "/CN=app.test/O=a=b", "-addext", "subjectAltName=DNS:app.test,DNS:www.app.test"];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "/dev/null"];
  spawnSync("openssl", ["req", "-x509", ...key, "-out", pem, "-days", "90", ...subject]);
}

describe("certificate/read.sh", () => {
  test("says nothing where there is no lineage", () => {
    expect(host.run("certificate/read.sh", ["app.test"])).toMatchObject({ status: 0, stdout: "", stderr: "" });
  });

  test("names what is left of a lineage without a certificate", () => {
    host.write(renewal, "[renewalparams]\n");
    host.write("/etc/letsencrypt/archive/app.test/cert1.pem", "");
    const { stdout } = host.run("certificate/read.sh", ["app.test"]);
    expect(parseRemains(stdout)).toEqual([renewal, "/etc/letsencrypt/archive/app.test"]);
  });

  test("tells certificate and renewal in a form that can be read back", () => {
    selfSigned();
    host.write(
      renewal,
      "renew_before_expiry = 45 days\n[renewalparams]\nserver = https://acme.test/dir\nauthenticator = webroot\nwebroot_path = /var/www/acme,\n[[webroot_map]]\napp.test = /var/www/acme\n",
    );
    const { stdout, stderr } = host.run("certificate/read.sh", ["app.test"]);
    expect(stderr).toBe("");
    expect(parseLineage(stdout)).toMatchObject({
      names: ["app.test", "www.app.test"],
      keyType: "ecdsa",
      server: "https://acme.test/dir",
      authenticator: "webroot",
      webroot: "/var/www/acme",
      renewBeforeDays: 45,
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
    });
  });

  test("a lineage certbot knows nothing of has no server", () => {
    selfSigned();
    expect(parseLineage(host.run("certificate/read.sh", ["app.test"]).stdout)?.server).toBe("");
  });
});

describe("certificate/schedule.sh", () => {
  test("sets the day once, above the sections, and leaves the rest", () => {
    host.write(renewal, "# renew_before_expiry = 30 days\nversion = 2.1.0\n[renewalparams]\nserver = x\n");
    for (const days of ["45", "41"]) host.run("certificate/schedule.sh", ["app.test", days]);
    expect(host.text(renewal)).toBe("renew_before_expiry = 41 days\nversion = 2.1.0\n[renewalparams]\nserver = x\n");
    expect(statSync(host.path(renewal)).mode & 0o777).toBe(0o644);
  });
});

describe("certificate/issue.sh", () => {
  const issue = () => host.run("certificate/issue.sh", ["app.test", "certonly", "--x=a b"]);
  const failures = "/var/lib/vps-plugin/certificates/app.test.failures";

  test("gives certbot its arguments and is silent when it succeeds", () => {
    host.program("certbot", `#!/bin/bash\nprintf '%s\\n' "$@" >"$PRIVATE_HOST/args"; echo words`);
    expect(issue()).toMatchObject({ status: 0, stdout: "", stderr: "" });
    expect(host.text("args")).toBe("certonly\n--x=a b\n");
    expect(existsSync(host.path(failures))).toBe(false);
  });

  test("passes certbot's words on when it fails", () => {
    host.program("certbot", "#!/bin/bash\necho out; echo err >&2; exit 1");
    expect(issue()).toMatchObject({ status: 1, stdout: "", stderr: "out\nerr\n" });
  });

  test("does not run certbot after four failures within an hour, and says when it will", () => {
    host.program("certbot", `#!/bin/bash\necho run >>"$PRIVATE_HOST/runs"; exit 1`);
    for (let attempt = 0; attempt < 6; attempt++) issue();
    expect(host.text("runs")).toBe("run\n".repeat(4));
    expect(issue().stderr).toMatch(/^rateLimited: four attempts failed within an hour.*free at \d\d:\d\d UTC\n$/);
  });

  test("failures older than an hour do not count", () => {
    host.program("certbot", "#!/bin/bash\nexit 0");
    const old = Math.floor(Date.now() / 1000) - 3700;
    host.write(failures, `${String(old)}\n`.repeat(4));
    expect(issue().status).toBe(0);
  });
});
