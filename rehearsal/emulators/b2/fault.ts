import { Faults, type PlannedFault } from "../http-core/faults";

/** The effect of a fault on an answer. */
export type FaultKind =
  | { readonly kind: "status"; readonly status: number; readonly code: string; readonly retryAfterSeconds?: number }
  /** The connection breaks in the middle of the body. */
  | { readonly kind: "cut" }
  /** One byte of the content is wrong. */
  | { readonly kind: "corrupt" }
  /** The answer never comes. */
  | { readonly kind: "hang" };

/** A fault for the next `times` calls of an operation. */
export interface Fault extends PlannedFault {
  /** Name of the native API, such as `b2_upload_file`; `*` matches every operation. */
  readonly operation: string;
  readonly fault: FaultKind;
}

/** The planned faults of a B2 emulator. */
export const b2Faults = (): Faults<Fault> =>
  new Faults((fault, operation) => fault.operation === operation || fault.operation === "*");
