import { z } from "zod";
import { configSchema } from "../../../config";
import { keyProblem, type LoginAnswer } from "../../../host/backup/b2-key";
import type { Source } from "../../source";
import { bad, doubtful, good, isNone, type Form, type Verdict } from "../verdict";
import { isPlaceholder } from "./placeholder";

/** Mail servers of an address; the cause where DNS gave none. */
export type MailFacts = { readonly kind: "found"; readonly servers: number } | { readonly kind: "unknown" };

/** The address of the operator, for the certificate authority. */
export function checkEmail(answer: string, mail: MailFacts): Verdict<string> {
  const address = answer.trim();
  const form = "give an address that you read, such as ops@mysite.org";
  if (!z.email().safeParse(address).success) return bad(`"${address}" is no e-mail address`, form);
  if (isPlaceholder(address)) return bad(`${address} is an example of documentation; the authority refuses it`, form);
  if (mail.kind === "found" && mail.servers === 0)
    return doubtful(address, `${address.split("@")[1] ?? ""} has no mail server in DNS`, form);
  return good(address);
}

const backups = configSchema.shape.backups.unwrap().shape;
const url = backups.alert.shape.deadManUrl;

/** The bucket's name; undefined without backups. */
export function checkBucket(answer: string, hasData: boolean): Form<string | undefined> {
  const name = answer.trim();
  if (isNone(name)) return good(undefined, ...(hasData ? ["no backups: a lost server loses its data"] : []));
  if (!hasData)
    return bad("the app keeps no data, so there is nothing to back up", "answer none, or end the guide and give data");
  const form = "give a name that no other customer of Backblaze has, such as mysite-backups-7f3a";
  if (/example$|^set-this/.test(name)) return bad(`${name} is the example of a stack file`, form);
  if (!backups.bucket.safeParse(name).success)
    return bad(`"${name}" cannot be a bucket's name: 6 to 63 letters, digits and dashes, not beginning with b2-`, form);
  return good(name);
}

/** Whether the master key can make the bucket. */
export function checkBucketKey(answer: LoginAnswer): Form<true> {
  const problem = keyProblem(answer);
  return problem === undefined ? good(true, "B2 accepts the master key") : bad(problem.cause, problem.hint);
}

/** Addresses that are called after a backup, and when one fails. */
export interface Alerts {
  readonly deadManUrl: string;
  readonly webhook?: string | undefined;
}

function addressProblem(text: string): Form<never> | undefined {
  const form = "give the address that the service shows, such as https://hc-ping.com/<uuid>";
  if (!url.safeParse(text).success || !/^https?:\/\//.test(text)) return bad(`"${text}" is no address`, form);
  const { hostname, protocol } = new URL(text);
  if (isPlaceholder(hostname)) return bad(`${text} is an example of documentation`, form);
  if (protocol === "http:" && !hostname.startsWith("127."))
    return bad(`${text} is not encrypted`, `give it with https: https${text.slice(4)}`);
  return undefined;
}

/** `<address of the dead-man's switch> [<webhook for alerts>]`. */
export function checkAlerts(answer: string): Form<Alerts> {
  const [deadManUrl, webhook, ...rest] = answer.split(/\s+/).filter(Boolean);
  if (deadManUrl === undefined)
    return bad(
      "backups need a dead-man's switch: without it nobody notices a server that is off",
      "make a check at https://healthchecks.io, period one day, and give its address",
    );
  if (rest.length > 0)
    return bad("the answer has more than two addresses", "give the dead-man's switch, then the webhook");
  if (deadManUrl === webhook)
    return bad("both addresses are the same", "give the dead-man's switch, then another address for alerts");
  const problem = [deadManUrl, ...(webhook === undefined ? [] : [webhook])].map(addressProblem).find(Boolean);
  return problem ?? good({ deadManUrl, webhook });
}

/** `cloud`, `file`, or the address of a bucket, as `pulumi login` takes it. */
export function checkState(answer: string, home: string): Form<string> {
  const text = answer.trim();
  if (text === "cloud") return good("https://api.pulumi.com");
  if (text === "file") return good(`file://${home}`, "the state is in a file on this machine only: back it up");
  if (/^(file|s3|gs|azblob):\/\/\S+$/.test(text)) return good(text);
  if (/^https:\/\/\S+$/.test(text)) return good(text);
  return bad(
    `"${text}" is no place for the state`,
    "answer cloud (Pulumi Cloud), file (this machine), or an address such as s3://bucket?region=...&endpoint=... (docs/state.md)",
  );
}

/** Whether the engine can use the place of the state. */
export function checkBackend(place: string, user: Source<string>): Form<string> {
  if (user.ok) return good(place, `state: ${place}, as ${user.value}`);
  if (/cannot be started|ENOENT/.test(user.cause))
    return bad(
      "the Pulumi CLI is not installed",
      "install version 3.250 or later: https://www.pulumi.com/docs/install/",
    );
  if (place.startsWith("https://"))
    return bad(
      `Pulumi Cloud does not know this machine: ${user.cause}`,
      `in another terminal: pulumi login ${place}; then answer again`,
    );
  return bad(`the state cannot be read: ${user.cause}`, `in another terminal: pulumi login '${place}'; it says more`);
}

const shortest = 12;

/** The passphrase of the stack's secrets. */
export function checkPassphrase(answer: string): Form<string> {
  if (answer.length < shortest)
    return bad(
      `the passphrase has ${answer.length} characters; it protects every secret of the stack`,
      `give at least ${shortest}: openssl rand -base64 24`,
    );
  if (answer.trim() !== answer) return bad("the passphrase begins or ends with a space", "give it without");
  return good(answer, "write the passphrase down: without it, nobody can read the stack's secrets");
}

const pipeline = configSchema.shape.pipeline.unwrap().shape;

/** A repository on GitHub. */
export interface Repository {
  readonly owner: string;
  readonly repository: string;
}

/** `owner/name`; undefined when GitHub stays unchanged. */
export function checkRepository(answer: string): Form<Repository | undefined> {
  if (isNone(answer)) return good(undefined);
  const text = answer.trim();
  const form = "give <owner>/<name>, such as you/shop; or none";
  const [, found] = /^(?:https:\/\/github\.com\/|git@github\.com:)(.*?)(?:\.git)?\/?$/.exec(text) ?? [];
  if (found !== undefined) return bad(`${text} is an address`, `give ${found}`);
  const [owner = "", repository = "", ...rest] = text.split("/");
  const isGood = pipeline.owner.safeParse(owner).success && pipeline.repository.safeParse(repository).success;
  return isGood && rest.length === 0 ? good({ owner, repository }) : bad(`"${text}" is no repository`, form);
}

/** GitHub's answers to requests that need the rights of the GitHub side, by their status. */
export interface TokenFacts {
  readonly repository: number;
  /** Whether the token's owner is an administrator; undefined where GitHub does not say. */
  readonly isAdmin: boolean | undefined;
  readonly secrets: number;
  readonly variables: number;
}

const tokenUrl = "https://github.com/settings/personal-access-tokens/new";
const rights =
  "administration, environments, secrets, variables, contents, workflows, pull requests (docs/pipeline.md, Tokens)";

/** Whether a token has the rights that the GitHub side needs. */
export function checkToken({ owner, repository }: Repository, facts: Source<TokenFacts>): Form<true> {
  const name = `${owner}/${repository}`;
  if (!facts.ok) return bad(`GitHub does not answer: ${facts.cause}`, "check the network and answer again");
  const { repository: status, isAdmin, secrets, variables } = facts.value;
  if (status === 401) return bad("GitHub refuses the token: it is wrong or has expired", `make a new one: ${tokenUrl}`);
  if (status === 404)
    return bad(
      `${name} does not exist, or the token may not see it`,
      `check the name, and that the token selects ${name}`,
    );
  if (status !== 200) return bad(`GitHub answered ${status} about ${name}`, "try again later");
  if (isAdmin === false)
    return bad(
      `the token's owner is no administrator of ${name}`,
      "let an administrator run the guide, or answer none",
    );
  const lacking = [...(secrets === 403 ? ["secrets"] : []), ...(variables === 403 ? ["variables"] : [])];
  if (lacking.length > 0)
    return bad(`the token may not read ${lacking.join(" and ")} of ${name}`, `give it the permissions: ${rights}`);
  return good(true, `GitHub: the token can manage ${name}`);
}
