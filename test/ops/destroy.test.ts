import { describe, expect, test } from "vitest";
import { whatStays } from "../../ops/destroy";

const stack = {
  app: { name: "memoryloop", domain: "app.example.com" },
  connection: { host: "203.0.113.7", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" },
};

describe("whatStays", () => {
  test("names the bucket, the data and the certificate, each with how to delete it", () => {
    expect(whatStays("prod", { ...stack, bucket: "memoryloop-backups" })).toBe(
      [
        "What stays, for it cannot be made again:",
        "  the bucket memoryloop-backups with all backups. To delete it, empty it in Backblaze's console, then",
        "    pulumi state unprotect --all --stack prod && pulumi destroy --stack prod",
        "  the host's own settings (firewall, ssh, Docker, log files), on which the bucket depends, and go with it",
        "  on 203.0.113.7 the data, records and logs in /opt/memoryloop /var/lib/memoryloop. To delete them:",
        "    ssh -p 22 root@203.0.113.7 rm -rf /opt/memoryloop /var/lib/memoryloop",
        "  its certificate, for which the authority counts how often it is issued. To delete it:",
        "    ssh -p 22 root@203.0.113.7 certbot delete --cert-name app.example.com",
      ].join("\n"),
    );
  });

  test("without backups there is no bucket to name", () => {
    expect(whatStays("prod", stack)).not.toContain("bucket");
  });
});
