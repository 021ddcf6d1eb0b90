// The real program, with one violation planted into what it registers: PLANT names it, PROGRAM is the program's file.
const pulumi = require("@pulumi/pulumi");

const container = "docker:index/container:Container";
const fileSet = "vps:index:FileSet";

/** Changes properties of the resources of a type, or of the one with this name. */
const props = (type, change, name) => (args) =>
  args.type === type && (name === undefined || args.name === name)
    ? { props: { ...args.props, ...change(args.props) }, opts: args.opts }
    : undefined;

const ssl = "/etc/nginx/snippets/ssl-params.conf";
const nginx = "/etc/nginx/nginx.conf";

/** Changes one file of nginx's set. */
const file = (path, from, to) =>
  props(
    fileSet,
    ({ entries }) => ({
      entries: { ...entries, [path]: { ...entries[path], content: entries[path].content.replace(from, to) } },
    }),
    "certificate-nginx",
  );

const plants = {
  none: () => undefined,
  privileged: props(container, () => ({ privileged: true })),
  socket: props(container, () => ({
    mounts: [{ type: "bind", source: "/var/run/docker.sock", target: "/var/run/docker.sock" }],
  })),
  port: props(container, () => ({ ports: [{ internal: 3000, external: 3000 }] })),
  root: props(container, () => ({ user: "root" })),
  deletesFirst: ({ type, props, opts }) =>
    type === container ? { props, opts: { ...opts, deleteBeforeReplace: true } } : undefined,
  credential: props(container, () => ({ envs: [`GITHUB_TOKEN=ghp_${"a1".repeat(18)}`] })),
  anyHostKey: props(
    "command:remote:Command",
    ({ connection }) => ({ connection: pulumi.output(connection).apply(({ hostKey: _, ...rest }) => rest) }),
    "host-packages",
  ),
  acceptNew: props("pulumi:providers:docker", ({ sshOpts }) => ({
    sshOpts: pulumi
      .output(sshOpts)
      .apply((text) => text.replace("StrictHostKeyChecking=yes", "StrictHostKeyChecking=no")),
  })),
  worldWritable: props(
    fileSet,
    ({ entries }) => ({
      entries: { ...entries, "/opt/memoryloop": { kind: "directory", mode: "0777", owner: "root:root" } },
    }),
    "host-files",
  ),
  oldTls: file(ssl, "ssl_protocols TLSv1.3;", "ssl_protocols TLSv1 TLSv1.3;"),
  shortHsts: file(nginx, "max-age=63072000", "max-age=3600"),
  noTimer: props(fileSet, () => ({ units: {} }), "certificate-nginx"),
  gateless: props("vps:index:Rollout", ({ gate }) => ({ gate: { ...gate, criticalChecks: [] } })),
};

module.exports = () => {
  pulumi.runtime.registerStackTransformation(plants[process.env.PLANT]);
  return require(process.env.PROGRAM)();
};
