/** A fault that the next `times` calls meet whose `METHOD path` matches. */
export interface Fault {
  /** Source of a regular expression. */
  readonly call: string;
  readonly times: number;
  readonly status: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The faults still to come. */
export class Faults {
  private planned: Fault[] = [];

  set(faults: readonly Fault[]): void {
    this.planned = [...faults];
  }

  /** The fault that this call meets, which then has one time less to go. */
  next(call: string): Fault | undefined {
    const index = this.planned.findIndex((fault) => new RegExp(fault.call).test(call));
    const found = this.planned[index];
    if (found === undefined) return undefined;
    this.planned.splice(index, 1, ...(found.times > 1 ? [{ ...found, times: found.times - 1 }] : []));
    return found;
  }
}
