import { describe, expect, test } from "vitest";
import { hostKeys, sshdSet } from "../../../host/sets/sshd";

const connection = { host: "203.0.113.7", port: 2222, user: "root", hostKey: "ssh-ed25519 AAAA" };

describe("hostKeys", () => {
  const filesFor = (hostKey: string): string[] => hostKeys({ ...connection, hostKey }).map(({ file }) => file);

  test("are the policy's, and always the pinned one", () => {
    expect(filesFor("ssh-ed25519 A")).toEqual(["ssh_host_ed25519_key", "ssh_host_rsa4096_key"]);
    expect(filesFor("ssh-rsa A")).toEqual(["ssh_host_ed25519_key", "ssh_host_rsa_key"]);
    expect(filesFor("ecdsa-sha2-nistp256 A")).toContain("ssh_host_ecdsa_key");
  });
});

describe("sshdSet", () => {
  test("proves a login of this user, at the pinned key, before anything changes", () => {
    expect(sshdSet(connection).validate).toEqual([["/usr/local/lib/vps/sshd-prove-login", "root", "ssh-ed25519 AAAA"]]);
  });
});
