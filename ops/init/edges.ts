import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { promisify } from "node:util";
import { Client } from "ssh2";
import { publicApi } from "../../github/rest";
import { logIn, publicEndpoint, type LoginAnswer } from "../../host/backup/b2-key";
import type { Connection } from "../../host/connection";
import { resolver } from "../../host/dns-resolver";
import { readTaggedImage, readTags, RegistryRefusal, type TagReference } from "../../host/image/registry";
import { readInventory, type Reading } from "../../host/inventory/inventory";
import { loginHint } from "../../host/preflight/preflight";
import { pooledShells } from "../../host/ssh/ssh-shell";
import { repositoryRoot } from "../../repository";
import { readSource, within, type Source } from "../source";
import type { MailFacts, Repository, TokenFacts } from "./checks/accounts";
import type { DnsFacts } from "./checks/domain";
import type { RegistryAnswer } from "./checks/image";
import type { Login } from "./checks/server";

const answerSeconds = 10;
const run = promisify(execFile);

const orEmpty = <T>(answer: Promise<readonly T[]>): Promise<readonly T[]> => answer.catch(() => []);

/** The authorities of the nearest name that has CAA records, as RFC 8659 climbs. */
async function authoritiesOf(domain: string): Promise<readonly string[]> {
  const records = await orEmpty(resolver.resolveCaa(domain));
  const issuers = records.flatMap(({ issue }) => (issue === undefined ? [] : [issue.split(";")[0]?.trim() ?? ""]));
  if (issuers.length > 0) return issuers;
  const parent = domain.split(".").slice(1).join(".");
  return parent.includes(".") ? authoritiesOf(parent) : [];
}

/** Reads a domain's addresses and the authorities that may issue for it. Never rejects. */
async function readDns(domain: string): Promise<DnsFacts> {
  const [a, aaaa, caa] = await Promise.all([
    orEmpty(resolver.resolve4(domain)),
    orEmpty(resolver.resolve6(domain)),
    authoritiesOf(domain),
  ]);
  return { a, aaaa, caa };
}

/** The addresses of a server. Never rejects. */
const readAddresses = async (host: string): Promise<readonly string[]> =>
  isIP(host) === 0 ? (await orEmpty(lookup(host, { all: true }))).map(({ address }) => address) : [host];

/** The number of a domain's mail servers. A name without any record has none; a resolver that fails says nothing. */
async function readMail(domain: string): Promise<MailFacts> {
  try {
    return { kind: "found", servers: (await resolver.resolveMx(domain)).length };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOTFOUND" || code === "ENODATA" ? { kind: "found", servers: 0 } : { kind: "unknown" };
  }
}

/** A key as known_hosts has it. Its first field is the length and the name of its type. */
const keyText = (key: Buffer): string =>
  `${key.subarray(4, 4 + key.readUInt32BE(0)).toString("ascii")} ${key.toString("base64")}`;

function shownKey({ host, port, user }: Login): Promise<string> {
  const client = new Client();
  return new Promise((resolve, reject) => {
    const hostVerifier = (key: Buffer): boolean => {
      resolve(keyText(key));
      return false;
    };
    // After the key the client ends with an error, which nobody waits for any more.
    client.on("error", reject);
    const readyTimeout = answerSeconds * 1000;
    const serverHostKey = ["ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512", "rsa-sha2-256"] as const;
    client.connect({
      host,
      port,
      username: user,
      readyTimeout,
      hostVerifier,
      algorithms: { serverHostKey: [...serverHostKey] },
    });
  });
}

function withCode(error: unknown): never {
  const { code, message } = error as NodeJS.ErrnoException;
  throw new Error(typeof code === "string" ? code : message);
}

/** The host key that a server shows, without a login. */
const readHostKey = (login: Login): Promise<Source<string>> =>
  readSource(within(answerSeconds, shownKey(login).catch(withCode)));

/** Logs in with the agent, and takes the inventory as root. */
async function readServer(connection: Connection, app: string): Promise<Source<Reading | undefined>> {
  const shell = pooledShells()(connection);
  const { host, user } = connection;
  try {
    return await readSource(readInventory(app, `${user}@${host}`, loginHint(connection), shell));
  } finally {
    await shell.close();
  }
}

async function refusedAnswer(image: TagReference, error: RegistryRefusal): Promise<RegistryAnswer> {
  const tags = error.status === 404 ? await readTags(image).catch(() => []) : [];
  return { kind: "refused", status: error.status, tags };
}

/** Reads a tag's image from its registry. Never rejects. */
async function askRegistry(image: TagReference): Promise<RegistryAnswer> {
  try {
    return { kind: "found", image: await readTaggedImage(image) };
  } catch (error) {
    if (error instanceof RegistryRefusal) return refusedAnswer(image, error);
    const { message, cause } = error as Error;
    return { kind: "unreachable", cause: cause instanceof Error ? cause.message : message };
  }
}

/** The tags of a repository; empty when the registry gives none. */
const tagsOf = (image: Omit<TagReference, "tag">): Promise<readonly string[]> => readTags(image).catch(() => []);

/** Logs in to B2 with a master key. Never rejects. */
const askB2 = (endpoint: string | undefined, id: string, key: string): Promise<LoginAnswer> =>
  logIn((endpoint ?? publicEndpoint).replace(/\/$/, ""), id, key);

async function githubStatus(url: string, token: string): Promise<{ status: number; body: unknown }> {
  const headers = { authorization: `Bearer ${token}`, accept: "application/vnd.github+json", "user-agent": "ops-init" };
  const response = await fetch(url, { headers });
  return { status: response.status, body: await response.json().catch(() => undefined) };
}

function isAdministrator(body: unknown): boolean | undefined {
  const { permissions } = (body ?? {}) as { permissions?: { admin?: boolean } };
  return permissions?.admin;
}

async function tokenFacts(api: string, { owner, repository }: Repository, token: string): Promise<TokenFacts> {
  const base = `${api}/repos/${owner}/${repository}`;
  const paths = [base, `${base}/actions/secrets`, `${base}/actions/variables`];
  const [found, secrets, variables] = await Promise.all(paths.map((url) => githubStatus(url, token)));
  return {
    repository: found?.status ?? 0,
    isAdmin: isAdministrator(found?.body),
    secrets: secrets?.status ?? 0,
    variables: variables?.status ?? 0,
  };
}

/** Asks GitHub what a token may do with a repository. */
const askGithub = (api: string | undefined, repository: Repository, token: string): Promise<Source<TokenFacts>> =>
  readSource(within(answerSeconds, tokenFacts((api ?? publicApi).replace(/\/$/, ""), repository, token)));

async function whoAmI(place: string, environment: NodeJS.ProcessEnv): Promise<string> {
  if (place.startsWith("file://"))
    mkdirSync(place.slice("file://".length).replace("~", process.env["HOME"] ?? "~"), { recursive: true });
  const { stdout } = await run("pulumi", ["whoami", "--non-interactive"], {
    env: { ...environment, PULUMI_BACKEND_URL: place },
  });
  return stdout.trim();
}

/** The user's name in the place of the state. */
const askBackend = (place: string, environment: NodeJS.ProcessEnv): Promise<Source<string>> =>
  readSource(
    within(answerSeconds * 3, whoAmI(place, environment)).catch((error: unknown) => {
      const { code, stderr, message } = error as NodeJS.ErrnoException & { stderr?: string };
      throw new Error(code === "ENOENT" ? "ENOENT" : (stderr ?? message).trim());
    }),
  );

const git = async (...words: string[]): Promise<string> =>
  (await run("git", ["-C", repositoryRoot, ...words])).stdout.trim();

/** The facts of this checkout that the stack file needs; empty where git does not say. Never rejects. */
export async function readCheckout(): Promise<{ readonly remote: string; readonly commit: string }> {
  const [remote, commit] = await Promise.all(
    [git("remote", "get-url", "origin"), git("rev-parse", "HEAD")].map((text) => text.catch(() => "")),
  );
  return { remote: remote ?? "", commit: commit ?? "" };
}

/** Whether git tracks a file of this checkout. */
export const isTracked = (file: string): Promise<boolean> =>
  git("ls-files", "--error-unmatch", "--", file).then(
    () => true,
    () => false,
  );

/** Everything outside this process that the questions ask. None of it rejects. */
export const edges = {
  readDns,
  readAddresses,
  readMail,
  readHostKey,
  readServer,
  askRegistry,
  tagsOf,
  askB2,
  askGithub,
  askBackend,
};

export type Edges = typeof edges;
