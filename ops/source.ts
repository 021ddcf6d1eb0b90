/** The answer of one source of facts, such as the bucket. A source that fails does not stop the others. */
export type Source<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      readonly cause: string;
      readonly fix: string;
      /** It took longer than it may; without the mark, it failed. */
      readonly isLate?: true;
    };

/** A source took longer than it may. */
class Late extends Error {}

const nextStep = /\n {2}next: ([^]*)$/;

/** Cause and next step of an error, each in one line. */
function explained(error: unknown): { cause: string; fix: string } {
  const message = error instanceof Error ? error.message : String(error);
  const oneLine = (text: string): string => text.trim().replaceAll(/\s*\n\s*/g, "; ");
  return { cause: oneLine(message.replace(nextStep, "")), fix: oneLine(nextStep.exec(message)?.[1] ?? "ops doctor") };
}

/** Waits for a source. Never rejects. */
export const readSource = <T>(answer: Promise<T>): Promise<Source<T>> =>
  answer.then(
    (value) => ({ ok: true, value }),
    (error: unknown) => ({ ok: false, ...explained(error), ...(error instanceof Late && { isLate: true as const }) }),
  );

/** The answer, unless it takes longer. Then it is late, and the message names the limit. */
export function within<T>(seconds: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => {
    const words = `no answer within ${seconds} s\n  next: if the connection is slow, wait longer: --timeout ${seconds * 4}`;
    timer = setTimeout(() => {
      reject(new Late(words));
    }, seconds * 1000);
  });
  return Promise.race([answer, late]).finally(() => {
    clearTimeout(timer);
  });
}
