import type { Unwrap } from "@pulumi/pulumi";
import { beforeAll, describe, expect, test } from "vitest";
import type { FileSetArgs } from "../../components/resources/file-set";
import { promiseOf, recordRegistrations, registeredOf, type Registered } from "../support/mocks";

const connection = { host: "203.0.113.7", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
let registered: Registered[];

beforeAll(async () => {
  registered = recordRegistrations();
  const { Nginx } = await import("../../components/nginx");
  await promiseOf(
    new Nginx("nginx", { connection, app: { name: "memoryloop" }, sharing: "equal", site: { tls: "modern" } }).files
      .urn,
  );
});

const nginx = () => registeredOf(registered, "vps:index:FileSet").inputs as unknown as Unwrap<FileSetArgs>;

describe("Nginx", () => {
  test("the set has a name of its own for each stack", () => {
    expect(nginx().set).toBe("memoryloop-infra.test.certificate-nginx");
  });

  test("belongs to the app, and is shared with apps that agree on it", () => {
    expect(nginx()).toMatchObject({ owner: "memoryloop-infra/test/memoryloop", sharing: "equal" });
  });

  test("nginx and the renewal timer run and start at boot", () => {
    const running = { enabled: true, active: true };
    expect(nginx().units).toEqual({ "nginx.service": running, "certbot.timer": running });
  });

  test("nginx validates its files; systemd and nginx read them again", () => {
    expect(nginx()).toMatchObject({
      validate: [["nginx", "-t"]],
      activate: [
        ["systemctl", "daemon-reload"],
        ["/lib/systemd/systemd-sysctl", "--prefix=net.ipv4.tcp_tw_reuse"],
        ["/usr/local/lib/vps/nginx-reload"],
      ],
    });
  });

  test("contains the files that all sites share, and nothing of one app", () => {
    expect(Object.keys(nginx().entries).sort()).toEqual([
      "/etc/letsencrypt/renewal-hooks",
      "/etc/letsencrypt/renewal-hooks/deploy",
      "/etc/letsencrypt/renewal-hooks/deploy/reload-nginx",
      "/etc/logrotate.d/nginx",
      "/etc/nginx/nginx.conf",
      "/etc/nginx/sites-enabled/default",
      "/etc/nginx/snippets/security-headers-unless-app.conf",
      "/etc/nginx/snippets/security-headers.conf",
      "/etc/nginx/snippets/ssl-params.conf",
      "/etc/sysctl.d/50-vps.conf",
      "/etc/systemd/system/logrotate.timer.d",
      "/etc/systemd/system/logrotate.timer.d/vps.conf",
      "/etc/systemd/system/nginx.service.d",
      "/etc/systemd/system/nginx.service.d/vps.conf",
      "/var/www/acme",
    ]);
    expect(JSON.stringify(nginx().entries)).not.toContain("app.example.com");
  });

  test("the renewal hook is executable", () => {
    expect(nginx().entries["/etc/letsencrypt/renewal-hooks/deploy/reload-nginx"]).toMatchObject({ mode: "0755" });
  });
});
