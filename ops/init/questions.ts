import { join } from "node:path";
import { apiUrlOf } from "../../github/rest";
import type { Expectations } from "../../host/inventory/rules/problem";
import { ownerName } from "../../host/file-set/owner";
import * as accounts from "./checks/accounts";
import * as app from "./checks/app";
import { appNameOf, checkDns, checkDomain, checkName } from "./checks/domain";
import { checkImage, checkReference, checkTags, withoutTls } from "./checks/image";
import { checkHostKey, checkInventory, checkLogin, checkShownKey, fingerprintOf } from "./checks/server";
import type { Edges } from "./edges";
import type { Known } from "./existing";
import type { Found } from "./found";
import { mapped, type Question } from "./question";
import { bad, good, type Verdict } from "./verdict";

/** Everything beside the answers that the questions need. */
export interface Setting {
  readonly project: string;
  readonly stack: string;
  /** The existing stack file: keys that no question is about, and the secrets that it has. */
  readonly known: Known;
  readonly stored: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** The address of this checkout's repository on GitHub; empty without one. */
  readonly remote: string;
  /** Whether a flag or an answers file names the app. Otherwise the name follows from the domain. */
  readonly isNameGiven: boolean;
  readonly edges: Edges;
}

/** The questions in their order. Some follow from the answers so far. */
export type Questions = readonly ((found: Found) => readonly Question[])[];

const isLocal = ({ server }: Found): boolean => server?.host.startsWith("127.") ?? false;

function expectationsOf({ project, stack }: Setting, found: Found, name: string, domain: string): Expectations {
  const owner = ownerName({ project, stack, app: name });
  const { server, adopt = [] } = found;
  const { host = "", port: sshPort = 22 } = server ?? {};
  const app = { app: name, owner, domains: [domain], claims: {}, memoryMb: 1024, data: [] };
  return { ...app, host, sshPort, adopt, allow: [], now: Date.now() };
}

const serverQuestion = ({ edges }: Setting): Question => ({
  key: "server",
  message: "Server: [user@]address[:port]",
  kind: "text",
  example: "root@10.20.30.40",
  judge: async (answer) => {
    const login = checkLogin(answer);
    if (login.kind !== "good") return login;
    const shown = checkShownKey(login.value, await edges.readHostKey(login.value));
    return mapped(shown, (shownKey) => ({ server: login.value, shownKey }));
  },
});

async function judgeKey(setting: Setting, answer: string, found: Found): Promise<Verdict<Partial<Found>>> {
  const { server, shownKey = "" } = found;
  const key = checkHostKey(answer, shownKey);
  if (key.kind !== "good" || server === undefined) return mapped(key, (hostKey) => ({ hostKey }));
  const reading = await setting.edges.readServer({ ...server, hostKey: shownKey }, setting.known.app.name ?? "app");
  const verdict = checkInventory(reading, expectationsOf(setting, found, "", ""));
  return mapped(verdict, ({ inventory, adopt }) => ({
    hostKey: shownKey,
    inventory,
    adopt,
    ...(reading.ok && reading.value !== undefined && { reading: reading.value }),
  }));
}

const hostKeyQuestion = (setting: Setting): Question => ({
  key: "host-key",
  message: ({ shownKey = "" }) =>
    `The server shows the host key ${fingerprintOf(shownKey)}. Is it the key in the provider's console?`,
  kind: "confirm",
  // A key that the stack file pins was compared before.
  initial: ({ shownKey }) => (shownKey === setting.known.host.hostKey ? "yes" : undefined),
  judge: (answer, found) => judgeKey(setting, answer, found),
});

async function judgeDomain(setting: Setting, answer: string, found: Found): Promise<Verdict<Partial<Found>>> {
  const checked = checkDomain(answer);
  if (checked.kind !== "good") return checked;
  const domain = checked.value;
  const name = setting.known.app.name ?? appNameOf(domain);
  if (found.reading !== undefined) {
    const expected = expectationsOf(setting, found, name, domain);
    const server = checkInventory({ ok: true, value: found.reading }, expected);
    if (server.kind !== "good") return mapped(server, ({ adopt }) => ({ domain, name, adopt }));
  }
  const named = `the app is called ${name} on the server; --name gives another name`;
  if (isLocal(found)) return good({ domain, name }, named);
  const { edges } = setting;
  const [dns, addresses] = await Promise.all([edges.readDns(domain), edges.readAddresses(found.server?.host ?? "")]);
  const verdict = checkDns(domain, dns, addresses);
  return verdict.kind === "good"
    ? good({ domain, name }, ...verdict.notes, named)
    : mapped(verdict, () => ({ domain, name }));
}

const domainQuestion = (setting: Setting): Question => ({
  key: "domain",
  message: "Public name of the site",
  kind: "text",
  example: "shop.mysite.org",
  judge: (answer, found) => judgeDomain(setting, answer, found),
});

const nameQuestion = ({ isNameGiven }: Setting): Question => ({
  key: "name",
  isAsked: () => isNameGiven,
  message: "Name of the app on the server",
  kind: "text",
  initial: ({ name }) => name,
  judge: (answer) => Promise.resolve(mapped(checkName(answer), (name) => ({ name }))),
});

async function judgeImage(setting: Setting, answer: string, found: Found): Promise<Verdict<Partial<Found>>> {
  const { edges, known } = setting;
  const checked = checkReference(answer);
  if (checked.kind !== "good") return checked;
  const registry = withoutTls(known.image.registry, checked.value);
  const password = found.secrets["REGISTRY_TOKEN"];
  const image = { ...checked.value, registry, username: found.username, password };
  if (image.tag === "") return checkTags(checked.value, await edges.tagsOf(image));
  const server = { architecture: found.inventory?.os.architecture, hasLogin: password !== undefined };
  return mapped(checkImage(checked.value, await edges.askRegistry(image), server), (chosen) => ({ image: chosen }));
}

const imageQuestion = (setting: Setting): Question => ({
  key: "image",
  message: "Image with the tag to deploy first",
  kind: "text",
  example: "ghcr.io/owner/app:4f2c1e9",
  judge: (answer, found) => judgeImage(setting, answer, found),
});

const needsLogin = ({ image }: Found): boolean => image?.needsLogin === true;

const registryQuestions = (setting: Setting): readonly Question[] => [
  {
    key: "registry-user",
    message: "The image is private. Login name at the registry",
    kind: "text",
    isAsked: needsLogin,
    judge: (answer) =>
      Promise.resolve(
        answer.trim() === ""
          ? bad("a private image needs a login", "give your user name at the registry")
          : good({ username: answer.trim() }),
      ),
  },
  {
    key: "registry-token",
    message: "Token that may read the image",
    kind: "hidden",
    variable: "REGISTRY_TOKEN",
    isAsked: needsLogin,
    judge: async (answer, found) => {
      if (answer === "") return bad("the token is empty", "make a token with read:packages and give it");
      const secrets = { ...found.secrets, REGISTRY_TOKEN: answer };
      const { repository = "", tag = "" } = found.image ?? {};
      const verdict = await judgeImage(setting, `${repository}:${tag}`, { ...found, secrets });
      return mapped(verdict, (value) => ({ ...value, secrets }));
    },
  },
];

const appQuestions: readonly Question[] = [
  {
    key: "health",
    message: "Path of the health endpoint; add the word http if any answer with the status 200 is healthy",
    kind: "text",
    initial: () => "/api/health",
    judge: (answer) => Promise.resolve(mapped(app.checkHealth(answer), (health) => ({ health }))),
  },
  {
    key: "data",
    message: "Directories of the container to keep and back up: <path>:<kind>, or none",
    kind: "text",
    initial: ({ image }) => image?.volumes.map((path) => `${path}:files`).join(" ") || "none",
    judge: (answer) => Promise.resolve(mapped(app.checkData(answer), (data) => ({ data }))),
  },
  {
    key: "variables",
    message: "Variables of the app: NAME=value, NAME for a secret, NAME! for a generated secret; or none",
    kind: "text",
    initial: () => "NODE_ENV=production",
    judge: (answer) => Promise.resolve(mapped(app.checkVariables(answer), (variables) => ({ variables }))),
  },
];

/** One hidden question for each secret that the stack file has not yet. */
const secretQuestions = ({ stored }: Setting, { variables = {} }: Found): readonly Question[] =>
  app
    .secretNames(variables)
    .filter((name) => !stored.includes(name))
    .map((name) => ({
      key: `secret-${name}`,
      message: `Value of the secret ${name}`,
      kind: "hidden",
      variable: name,
      judge: (answer, { secrets }) =>
        Promise.resolve(mapped(app.checkSecret(name, answer), (value) => ({ secrets: { ...secrets, [name]: value } }))),
    }));

const emailQuestion = ({ edges }: Setting): Question => ({
  key: "email",
  message: "E-mail address for messages of the certificate authority",
  kind: "text",
  judge: async (answer, found) => {
    const domain = answer.trim().split("@")[1] ?? "";
    const mail = domain === "" || isLocal(found) ? ({ kind: "unknown" } as const) : await edges.readMail(domain);
    return mapped(accounts.checkEmail(answer, mail), (email) => ({ email }));
  },
});

type Key = { readonly id: string; readonly key: string };

/** The master key, from the environment or from the answers. */
function masterKey({ environment }: Setting, found: Found): Partial<Key> {
  const value = (name: string): string | undefined => found.environment[name] ?? environment[name];
  const [id, key] = [value("B2_APPLICATION_KEY_ID"), value("B2_APPLICATION_KEY")];
  return { ...(id && { id }), ...(key && { key }) };
}

const judgeMasterKey = async ({ edges, known }: Setting, { id, key }: Key): Promise<Verdict<true>> =>
  accounts.checkBucketKey(await edges.askB2(known.backups?.endpoint, id, key));

async function judgeBucket(setting: Setting, answer: string, found: Found): Promise<Verdict<Partial<Found>>> {
  const checked = accounts.checkBucket(answer, (found.data ?? []).length > 0);
  if (checked.kind !== "good" || checked.value === undefined) return mapped(checked, (bucket) => ({ bucket }));
  const { id, key } = masterKey(setting, found);
  if (id === undefined || key === undefined) return good({ bucket: checked.value });
  return mapped(await judgeMasterKey(setting, { id, key }), () => ({ bucket: checked.value }));
}

const hasBucket = ({ bucket }: Found): boolean => bucket !== undefined;

/** A hidden question whose answer only the environment of the engine gets. */
const environmentQuestion = (
  question: Pick<Question, "key" | "message" | "isAsked"> & { readonly variable: string },
  judge: (answer: string, found: Found) => Promise<Verdict<unknown>>,
): Question => ({
  ...question,
  kind: "hidden",
  judge: async (answer, found) =>
    mapped(await judge(answer, found), () => ({
      environment: { ...found.environment, [question.variable]: answer },
    })),
});

const backupQuestions = (setting: Setting): readonly Question[] => [
  {
    key: "bucket",
    message: "Name of a new bucket at Backblaze B2 for the backups, or none",
    kind: "text",
    initial: () => "none",
    judge: (answer, found) => judgeBucket(setting, answer, found),
  },
  environmentQuestion(
    {
      key: "b2-key-id",
      message: "Id of the master key of B2",
      variable: "B2_APPLICATION_KEY_ID",
      isAsked: (found) => hasBucket(found) && masterKey(setting, found).id === undefined,
    },
    (answer) => Promise.resolve(answer === "" ? bad("the id is empty", "B2, Application Keys, keyID") : good(true)),
  ),
  environmentQuestion(
    {
      key: "b2-key",
      message: "Master key of B2",
      variable: "B2_APPLICATION_KEY",
      isAsked: (found) => hasBucket(found) && masterKey(setting, found).key === undefined,
    },
    (answer, found) => judgeMasterKey(setting, { id: masterKey(setting, found).id ?? "", key: answer }),
  ),
  {
    key: "alerts",
    message: "Address of a dead-man's switch that expects one call a day; then, if you like, a webhook for alerts",
    kind: "text",
    example: "https://hc-ping.com/<uuid>",
    isAsked: hasBucket,
    judge: (answer) => Promise.resolve(mapped(accounts.checkAlerts(answer), (alerts) => ({ alerts }))),
  },
];

const stateFolder = (environment: NodeJS.ProcessEnv): string =>
  join(environment["HOME"] ?? "~", ".local/state/memoryloop-infra");

const stateQuestions = ({ edges, environment }: Setting): readonly Question[] => [
  {
    key: "state",
    message: "Place of the state: cloud (Pulumi Cloud), file (this machine), or an address such as s3://...",
    kind: "text",
    initial: () => environment["PULUMI_BACKEND_URL"] ?? "cloud",
    isAsked: () => !environment["PULUMI_BACKEND_URL"],
    judge: async (answer) => {
      const place = accounts.checkState(answer, stateFolder(environment));
      if (place.kind !== "good") return place;
      const user = await edges.askBackend(place.value, environment);
      return mapped(accounts.checkBackend(place.value, user), (state) => ({ state }));
    },
  },
  environmentQuestion(
    {
      key: "passphrase",
      message: "Passphrase for the secrets of the stack",
      variable: "PULUMI_CONFIG_PASSPHRASE",
      isAsked: ({ state = environment["PULUMI_BACKEND_URL"] ?? "" }) =>
        !state.startsWith("https://") && !environment["PULUMI_CONFIG_PASSPHRASE_FILE"],
    },
    (answer) => Promise.resolve(accounts.checkPassphrase(answer)),
  ),
];

/** `owner/name` of an address on GitHub; empty for another address. */
export const repositoryIn = (remote: string): string =>
  /^(?:https:\/\/github\.com\/|git@github\.com:)([\w.-]+\/[\w.-]+?)(?:\.git)?\/?$/.exec(remote)?.[1] ?? "";

const hasRepository = ({ repository }: Found): boolean => repository !== undefined;

function judgeToken({ edges, known }: Setting, repository: accounts.Repository, token: string) {
  const api = apiUrlOf(known.pipeline?.baseUrl);
  return edges.askGithub(api, repository, token).then((facts) => accounts.checkToken(repository, facts));
}

async function judgeRepository(setting: Setting, answer: string): Promise<Verdict<Partial<Found>>> {
  const checked = accounts.checkRepository(answer);
  const token = setting.environment["GITHUB_TOKEN"];
  if (checked.kind !== "good" || checked.value === undefined || !token)
    return mapped(checked, (repository) => ({ repository }));
  const repository = checked.value;
  return mapped(await judgeToken(setting, repository, token), () => ({ repository }));
}

const githubQuestions = (setting: Setting): readonly Question[] => [
  {
    key: "github",
    message: "The app's repository on GitHub, for checks and deployments there: <owner>/<name>, or none",
    kind: "text",
    initial: () => "none",
    judge: (answer) => judgeRepository(setting, answer),
  },
  environmentQuestion(
    {
      key: "github-token",
      message: "Token for this repository",
      variable: "GITHUB_TOKEN",
      isAsked: (found) => hasRepository(found) && !setting.environment["GITHUB_TOKEN"],
    },
    (answer, found) =>
      found.repository === undefined ? Promise.resolve(good(true)) : judgeToken(setting, found.repository, answer),
  ),
  {
    key: "infra",
    message: "Repository on GitHub with this program: <owner>/<name>",
    kind: "text",
    initial: () => setting.known.pipeline?.infra.repository ?? (repositoryIn(setting.remote) || undefined),
    isAsked: (found) =>
      hasRepository(found) &&
      setting.known.pipeline?.infra.repository === undefined &&
      repositoryIn(setting.remote) === "",
    judge: (answer) =>
      Promise.resolve(
        /^[\w.-]+\/[\w.-]+$/.test(answer.trim())
          ? good({ infra: answer.trim() })
          : bad(`"${answer.trim()}" is no repository`, "give <owner>/<name>; the jobs on GitHub check it out"),
      ),
  },
];

/** Every question of the guide. */
export const questionsFor = (setting: Setting): Questions => [
  () => [serverQuestion(setting)],
  () => [hostKeyQuestion(setting)],
  () => [domainQuestion(setting)],
  () => [nameQuestion(setting)],
  () => [imageQuestion(setting)],
  () => registryQuestions(setting),
  () => appQuestions,
  (found) => secretQuestions(setting, found),
  () => [emailQuestion(setting)],
  () => backupQuestions(setting),
  () => stateQuestions(setting),
  () => githubQuestions(setting),
];
