import * as kinds from "./kinds";
import type { Connected, DockerProviderProps } from "./kinds";
import { fact, factsOf, resourceRule, type Selector } from "./rule";

/** The option's values in the words that Docker's ssh is given: `-o`, `Name=value`. */
function sshOptions({ sshOpts = [] }: DockerProviderProps): ReadonlyMap<string, string> {
  const words = typeof sshOpts === "string" ? (JSON.parse(sshOpts) as string[]) : sshOpts;
  return new Map(
    words.flatMap((word) => {
      const [, name, value] = /^(?:-o)?\s*(\w+)=(.*)$/.exec(word) ?? [];
      return name !== undefined && value !== undefined ? [[name, value] as const] : [];
    }),
  );
}

const publicKey = /(ssh-ed25519|ecdsa-sha2-nistp\d+|ssh-rsa) [A-Za-z0-9+/=]{4,}$/;

/** Every resource that opens an ssh connection by itself. */
const connections = <Value>(read: (connection: NonNullable<Connected["connection"]>) => Value): Selector<Value> => ({
  type: undefined,
  *facts({ props }) {
    if ("connection" in props) yield fact("connection", () => read((props as Connected).connection ?? {}));
  },
});

export const sshHostKey = resourceRule({
  name: "ssh-host-key",
  why: "Every ssh connection pins its host's key: without it whoever sits in between gets the environment and root",
  source: "pulumi-command connection.go accepts any key; design.md 5.1",
  remedy:
    'give connection.hostKey (config host.hostKey: "ssh-ed25519 AAAA...", from ssh-keyscan, compared over a trusted line)',
  facts: [connections(({ hostKey }) => hostKey)],
  holds: (hostKey) => hostKey !== undefined && publicKey.test(hostKey),
});

export const sshPrivateKey = resourceRule({
  name: "ssh-private-key",
  why: "No private key or password of a connection is an input: it would be in the state, and in the engine's log",
  source: "design.md 5.1; pulumi-command#773",
  remedy: "leave it out: authentication is by ssh agent (SSH_AUTH_SOCK)",
  facts: [
    connections((connection) =>
      ["privateKey", "privateKeyPassword", "password"].filter((name) => name in connection && connection[name]),
    ),
    factsOf(kinds.dockerProvider, (props) => [
      fact("keyMaterial, certMaterial", () => ["keyMaterial", "certMaterial"].filter((name) => props[name])),
    ]),
  ],
  holds: (names) => names.length === 0,
});

export const dockerHostKey = resourceRule({
  name: "docker-host-key",
  why: "Docker's ssh trusts exactly the pinned key, from no file of the laptop",
  source: "design.md 5.1",
  remedy:
    "give the provider the sshOpts of dockerSshOpts: StrictHostKeyChecking=yes and KnownHostsCommand with the key",
  facts: [
    factsOf(kinds.dockerProvider, (props) => [
      fact("sshOpts", () => {
        const options = sshOptions(props);
        return ["StrictHostKeyChecking", "KnownHostsCommand"].map((name) => `${name}=${options.get(name) ?? ""}`);
      }),
    ]),
  ],
  holds: ([strict = "", command = ""]) => strict === "StrictHostKeyChecking=yes" && publicKey.test(command),
});

export const dockerTransport = resourceRule({
  name: "docker-transport",
  why: "Docker is reached by ssh: its TCP socket without a client certificate is root for everyone who finds it",
  source: "CIS Docker 2.7",
  remedy: "set the provider's host to ssh://<user>@<host>:<port>",
  facts: [factsOf(kinds.dockerProvider, ({ host }) => [fact("host", () => host)])],
  holds: (host) => host !== undefined && host.startsWith("ssh://"),
});

export const commandQuiet = resourceRule({
  name: "command-quiet",
  why: "A command's output does not go to the log: it may hold what it read on the host",
  source: "pulumi-command#260; design.md 5.2",
  remedy: 'set logging to "none" and addPreviousOutputInEnv to false',
  facts: [
    factsOf(kinds.remoteCommand, (props) => [
      fact("logging and addPreviousOutputInEnv", () => ({
        logging: props.logging,
        addPreviousOutputInEnv: props.addPreviousOutputInEnv,
      })),
    ]),
  ],
  holds: ({ logging, addPreviousOutputInEnv }) => logging === "none" && addPreviousOutputInEnv === false,
});

const localCommands = ["command:local:Command", "command:local:run"];

export const commandLocal = resourceRule({
  name: "command-local",
  why: "No resource runs a command on the machine that deploys: in a pull request's checks that is code of its author",
  source: "design.md 5.4",
  remedy: "run it on the host (command.remote.Command), or do it in the program",
  facts: localCommands.map((type) => ({ type, facts: ({ props }) => [fact("create", () => String(props["create"]))] })),
  holds: () => false,
});
