import * as files from "../../policy/files";
import * as kinds from "../../policy/kinds";
import { resourceOf } from "../support/policy";
import { testRules } from "../support/rule-cases";

const fileSet = resourceOf(kinds.fileSet);

const withFile = (path: string, file: { content?: string; mode?: string; owner?: string }) =>
  fileSet({ entries: { [path]: { kind: "file", content: "", ...file } } });
const withDirectory = (path: string, directory: { mode?: string; owner?: string }) =>
  fileSet({ entries: { [path]: { kind: "directory", ...directory } } });

const environment = "/opt/memoryloop/config/releases/0a0b0c0d.env";
const script = "/usr/local/bin/tool";

testRules(files, {
  fileCredentialMode: {
    passes: withFile(environment, { mode: "0400" }),
    fails: withFile(environment, {}),
    says: `it: mode of ${environment} is "0644"`,
  },
  fileCredentialOwner: {
    passes: withFile(environment, { owner: "1001:1001" }),
    fails: withFile(environment, { owner: "www-data:www-data" }),
    says: `it: owner of ${environment} is "www-data:www-data"`,
  },
  fileWorldWritable: {
    passes: withDirectory("/var/lib/memoryloop", { mode: "1777" }),
    fails: withDirectory("/var/lib/memoryloop", { mode: "0777" }),
    says: 'it: mode of /var/lib/memoryloop is "0777"',
  },
  fileSetuid: {
    passes: withFile(script, { mode: "0755" }),
    fails: withFile(script, { mode: "4755" }),
    says: `it: mode of ${script} is "4755"`,
  },
  fileSystemOwner: {
    passes: withDirectory("/opt/memoryloop/data", { owner: "1001:1001" }),
    fails: withFile(script, { owner: "1001:1001" }),
    says: `it: owner of ${script} is 1001:1001`,
  },
  fileFirewall: {
    passes: withFile("/etc/nftables.d/app.nft", { content: "destroy table inet app\n" }),
    fails: withFile("/etc/nftables.d/app.nft", { content: "table inet app {}\nflush ruleset # clean\n" }),
    says: 'it: /etc/nftables.d/app.nft is "flush ruleset # clean"',
  },
  fileSshd: {
    passes: withFile("/etc/ssh/sshd_config.d/app.conf", { content: "PasswordAuthentication no\n" }),
    fails: withFile("/etc/ssh/sshd_config.d/app.conf", { content: "PasswordAuthentication yes\n" }),
    says: 'it: /etc/ssh/sshd_config.d/app.conf is "PasswordAuthentication yes"',
  },
});
