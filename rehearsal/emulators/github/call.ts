import type { Account, Scope, Token } from "./account";

export type Body = Readonly<Record<string, unknown>>;

/** One request, its path taken apart. */
export interface Call {
  readonly account: Account;
  readonly token: Token;
  /** Address under which the client reached the emulator, with `/api/v3` where it used that. */
  readonly address: string;
  readonly words: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Body;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** True where more pages follow. */
  readonly more?: boolean;
}

/** What answers one method on one path; a group of the pattern is a word of the call. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly pattern: RegExp;
  /** Not there: a token is enough. */
  readonly scope?: Scope;
  answer(call: Call): Answer;
}

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const created = (body: unknown): Answer => ({ status: 201, body });
export const done: Answer = { status: 204, body: {} };

/** The word of a call at this place. */
export const word = (call: Call, place: number): string => decodeURIComponent(call.words[place] ?? "");

const defaultPage = 30;

/** One page of a list, as `per_page` and `page` ask for. */
export function page(call: Call, list: readonly unknown[]): Answer {
  const size = Number(call.query.get("per_page") ?? defaultPage);
  const from = (Number(call.query.get("page") ?? 1) - 1) * size;
  return { status: 200, body: list.slice(from, from + size), more: from + size < list.length };
}

export const now = (): string => new Date().toISOString();

/** A text of the body, or what stands for its absence. */
export function textOf({ body }: Call, name: string, absent = ""): string {
  const value = body[name];
  return typeof value === "string" ? value : absent;
}
