import * as host from "../../policy/host";
import * as kinds from "../../policy/kinds";
import { resourceOf } from "../support/policy";
import { testRules } from "../support/rule-cases";

const command = resourceOf(kinds.remoteCommand);
const connected = resourceOf<kinds.Connected>({ type: kinds.remoteCommand.type });
const docker = resourceOf(kinds.dockerProvider);
const localCommand = resourceOf<{ create: string }>({ type: "command:local:Command" });

const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtd3lRLtxH1qNzq0rTJmzvBCSZQ2YbgS8dzJ0EJ7wAB";
const knownHosts = `-oKnownHostsCommand=/bin/echo [203.0.113.7]:22 ${hostKey}`;

testRules(host, {
  sshHostKey: {
    passes: connected({ connection: { host: "203.0.113.7", hostKey } }),
    fails: connected({ connection: { host: "203.0.113.7" } }),
    says: "it: connection is not set",
  },
  sshPrivateKey: {
    passes: connected({ connection: { hostKey } }),
    fails: connected({ connection: { hostKey, privateKey: "key" } }),
    says: 'it: connection is ["privateKey"]',
  },
  dockerHostKey: {
    passes: docker({ sshOpts: ["-oStrictHostKeyChecking=yes", knownHosts] }),
    fails: docker({ sshOpts: ["-oStrictHostKeyChecking=accept-new"] }),
    says: 'it: sshOpts is ["StrictHostKeyChecking=accept-new","KnownHostsCommand="]',
  },
  dockerTransport: {
    passes: docker({ host: "ssh://root@203.0.113.7:22" }),
    fails: docker({ host: "tcp://203.0.113.7:2375" }),
    says: 'it: host is "tcp://203.0.113.7:2375"',
  },
  commandQuiet: {
    passes: command({ logging: "none", addPreviousOutputInEnv: false }),
    fails: command({ logging: "stdout", addPreviousOutputInEnv: false }),
    says: 'it: logging and addPreviousOutputInEnv is {"logging":"stdout","addPreviousOutputInEnv":false}',
  },
  commandLocal: {
    passes: command({ create: "make" }),
    fails: localCommand({ create: "make" }),
    says: 'it: create is "make"',
  },
});
