import { DaemonError, Unreachable } from "./daemon";

/** The call's error after the words with which the real plugin introduces it. A host out of reach speaks for itself. */
export async function saying<Answer>(words: string, call: Promise<Answer>): Promise<Answer> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Unreachable) throw error;
    throw new Error(`${words}: ${(error as Error).message}`, { cause: error });
  }
}

/** The call, where these refusals mean that there is nothing to do. */
export async function ignoring(call: Promise<unknown>, ...refusals: readonly string[]): Promise<void> {
  try {
    await call;
  } catch (error) {
    const said = error instanceof DaemonError ? error.message : "";
    if (!refusals.some((refusal) => said.includes(refusal))) throw error;
  }
}
