import { afterEach, describe, expect, test } from "vitest";
import { destroy, keptByDestroy, renderKept } from "../../ops/destroy";
import { FakeEngine } from "../support/fake-engine";

const stack = {
  app: { name: "memoryloop", domain: "app.example.com" },
  connection: { host: "203.0.113.7", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" },
};

describe("keptByDestroy", () => {
  test("names bucket, data and certificate, each with the commands that delete it", () => {
    expect(renderKept(keptByDestroy("prod", { ...stack, bucket: "memoryloop-backups" }))).toBe(
      [
        "Kept, because it cannot be created again:",
        "  the bucket memoryloop-backups with all backups, and the settings of the server (firewall, ssh, Docker, log files)",
        "    to delete it:",
        "      empty the bucket in Backblaze's console",
        "      pulumi state unprotect --all --stack prod && pulumi destroy --stack prod",
        "  the data, records and logs on 203.0.113.7: /opt/memoryloop /var/lib/memoryloop",
        "    to delete it:",
        "      ssh -p 22 root@203.0.113.7 rm -rf /opt/memoryloop /var/lib/memoryloop",
        "  the certificate: its authority limits how often it issues one",
        "    to delete it:",
        "      ssh -p 22 root@203.0.113.7 certbot delete --cert-name app.example.com",
      ].join("\n"),
    );
  });

  test("names no bucket for a stack without backups", () => {
    expect(keptByDestroy("prod", stack).map(({ what }) => what)).toEqual([
      "the data, records and logs on 203.0.113.7: /opt/memoryloop /var/lib/memoryloop",
      "the certificate: its authority limits how often it issues one",
    ]);
  });
});

describe("destroy", () => {
  let engine: FakeEngine | undefined;

  afterEach(() => {
    engine?.remove();
    engine = undefined;
  });

  const calls = (): string[] => (engine?.calls ?? []).filter((call) => call.startsWith("destroy"));

  test("with --yes destroys all but protected resources, without a question", async () => {
    engine = new FakeEngine({ stack: "echo '[]'" });
    expect(await destroy({ stack: "prod" }, true)).toBe(true);
    expect(calls()).toEqual([
      "destroy --yes --skip-preview --exclude-protected --color never --suppress-progress --exec-kind auto.local --stack prod --non-interactive",
    ]);
  });

  test("without --yes and without a terminal to ask in, destroys nothing", async () => {
    engine = new FakeEngine();
    await expect(destroy({ stack: "prod" }, false)).rejects.toThrow("pass --yes");
    expect(engine.calls).toEqual([]);
  });

  test("a failure keeps the exit code of the engine in its message", async () => {
    engine = new FakeEngine({ destroy: "exit 4" });
    await expect(destroy({ stack: "prod" }, true)).rejects.toThrow("failed with exit code 4");
  });
});
