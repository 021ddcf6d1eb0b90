import type { Body } from "./exchange";

/** An answer that is not a success, in the words of the emulated API. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** Fields of the answer beside the message. */
    readonly fields: Body = {},
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = "Refusal";
  }
}
