import { Refusal } from "../http-core/refusal";

/** A refusal as B2's native API words it: `{status, code, message}`. */
export function refusal(status: number, code: string, message: string, retryAfterSeconds?: number): Refusal {
  const headers = retryAfterSeconds === undefined ? {} : { "Retry-After": String(retryAfterSeconds) };
  return new Refusal(status, message, { status, code }, headers);
}

export const badRequest = (message: string): Refusal => refusal(400, "bad_request", message);
export const unauthorized = (message: string): Refusal => refusal(401, "unauthorized", message);
export const notFound = (message: string): Refusal => refusal(404, "not_found", message);
