import { specialSecretSig, specialSigKey, unwrapRpcSecret } from "@pulumi/pulumi/runtime/rpc";
import { beforeAll, describe, expect, test } from "vitest";
import { siteOptions } from "../support/site-settings";
import { promiseOf, recordRegistrations, type Registered } from "../support/mocks";

const connection = { host: "203.0.113.7", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
let registered: Registered[];

beforeAll(async () => {
  registered = recordRegistrations();
  const { NginxSite } = await import("../../components/nginx-site");
  const app = { name: "memoryloop", domains: ["app.example.com", "www.example.com"], uploadLimit: "7m" };
  const access = { users: { anna: "$6$salt$hash" }, addresses: [] };
  const policy = { ...siteOptions, connectionsPerAddress: 50, healthPath: "/healthz", access };
  await promiseOf(
    new NginxSite("site", { connection, app, nginxVersion: "1.26.3", staples: true, ...policy }).files.urn,
  );
});

const setOf = (name: string) => registered.find((one) => one.name === name)?.inputs ?? {};
const files = () => setOf("site-files");

describe("NginxSite", () => {
  test("is a file, the link that enables it, and the link to the certificates", () => {
    const content = expect.stringContaining("server_name app.example.com www.example.com;") as unknown;
    expect(files()["entries"]).toEqual({
      "/etc/nginx/sites-available/memoryloop.conf": { kind: "file", content, mode: "0644", owner: "root:root" },
      "/etc/nginx/sites-enabled/memoryloop.conf": { kind: "link", target: "../sites-available/memoryloop.conf" },
      "/opt/memoryloop/certs": { kind: "link", target: "/etc/letsencrypt/live/app.example.com" },
    });
  });

  test("the file with users is a secret in a set of its own, which only nginx reads", () => {
    expect(setOf("site-users")["entries"]).toMatchObject({ [specialSigKey]: specialSecretSig });
    expect(unwrapRpcSecret(setOf("site-users")["entries"])).toEqual({
      "/etc/nginx/memoryloop.users": {
        kind: "file",
        content: "anna:$6$salt$hash\n",
        mode: "0640",
        owner: "root:www-data",
      },
    });
    expect(JSON.stringify(files())).not.toContain("$6$salt");
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
