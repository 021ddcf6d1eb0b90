/** An answer of B2 that is not 200: `{status, code, message}`, as its native API words errors. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly retryAfterSeconds?: number,
  ) {
    super(message);
    this.name = "Refusal";
  }
}

export const badRequest = (message: string): Refusal => new Refusal(400, "bad_request", message);
export const unauthorized = (message: string): Refusal => new Refusal(401, "unauthorized", message);
export const notFound = (message: string): Refusal => new Refusal(404, "not_found", message);
