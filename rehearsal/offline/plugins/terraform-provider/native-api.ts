import { text, type Properties } from "../value";

/** One login for each operation, as the real provider does. */
export interface Account {
  readonly id: string;
  /** Calls an operation of the native API. @throws Error with B2's own code and words. */
  call(operation: string, body: Properties): Promise<Properties>;
}

interface Credentials {
  readonly keyId: string;
  readonly key: string;
  /** Address of the API, without a path. */
  readonly endpoint: string;
}

const timeoutMilliseconds = 30_000;

/** `b2_authorize_account`, and from then on the address and the token that it gave. */
export async function authorize({ keyId, key, endpoint }: Credentials): Promise<Account> {
  if (!keyId || !key) throw new Error("b2: set B2_APPLICATION_KEY_ID and B2_APPLICATION_KEY in the environment");
  const basic = Buffer.from(`${keyId}:${key}`).toString("base64");
  const account = await post(`${endpoint}/b2api/v4/b2_authorize_account`, `Basic ${basic}`, {});
  const { accountId, authorizationToken, apiInfo } = account as unknown as AuthorizedAccount;
  const address = `${apiInfo.storageApi.apiUrl}/b2api/v4`;
  return { id: accountId, call: (operation, body) => post(`${address}/${operation}`, authorizationToken, body) };
}

interface AuthorizedAccount {
  readonly accountId: string;
  readonly authorizationToken: string;
  readonly apiInfo: { readonly storageApi: { readonly apiUrl: string } };
}

async function post(url: string, authorization: string, body: Properties): Promise<Properties> {
  const response = await fetch(url, {
    method: "POST",
    headers: { authorization, "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMilliseconds),
  });
  const answer = (await response.json()) as Properties;
  if (response.ok) return answer;
  throw new Error(`b2: ${text(answer, "code")}: ${text(answer, "message")} (HTTP ${response.status})`);
}
