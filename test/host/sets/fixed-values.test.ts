import { describe, expect, test } from "vitest";
import { certificateInputsSchema } from "../../../host/certificate/inputs";
import type { Entry } from "../../../host/file-set/inputs";
import { backupsSet } from "../../../host/sets/backups";
import { nginxSet } from "../../../host/sets/nginx";

// Values that only this repository sets. docs/data-model.md sections 1, 4 and 6 promise them.
const contentOf = (entry: Entry | undefined): string => (entry?.kind === "file" ? entry.content : "");

const nginxConf = contentOf(nginxSet("modern").entries["/etc/nginx/nginx.conf"]);

const backupScript = (name: string): string =>
  contentOf(backupsSet("memoryloop").entries[`/usr/local/lib/memoryloop-backup/${name}`]);

describe("nginx.conf", () => {
  test("does not tell the version of nginx", () => {
    expect(nginxConf.match(/^\s*server_tokens .*$/gm)).toEqual(["    server_tokens off;"]);
  });

  test("rejects TLS for names that are not sites", () => {
    const [, server = ""] = /server \{\s+listen 443 ssl default_server;([^}]*)\}/.exec(nginxConf) ?? [];
    expect(server).toContain("ssl_reject_handshake on;");
  });
});

describe("the backup job", () => {
  test("keeps the newest 7 daily backups", () => {
    expect(/^keep=(\d+) /m.exec(backupScript("backup.sh"))?.[1]).toBe("7");
  });

  test("ends an upload within 10 minutes", () => {
    const seconds = /^transfer_seconds=\$\{BACKUP_TRANSFER_SECONDS:-(\d+)\}/m.exec(backupScript("common.sh"))?.[1];
    expect(Number(seconds)).toBe(590);
  });
});

describe("a certificate", () => {
  test("has an ECDSA key by default", () => {
    expect(certificateInputsSchema.shape.keyType.parse(undefined)).toBe("ecdsa");
  });
});
