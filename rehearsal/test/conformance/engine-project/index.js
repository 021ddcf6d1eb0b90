const command = require("@pulumi/command");
const docker = require("@pulumi/docker");
const pulumi = require("@pulumi/pulumi");
const random = require("@pulumi/random");

const config = new pulumi.Config();
const host = config.require("host");
const port = config.requireNumber("port");
const user = config.require("user");
const hostKey = config.require("hostKey");
const image = config.require("image");

const provider = new docker.Provider("vps", {
  host: `ssh://${user}@${host}:${port}`,
  sshOpts: [
    "-o",
    "StrictHostKeyChecking=yes",
    "-o",
    "UserKnownHostsFile=/dev/null",
    "-o",
    `KnownHostsCommand=/bin/echo [${host}]:${port} ${hostKey}`,
  ],
});

const script = config.get("script") ?? "cat; echo done";
const bootstrap = new command.remote.Command("bootstrap", {
  connection: { host, port, user, hostKey },
  create: script,
  stdin: "installing\n",
  triggers: [script],
});

const release = new random.RandomId("release", {
  byteLength: 6,
  keepers: { image, environment: pulumi.secret(config.get("environment") ?? "none") },
});

const network = new docker.Network(
  "net",
  { name: "standinsnet", driver: "bridge", ipamConfigs: [{ subnet: "172.30.0.0/16" }] },
  { provider, dependsOn: bootstrap },
);

const container = new docker.Container(
  "app",
  {
    name: pulumi.interpolate`standins-${release.hex}`,
    image,
    envs: ["NODE_ENV=production"],
    labels: [
      { label: "app", value: "standins" },
      { label: "release", value: release.hex },
    ],
    networksAdvanced: [
      { name: network.name, ipv4Address: release.hex.apply((hex) => `172.30.1.${2 + (parseInt(hex, 16) % 250)}`) },
    ],
    mounts: [{ type: "bind", source: "/opt", target: "/app/data" }],
    tmpfs: { "/tmp": "rw,noexec,nosuid,size=64m" },
    capabilities: { drops: ["ALL"] },
    securityOpts: ["no-new-privileges"],
    readOnly: true,
    init: true,
    user: "1000:1000",
    restart: "unless-stopped",
    memory: 64,
    memorySwap: config.getNumber("memorySwap") ?? 128,
    cpus: "0.5",
    logDriver: "local",
    logOpts: { "max-size": "10m" },
    ulimits: [{ name: "nofile", soft: 1024, hard: 2048 }],
    sysctls: { "net.core.somaxconn": "256" },
    hosts: [{ host: "db", ip: "127.0.0.1" }],
    healthcheck: { tests: ["CMD", "/bin/true"], interval: "1m30s", retries: 3 },
    destroyGraceSeconds: 5,
  },
  { provider, deleteBeforeReplace: config.getBoolean("defaultReplace") ? undefined : false },
);

exports.container = container.name;
exports.said = bootstrap.stdout;
