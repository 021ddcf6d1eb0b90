import type { Account, Scope, Token } from "./account";
import { Refusal } from "./refusal";

/** Who asks. @throws Refusal for no token or a wrong one. */
export function authenticate(account: Account, header: string | undefined): Token {
  const token = account.tokens[(header ?? "").replace(/^(Bearer|token) /, "")];
  if (token === undefined) throw new Refusal(401, "Bad credentials");
  return token;
}

/** @throws Refusal where the token is not for this. */
export function authorize(token: Token, scope: Scope): void {
  if (!token.scopes.includes(scope)) throw new Refusal(403, "Resource not accessible by personal access token");
}
