import { describe, expect, test } from "vitest";
import { connectionSchema, hostKeyIn } from "../../host/connection";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ+b/c=";
const rsa = "ssh-rsa AAAAB3NzaC1yc2E=";

describe("hostKeyIn", () => {
  test.each([
    ["the key alone", key],
    ["a line of ssh-keyscan", `203.0.113.7 ${key}\n`],
    ["another port", `[203.0.113.7]:2222 ${key}`],
    ["a hashed line of known_hosts", `|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ${key}`],
    ["a public key file", `${key} root@web-1\n`],
    ["all lines of ssh-keyscan", `# web-1:22 SSH-2.0-OpenSSH_9.2\nweb-1 ${rsa}\nweb-1 ${key}\n`],
  ])("%s", (_, text) => {
    expect(hostKeyIn(text)).toBe(key);
  });

  test("a server without an ed25519 key", () => {
    expect(hostKeyIn(`web-1 ${rsa}`)).toBe(rsa);
  });
});

describe("connectionSchema", () => {
  const parse = (change: object) =>
    connectionSchema.safeParse({ host: "203.0.113.7", port: 22, user: "root", hostKey: key, ...change });

  test.each(["203.0.113.7", "web-1.example.com", "2001:db8::1", "localhost"])("accepts the host %s", (host) => {
    expect(parse({ host }).success).toBe(true);
  });

  test.each(["root@203.0.113.7", "ssh://web-1", "web-1 -o ProxyCommand=id", "-oProxyCommand=id", ""])(
    "refuses the host %j",
    (host) => {
      expect(parse({ host }).error?.issues.map(({ message }) => message)).toEqual([
        "a name or an address, without user, port or scheme",
      ]);
    },
  );

  test("keeps the key alone, and refuses text without one", () => {
    expect(parse({ hostKey: `web-1 ${key} root@web-1` }).data?.hostKey).toBe(key);
    expect(parse({ hostKey: "web-1" }).success).toBe(false);
  });
});
