/** How an answer of the emulator is spoilt. */
export type FaultKind =
  | { readonly kind: "status"; readonly status: number; readonly code: string; readonly retryAfterSeconds?: number }
  /** The connection breaks in the middle of the body. */
  | { readonly kind: "cut" }
  /** One byte of the content is another. */
  | { readonly kind: "corrupt" }
  /** No answer, ever. */
  | { readonly kind: "hang" };

/** A fault that the next `times` calls of an operation meet. */
export interface Fault {
  /** Name of the native API, such as `b2_upload_file`; `*` is every one. */
  readonly operation: string;
  readonly times: number;
  readonly fault: FaultKind;
}

/** The faults still to come. */
export class Faults {
  private planned: Fault[] = [];

  set(faults: readonly Fault[]): void {
    this.planned = [...faults];
  }

  /** The fault that this call meets, which then has one time less to go. */
  next(operation: string): FaultKind | undefined {
    const index = this.planned.findIndex((fault) => fault.operation === operation || fault.operation === "*");
    const found = this.planned[index];
    if (found === undefined) return undefined;
    const rest = found.times > 1 ? [{ ...found, times: found.times - 1 }] : [];
    this.planned.splice(index, 1, ...rest);
    return found.fault;
  }
}
