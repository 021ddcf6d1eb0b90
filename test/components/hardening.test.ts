import { describe, expect, test } from "vitest";
import { firewall, hostKeys, sshDaemon } from "../../components/hardening";
import { hostServiceOf } from "../../components/host-service";

const connection = { host: "203.0.113.7", port: 2222, user: "root", hostKey: "ssh-ed25519 AAAA" };
const network = { subnet: "10.213.0.0/16" };
const contentOf = (entry: unknown): unknown => (entry as { content: unknown }).content;

describe("firewall", () => {
  test("opens sshd's own port, the one we come by, http and https", () => {
    const { entries } = firewall("memoryloop", connection, undefined);
    expect(contentOf(entries["/etc/nftables.d/vps.nft"])).toContain("tcp dport { 22, 80, 443, 2222 } accept");
    expect(Object.keys(entries)).not.toContain("/etc/nftables.d/vps/memoryloop.nft");
  });

  test("never touches another table", () => {
    const { entries } = firewall("memoryloop", connection, undefined);
    expect(String(contentOf(entries["/etc/nftables.d/vps.nft"])).replace(/^#.*$/gm, "")).not.toContain("flush");
  });

  test("lets the app's network through to a service of the host, at its gateway only", () => {
    const { entries } = firewall("memoryloop", connection, {
      subnet: "10.213.0.0/16",
      gateway: "10.213.0.1",
      port: 11434,
    });
    expect(contentOf(entries["/etc/nftables.d/vps/memoryloop.nft"])).toContain(
      "ip saddr 10.213.0.0/16 ip daddr 10.213.0.1 tcp dport 11434 accept",
    );
  });
});

describe("hostKeys", () => {
  const filesFor = (hostKey: string): string[] => hostKeys({ ...connection, hostKey }).map(({ file }) => file);

  test("are the policy's, and always the pinned one", () => {
    expect(filesFor("ssh-ed25519 A")).toEqual(["ssh_host_ed25519_key", "ssh_host_rsa4096_key"]);
    expect(filesFor("ssh-rsa A")).toEqual(["ssh_host_ed25519_key", "ssh_host_rsa_key"]);
    expect(filesFor("ecdsa-sha2-nistp256 A")).toContain("ssh_host_ecdsa_key");
  });
});

describe("sshDaemon", () => {
  test("proves a login of this user, at the pinned key, before anything changes", () => {
    expect(sshDaemon(connection).validate).toEqual([
      ["/usr/local/lib/vps/sshd-prove-login", "root", "ssh-ed25519 AAAA"],
    ]);
  });
});

describe("hostServiceOf", () => {
  const of = (url: string) => hostServiceOf({ environment: { OLLAMA_BASE_URL: url }, network });

  test("is asked for by the host's name only", () => {
    expect(of("http://host.docker.internal:11434")).toEqual({
      subnet: "10.213.0.0/16",
      gateway: "10.213.0.1",
      port: 11434,
    });
    expect(of("http://host.docker.internal")).toMatchObject({ port: 80 });
    expect(of("https://ollama.example.com:11434")).toBeUndefined();
    expect(hostServiceOf({ environment: {}, network })).toBeUndefined();
  });
});
