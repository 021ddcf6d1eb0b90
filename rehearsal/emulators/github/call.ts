import type { Body } from "../http-core/exchange";
import type { Account, Scope, Token } from "./account";

/** One request to a route. */
export interface Call {
  readonly account: Account;
  readonly token: Token;
  /** Address under which the client reached the emulator, with `/api/v3` if the client used it. */
  readonly address: string;
  /** The groups of the route's pattern. */
  readonly words: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Body;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** True when more pages follow. */
  readonly more?: boolean;
}

/** Answers one method on one path. The groups of the pattern are the words of the call. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly pattern: RegExp;
  /** Without a scope any valid token is enough. */
  readonly scope?: Scope;
  answer(call: Call): Answer;
}

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const created = (body: unknown): Answer => ({ status: 201, body });
export const done: Answer = { status: 204, body: {} };

/** The word of a call at this index. */
export const word = (call: Call, index: number): string => decodeURIComponent(call.words[index] ?? "");

const defaultPage = 30;

/** The page of a list that `per_page` and `page` ask for. */
export function page(call: Call, list: readonly unknown[]): Answer {
  const size = Number(call.query.get("per_page") ?? defaultPage);
  const from = (Number(call.query.get("page") ?? 1) - 1) * size;
  return { status: 200, body: list.slice(from, from + size), more: from + size < list.length };
}

export const now = (): string => new Date().toISOString();

/** A text of the body, or `absent` when the body has none. */
export function textOf({ body }: Call, name: string, absent = ""): string {
  const value = body[name];
  return typeof value === "string" ? value : absent;
}
