import { isDeepStrictEqual } from "node:util";
import { jumpOf } from "../host/connection";
import { jumpCommand } from "../host/ssh/client-options";
import { agentPath } from "../host/ssh/identity-file";
import * as kinds from "./kinds";
import type { Connected, DockerProviderProps } from "./kinds";
import { fact, factsOf, resourceRule, showJson, type Fact } from "./rule";
import type { StackSettings } from "./stack-settings";

const publicKey = /^(ssh-ed25519|ecdsa-sha2-nistp\d+|ssh-rsa) [A-Za-z0-9+/=]{4,}$/;

interface Field {
  readonly name: string;
  readonly value: unknown;
}

/** The fields that a connection must have. */
const connectionFields = ["host", "port", "user", "hostKey"] as const;

/** Fields of a connection with a chosen key or with a jump host: equal to those that the configuration makes. */
const chosenFields = ["identity", "jump", "agentSocketPath", "proxy"] as const;

/** Numbers that the command plugin's check adds. They only limit the attempts to connect. */
const harmlessFields = ["dialErrorLimit", "perDialTimeout"];

const isField = (name: string): name is (typeof connectionFields)[number] =>
  connectionFields.some((field) => field === name);

const isChosen = (name: string): name is (typeof chosenFields)[number] => chosenFields.some((field) => field === name);

/** A value without the fields that only limit the attempts to connect. */
const essence = (value: unknown): unknown =>
  typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).filter(([name]) => ![...harmlessFields, "__defaults"].includes(name)))
    : value;

function holdsChosen(name: (typeof chosenFields)[number], value: unknown, stack: StackSettings | undefined): boolean {
  if (!stack) return false;
  const { identity, jump } = stack.host;
  const own = jumpOf(stack.host);
  const agent = (key: string | undefined) => (key === undefined ? {} : { agentSocketPath: agentPath(key) });
  const { identity: jumpIdentity, ...proxy } = own ?? {};
  const wanted = {
    identity,
    jump,
    ...agent(identity),
    proxy: own && { ...proxy, ...agent(jumpIdentity) },
  }[name];
  return isDeepStrictEqual(essence(value), wanted);
}

function holdsField({ name, value }: Field, stack: StackSettings | undefined): boolean {
  if (isChosen(name)) return holdsChosen(name, value, stack);
  if (!isField(name)) return harmlessFields.includes(name);
  if (stack) return value === stack.host[name];
  return name === "hostKey" ? typeof value === "string" && publicKey.test(value) : value !== undefined;
}

export const sshConnection = resourceRule({
  name: "ssh-connection",
  why: "Each ssh connection goes to the configured server, pins its host key and authenticates by ssh agent. Otherwise another machine can receive the secrets, or a private key is stored in the state",
  source: "docs/decisions/0019-ssh-agent-only-and-pinned-host-key.md",
  fix: "pass `connection` of the stack's configuration (host.host, host.port, host.user, host.hostKey) and no other field",
  facts: [
    {
      type: undefined,
      *facts({ props }) {
        if (!("connection" in props)) return;
        const connection = (props as Connected).connection ?? {};
        for (const name of new Set([...connectionFields, ...Object.keys(connection)])) {
          if (name !== "__defaults") yield fact(`connection.${name}`, (): Field => ({ name, value: connection[name] }));
        }
      },
    },
  ],
  holds: (field, { stack }) => holdsField(field, stack),
  show: ({ name, value }) => (isField(name) ? showJson(value) : "set (not shown)"),
});

const wordsOf = ({ sshOpts = [] }: DockerProviderProps): readonly string[] =>
  typeof sshOpts === "string" ? (JSON.parse(sshOpts) as string[]) : sshOpts;

/** The options in the words for Docker's ssh: `-o`, `Name=value`. Any other word is an option without a value. */
function sshOptions(props: DockerProviderProps): Field[] {
  const words = wordsOf(props).map((word) => word.replace(/^-o\s*/, ""));
  return words
    .filter((word) => word !== "")
    .map((word) => {
      const [, name, value] = /^(\w+)=(.*)$/s.exec(word) ?? [];
      return { name: name ?? word, value };
    });
}

/** `/bin/echo <alias> <key>`: another command would run on the machine that deploys. */
const echoOfKey = /^\/bin\/echo [\w.[\]:-]+ ((?:ssh-ed25519|ecdsa-sha2-nistp\d+|ssh-rsa) [A-Za-z0-9+/=]{4,})$/;

const requiredOptions = ["StrictHostKeyChecking", "KnownHostsCommand"];
const harmlessOptions = ["HostKeyAlias", "ConnectTimeout", "ServerAliveInterval", "ServerAliveCountMax", "LogLevel"];
/** ssh reads no configuration file of the machine. */
const noConfiguration = "-Fnone";
const agentOptions = ["IdentityFile", "IdentitiesOnly", "IdentityAgent"];

function holdsOption({ name, value }: Field, stack: StackSettings | undefined): boolean {
  const text = typeof value === "string" ? value : "";
  switch (name) {
    case "StrictHostKeyChecking":
    case "BatchMode":
      return text === "yes";
    case "UserKnownHostsFile":
    case "GlobalKnownHostsFile":
      return text === "/dev/null";
    case "KnownHostsCommand": {
      const key = echoOfKey.exec(text)?.[1];
      return key !== undefined && (!stack || key === stack.host.hostKey);
    }
    case "ProxyCommand": {
      const jump = stack && jumpOf(stack.host);
      return jump !== undefined && text === jumpCommand(jump);
    }
    case noConfiguration:
      return true;
    default:
      return value !== undefined && [...harmlessOptions, ...agentOptions].includes(name);
  }
}

const addressOf = ({ host }: StackSettings): string => `ssh://${host.user}@${host.host}:${host.port}`;

type DockerFact = { kind: "address"; value: unknown } | { kind: "option" | "input"; field: Field };

function* dockerFacts(props: DockerProviderProps): Generator<Fact<DockerFact>> {
  yield fact("host", () => ({ kind: "address", value: props.host }));
  const options = fact("sshOpts", () => sshOptions(props)).value();
  const missing = requiredOptions.filter((name) => !options.some((option) => option.name === name));
  for (const field of [...options, ...missing.map((name) => ({ name, value: undefined }))]) {
    yield fact(`sshOpts ${field.name}`, () => ({ kind: "option", field }));
  }
  for (const name of Object.keys(props)) {
    if (["host", "sshOpts", "registryAuth", "version", "__defaults"].includes(name)) continue;
    yield fact(name, () => ({ kind: "input", field: { name, value: props[name] } }));
  }
}

export const dockerConnection = resourceRule({
  name: "docker-connection",
  why: "Docker is used over ssh at the configured server, with the pinned host key. Docker's TCP socket, another host key or an own ssh command gives root on the server, or a command on this machine, to others",
  source: "docs/decisions/0019-ssh-agent-only-and-pinned-host-key.md; CIS Docker Benchmark 2.7",
  fix: "create the provider with dockerProvider of components/docker-provider.ts: host ssh://<user>@<host>:<port>, and the options of dockerSshOpts",
  facts: [factsOf(kinds.dockerProvider, dockerFacts)],
  holds: (checked, { stack }) => {
    switch (checked.kind) {
      case "address":
        return stack ? checked.value === addressOf(stack) : String(checked.value).startsWith("ssh://");
      case "option":
        return holdsOption(checked.field, stack);
      case "input":
        // An empty context keeps the plugin from using the one of this machine.
        return checked.field.value === undefined || (checked.field.name === "context" && checked.field.value === "");
    }
  },
  show: (checked) => {
    if (checked.kind === "input") return "set (not shown)";
    if (checked.kind === "address") return showJson(checked.value);
    const isUnknown = checked.field.value === undefined && !requiredOptions.includes(checked.field.name);
    return isUnknown ? "not an option in the form -o Name=value" : showJson(checked.field.value);
  },
});

interface Login {
  readonly address?: string;
}

const loginsOf = ({ registryAuth = [] }: DockerProviderProps): readonly Login[] =>
  typeof registryAuth === "string" ? (JSON.parse(registryAuth) as Login[]) : (registryAuth as readonly Login[]);

const hostOf = (address: string): string => address.replace(/^https?:\/\//, "").replace(/\/.*$/, "");

const isLoopback = (address: string): boolean => /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(hostOf(address));

function holdsLogin({ address = "" }: Login, stack: StackSettings | undefined): boolean {
  if (/^http:/.test(address) && !isLoopback(address)) return false;
  return !stack || hostOf(address) === hostOf(stack.image.registry ?? stack.image.repository);
}

export const registryLogin = resourceRule({
  name: "registry-login",
  why: "The registry token is sent to the registry of the app's image and to no other, and never over plain http",
  source: "docs/data-model.md section 1",
  fix: "create the provider with dockerProvider of components/docker-provider.ts; it takes the registry from image.repository",
  facts: [
    factsOf(kinds.dockerProvider, function* (props) {
      for (const [index, login] of fact("registryAuth", () => loginsOf(props))
        .value()
        .entries()) {
        yield fact(`registryAuth[${index}].address`, () => login);
      }
    }),
  ],
  holds: (login, { stack }) => holdsLogin(login, stack),
  show: ({ address }) => showJson(address),
});
