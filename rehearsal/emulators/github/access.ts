import { Refusal } from "../http-core/refusal";
import type { Account, Scope, Token } from "./account";

/** The token of a request. @throws Refusal without a token, or for an unknown one. */
export function authenticate(account: Account, header: string | undefined): Token {
  const token = account.tokens[(header ?? "").replace(/^(Bearer|token) /, "")];
  if (token === undefined) throw new Refusal(401, "Bad credentials");
  return token;
}

/** @throws Refusal when the token lacks the scope. */
export function authorize(token: Token, scope: Scope): void {
  if (!token.scopes.includes(scope)) throw new Refusal(403, "Resource not accessible by personal access token");
}
