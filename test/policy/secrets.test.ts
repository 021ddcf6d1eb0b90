import * as kinds from "../../policy/kinds";
import * as secrets from "../../policy/secrets";
import { resourceOf } from "../support/policy";
import { testRules } from "../support/rule-cases";

const container = resourceOf(kinds.container);
const fileSet = resourceOf(kinds.fileSet);

const token = `ghp_${"a1".repeat(18)}`;
const key = "-----BEGIN EC PRIVATE KEY-----\n";
const file = (path: string, content: string) => fileSet({ entries: { [path]: { kind: "file", content } } });

testRules(secrets, {
  secretCredential: {
    passes: file("/opt/memoryloop/config/releases/0a0b0c0d.env", `GITHUB_TOKEN='${token}'`),
    fails: container({ command: ["node", "server.js", `--token=${token}`] }),
    says: "it: command.2 is a GitHub token (not shown, 48 characters)",
  },
  secretPrivateKey: {
    passes: file("/etc/ssl/site.pem", "-----BEGIN CERTIFICATE-----\n"),
    fails: file("/etc/ssl/site.key", key),
    says: "it: entries./etc/ssl/site.key.content is a private key (not shown)",
  },
});
