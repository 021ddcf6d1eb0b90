import { execFile } from "node:child_process";
import { lookup } from "node:dns/promises";
import { promisify } from "node:util";
import { createAgent, type KnownPublicKeys } from "ssh2";
import { publicApi } from "../../github/rest";
import { readSource, within, type Source } from "../source";
import type { Stack } from "../stack";

const answerSeconds = 5;

/** The state of the machine and the accounts of the operator. Each fact failed or was found on its own. */
export interface OperatorFacts {
  /** Version of Node.js, such as "22.1.0". */
  readonly node: string;
  /** Version of the Pulumi CLI. */
  readonly pulumi: Source<string>;
  /** Number of keys that the ssh agent offers. */
  readonly agentKeys: Source<number>;
  /** Addresses of the site by DNS. */
  readonly siteAddresses: Source<readonly string[]>;
  /** Addresses of the server, by `host.host`. */
  readonly serverAddresses: Source<readonly string[]>;
  /** HTTP status of the registry's API: 200 or 401 when it works. */
  readonly registry: Source<number>;
  /** HTTP status for the master key of B2; undefined for a stack without backups. */
  readonly b2: Source<number> | undefined;
  /** HTTP status for GITHUB_TOKEN; undefined when the variable is not set. */
  readonly github: Source<number> | undefined;
  /** Milliseconds since 1970 of this machine. */
  readonly now: number;
}

async function pulumiVersion(): Promise<string> {
  const { stdout } = await promisify(execFile)("pulumi", ["version"]);
  return stdout.trim().replace(/^v/, "");
}

function agentKeys(environment: NodeJS.ProcessEnv): Promise<number> {
  const socket = environment["SSH_AUTH_SOCK"];
  if (!socket) return Promise.reject(new Error("SSH_AUTH_SOCK is not set"));
  return new Promise((resolve, reject) => {
    createAgent(socket).getIdentities((error: Error | null | undefined, keys?: KnownPublicKeys) => {
      if (error) reject(error);
      else resolve(keys?.length ?? 0);
    });
  });
}

const addressesOf = async (name: string): Promise<readonly string[]> =>
  (await lookup(name, { all: true })).map(({ address }) => address);

async function statusOf(url: string, authorization: string | undefined): Promise<number> {
  const headers: Record<string, string> = { "user-agent": "ops-doctor" };
  if (authorization !== undefined) headers["authorization"] = authorization;
  const { status } = await fetch(url, { headers, redirect: "follow" });
  return status;
}

function b2Status(endpoint: string, { B2_APPLICATION_KEY_ID, B2_APPLICATION_KEY }: NodeJS.ProcessEnv): Promise<number> {
  if (!B2_APPLICATION_KEY_ID || !B2_APPLICATION_KEY)
    return Promise.reject(new Error("B2_APPLICATION_KEY_ID and B2_APPLICATION_KEY are not set"));
  const pair = Buffer.from(`${B2_APPLICATION_KEY_ID}:${B2_APPLICATION_KEY}`).toString("base64");
  return statusOf(`${endpoint}/b2api/v3/b2_authorize_account`, `Basic ${pair}`);
}

const registryOf = ({ registry, repository }: Stack): string => registry ?? `https://${repository.split("/")[0] ?? ""}`;

/** Reads all facts at one time. Never rejects. */
export async function readOperatorFacts(stack: Stack, environment: NodeJS.ProcessEnv): Promise<OperatorFacts> {
  const ask = <T>(answer: Promise<T>) => readSource(within(answerSeconds, answer));
  const token = environment["GITHUB_TOKEN"];
  const api = environment["GITHUB_API_URL"] ?? publicApi;
  const [pulumi, keys, siteAddresses, serverAddresses, registry, b2, github] = await Promise.all([
    ask(pulumiVersion()),
    ask(agentKeys(environment)),
    ask(addressesOf(stack.app.domain)),
    ask(addressesOf(stack.connection.host)),
    ask(statusOf(`${registryOf(stack)}/v2/`, undefined)),
    stack.bucket === undefined ? undefined : ask(b2Status(stack.b2Endpoint, environment)),
    token ? ask(statusOf(`${api}/rate_limit`, `Bearer ${token}`)) : undefined,
  ]);
  const { node } = process.versions;
  return { node, pulumi, agentKeys: keys, siteAddresses, serverAddresses, registry, b2, github, now: Date.now() };
}
