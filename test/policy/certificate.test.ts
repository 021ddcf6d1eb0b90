import * as certificate from "../../policy/certificate";
import * as kinds from "../../policy/kinds";
import { resourceOf } from "../support/policy";
import { testRules } from "../support/rule-cases";

const fileSet = resourceOf(kinds.fileSet);
const lineage = resourceOf(kinds.certificate);
const rollout = resourceOf(kinds.rollout);

const serving = rollout({ domain: "app.test" }, { name: "rollout" });
const expiringIn = (days: number) =>
  lineage({ expiresAt: new Date(Date.now() + (days + 0.5) * 86_400_000).toISOString() });
const timer = (active: boolean) =>
  fileSet({ units: { "certbot.timer": { enabled: true, active } } }, { name: "nginx" });
const certbot = (content: string) => fileSet({ entries: { "/etc/letsencrypt/cli.ini": { kind: "file", content } } });

testRules(certificate, {
  certificateForName: {
    passes: [serving, lineage({ domains: ["app.test"] })],
    fails: [serving, lineage({ domains: ["app.test"] }), lineage({ domains: ["app.test"] }, { name: "second" })],
    says: 'rollout: certificates for what it serves is [{"name":"app.test","certificates":2}]',
  },
  certificateRemaining: {
    passes: expiringIn(31),
    fails: expiringIn(30),
    says: "it: days to run is 30",
  },
  certificateRenewal: {
    passes: [lineage({}), timer(true)],
    fails: [lineage({}), timer(false)],
    says: 'it: certbot.timer is {"enabled":true,"active":false}',
  },
  certificateStaple: {
    passes: certbot("key-type = ecdsa\n"),
    fails: certbot("key-type = ecdsa\nmust-staple = true\n"),
    says: "it: /etc/letsencrypt/cli.ini is must-staple = true",
  },
  certificateKey: {
    passes: lineage({ keyType: "ecdsa" }),
    fails: lineage({ keyType: "rsa" }),
    says: 'it: keyType is "rsa"',
  },
  certificateAuthority: {
    passes: lineage({ server: "https://acme.test/directory" }),
    fails: lineage({ server: "http://acme.test/directory" }),
    says: 'it: server is "http://acme.test/directory"',
  },
});
