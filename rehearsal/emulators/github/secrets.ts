import type { StoredSecret } from "./account";
import { created, done, now, ok, word, type Answer, type Call, type Route } from "./call";
import { invalid, notFound } from "./refusal";
import { opened } from "./sealed-box";

type Secrets = Record<string, StoredSecret>;

const isName = (name: string): boolean => /^[A-Z_][A-Z0-9_]*$/i.test(name) && !/^GITHUB_/i.test(name);

function put(call: Call, secrets: Secrets, name: string): Answer {
  if (!isName(name)) {
    throw invalid(
      "Secret names can only contain alphanumeric characters ([a-z], [A-Z], [0-9]) or underscores (_). Spaces are not allowed. Must start with a letter ([a-z], [A-Z]) or underscores (_).",
    );
  }
  const sealed = String(call.body["encrypted_value"]);
  if (call.body["key_id"] !== call.account.keys.id) throw invalid("Bad request - key_id is not the current one");
  opened(call.account.keys, sealed);
  const before = secrets[name];
  secrets[name] = { sealed, createdAt: before?.createdAt ?? now(), updatedAt: now() };
  return before === undefined ? created({}) : done;
}

function get(secrets: Secrets, name: string): Answer {
  const secret = secrets[name];
  if (secret === undefined) throw notFound();
  return ok({ name, created_at: secret.createdAt, updated_at: secret.updatedAt });
}

function remove(secrets: Secrets, name: string): Answer {
  if (secrets[name] === undefined) throw notFound();
  Reflect.deleteProperty(secrets, name);
  return done;
}

const publicKey = ({ account }: Call): Answer => ok({ key_id: account.keys.id, key: account.keys.publicKey });

/** The routes below one prefix. `find` returns the secrets; the name of a secret is the word at `nameIndex`. */
function routesFor(prefix: string, nameIndex: number, find: (call: Call) => Secrets): Route[] {
  const scope = "secrets";
  const key = new RegExp(`^${prefix}/public-key$`);
  const one = new RegExp(`^${prefix}/([^/]+)$`);
  return [
    { method: "GET", pattern: key, scope, answer: (call) => (find(call), publicKey(call)) },
    { method: "GET", pattern: one, scope, answer: (call) => get(find(call), word(call, nameIndex)) },
    { method: "PUT", pattern: one, scope, answer: (call) => put(call, find(call), word(call, nameIndex)) },
    { method: "DELETE", pattern: one, scope, answer: (call) => remove(find(call), word(call, nameIndex)) },
  ];
}

function secretsOfEnvironment(call: Call): Secrets {
  const environment = call.account.environments[word(call, 0)];
  if (environment === undefined) throw notFound();
  return environment.secrets;
}

/** Routes for the secrets of the repository and of its environments. The emulator opens a sealed box once, to check it; no answer contains a secret. */
export const secretRoutes: readonly Route[] = [
  ...routesFor("/repo/actions/secrets", 0, (call) => call.account.secrets),
  ...routesFor("/repo/environments/([^/]+)/secrets", 1, secretsOfEnvironment),
];
