/** An answer of GitHub that is not a success, in its own words. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = "Refusal";
  }
}

export const notFound = (): Refusal => new Refusal(404, "Not Found");
export const invalid = (message: string): Refusal => new Refusal(422, message);
