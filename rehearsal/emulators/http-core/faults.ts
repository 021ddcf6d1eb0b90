/** A fault that a test plans: the next `times` calls that match get it. */
export interface PlannedFault {
  readonly times: number;
}

/** The faults that are still to come. */
export class Faults<Fault extends PlannedFault> {
  private planned: readonly Fault[] = [];

  /** @param matches tells whether a fault is for a call. */
  constructor(private readonly matches: (fault: Fault, call: string) => boolean) {}

  /** Replaces all planned faults. */
  plan(faults: readonly Fault[]): void {
    this.planned = faults;
  }

  /** The fault for this call, if any. Counts the call. */
  next(call: string): Fault | undefined {
    const found = this.planned.find((fault) => this.matches(fault, call));
    if (found === undefined) return undefined;
    const left = found.times > 1 ? [{ ...found, times: found.times - 1 }] : [];
    this.planned = this.planned.flatMap((fault) => (fault === found ? left : [fault]));
    return found;
  }
}
