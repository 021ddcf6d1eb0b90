import { Faults, type PlannedFault } from "../http-core/faults";

/** A fault for the next `times` calls whose `METHOD path` matches. */
export interface Fault extends PlannedFault {
  /** Source of a regular expression. */
  readonly call: string;
  readonly status: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The planned faults of a GitHub emulator. */
export const githubFaults = (): Faults<Fault> => new Faults((fault, call) => new RegExp(fault.call).test(call));
