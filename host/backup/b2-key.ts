import { z } from "zod";
import type { HostFailure } from "../host-error";
import { explainRefusal, exportKey } from "../refusals";

export const publicEndpoint = "https://api.backblazeb2.com";
const timeoutMilliseconds = 10_000;

/** Capabilities that the key needs to make the bucket and the server's own key. */
const neededCapabilities = ["writeBuckets", "writeKeys"] as const;

const account = z.object({
  apiInfo: z.object({ storageApi: z.object({ allowed: z.object({ capabilities: z.array(z.string()) }) }) }),
});

/** B2's answer to a login. */
export type LoginAnswer =
  | { readonly kind: "answered"; readonly status: number; readonly body: unknown }
  | { readonly kind: "unreachable"; readonly cause: string };

export type KeyProblem = Pick<HostFailure, "cause" | "hint">;

function refusedLogin(status: number, body: string): KeyProblem {
  const known = explainRefusal("B2", status, body);
  const answered = `B2 answered ${status} to a login with B2_APPLICATION_KEY_ID and B2_APPLICATION_KEY`;
  if (known === undefined) return { cause: answered, hint: `check the key: ${exportKey}` };
  return { cause: `${answered}: ${known.cause}`, hint: known.next };
}

/** Why no bucket can be made with the key; undefined when one can. */
export function keyProblem(answer: LoginAnswer): KeyProblem | undefined {
  if (answer.kind === "unreachable") return { cause: answer.cause, hint: "run it again when B2 answers" };
  if (answer.status !== 200) return refusedLogin(answer.status, JSON.stringify(answer.body ?? ""));
  const found = account.safeParse(answer.body).data?.apiInfo.storageApi.allowed.capabilities;
  const missing = neededCapabilities.filter((name) => found && !found.includes(name));
  if (missing.length === 0) return undefined;
  return { cause: `the key may not ${missing.join(" and ")}`, hint: `use the account's master key: ${exportKey}` };
}

/** Logs in to B2 with a key. Never rejects. */
export async function logIn(endpoint: string, id: string, key: string): Promise<LoginAnswer> {
  try {
    const response = await fetch(`${endpoint}/b2api/v4/b2_authorize_account`, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(`${id}:${key}`).toString("base64")}` },
      body: "{}",
      signal: AbortSignal.timeout(timeoutMilliseconds),
    });
    return { kind: "answered", status: response.status, body: await response.json().catch(() => undefined) };
  } catch (error) {
    return { kind: "unreachable", cause: `B2 (${endpoint}) does not answer: ${(error as Error).message}` };
  }
}
