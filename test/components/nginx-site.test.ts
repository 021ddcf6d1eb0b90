import { beforeAll, describe, expect, test } from "vitest";
import { promiseOf, recordRegistrations, registeredOf, type Registered } from "../support/mocks";

const connection = { host: "203.0.113.7", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
let registered: Registered[];

beforeAll(async () => {
  registered = recordRegistrations();
  const { NginxSite } = await import("../../components/nginx-site");
  const app = { name: "memoryloop", domain: "app.example.com", uploadLimit: "7m" };
  const policy = {
    contentSecurityPolicy: "static",
    connectSources: [],
    connectionsPerAddress: 50,
    healthPath: "/healthz",
  } as const;
  await promiseOf(
    new NginxSite("site", { connection, app, nginxVersion: "1.26.3", staples: true, ...policy }).files.urn,
  );
});

const files = () => registeredOf(registered, "vps:index:FileSet").inputs;

describe("NginxSite", () => {
  test("is a file, the link that enables it, and the link to the certificates", () => {
    const content = expect.stringContaining("server_name app.example.com;") as unknown;
    expect(files()["entries"]).toEqual({
      "/etc/nginx/sites-available/memoryloop.conf": { kind: "file", content, mode: "0644", owner: "root:root" },
      "/etc/nginx/sites-enabled/memoryloop.conf": { kind: "link", target: "../sites-available/memoryloop.conf" },
      "/opt/memoryloop/certs": { kind: "link", target: "/etc/letsencrypt/live/app.example.com" },
    });
  });

  test("uses upload size, limits and nginx version of its arguments", () => {
    const text = JSON.stringify(files());
    expect(text).toContain("client_max_body_size 7m;");
    expect(text).toContain("limit_conn requests_per_address 50;");
    expect(text).toContain("http2 on;");
    expect(text).toContain("ssl_stapling on;");
    expect(text).toContain("location = /healthz {");
  });

  test("is validated by nginx and put in force by a reload", () => {
    expect(files()).toMatchObject({
      validate: [["nginx", "-t"]],
      activate: [["/usr/local/lib/vps/nginx-reload"]],
      inForce: [["/usr/local/lib/vps/nginx-in-force", "app.example.com"]],
    });
  });
});
