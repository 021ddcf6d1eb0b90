import { Refusal } from "../http-core/refusal";

export const notFound = (): Refusal => new Refusal(404, "Not Found");
export const invalid = (message: string): Refusal => new Refusal(422, message);
