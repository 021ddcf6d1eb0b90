import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createSecureServer } from "node:http2";
import { createServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseSiteAddress, visit } from "../../ops/visitor";

const folder = mkdtempSync(join(tmpdir(), "visitor-"));
const servers: Server[] = [];
let pair = { key: "", cert: "" };

beforeAll(() => {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"];
  execFileSync("openssl", [...words, "-subj", "/CN=app.test", "-keyout", key, "-out", cert], { stdio: "ignore" });
  pair = { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
});
afterAll(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
});

async function portOf(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const visitAt = (port: number, milliseconds = 5000) =>
  visit("app.test", "/healthz", { address: "127.0.0.1", port }, AbortSignal.timeout(milliseconds));

describe("visit", () => {
  test("asks with HTTP/2 where the site has it, and reports a certificate that no authority signed", async () => {
    const port = await portOf(
      createSecureServer(pair, (request, response) => {
        response.writeHead(200).end(`${request.headers[":authority"] ?? ""}${request.url}`);
      }),
    );
    const { seconds, certificate, ...rest } = await visitAt(port);
    expect(rest).toEqual({ address: "127.0.0.1", http: "2", status: 200, body: "app.test/healthz" });
    expect(certificate.problem).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
    expect(Math.round((Date.parse(certificate.expiresAt) - Date.now()) / 86_400_000)).toBe(30);
    expect(seconds).toBeGreaterThan(0);
  });

  test("asks with HTTP/1.1 otherwise", async () => {
    const port = await portOf(
      createServer(pair, (request, response) => {
        response.writeHead(503).end(`${request.headers.host ?? ""}${request.url ?? ""}`);
      }),
    );
    expect(await visitAt(port)).toMatchObject({ http: "1.1", status: 503, body: "app.test/healthz" });
  });

  test("ends with its signal when the site never answers", async () => {
    const port = await portOf(createSecureServer(pair, () => undefined));
    await expect(visitAt(port, 100)).rejects.toThrow("the connection ended without an answer");
  });
});

test.each([
  ["203.0.113.7", { address: "203.0.113.7", port: 443 }],
  ["203.0.113.7:8443", { address: "203.0.113.7", port: 8443 }],
  ["[2001:db8::1]:8443", { address: "2001:db8::1", port: 8443 }],
  ["two words", undefined],
])("parseSiteAddress %s", (text, expected) => {
  expect(parseSiteAddress(text)).toEqual(expected);
});
