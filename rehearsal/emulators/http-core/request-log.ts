const keptCalls = 2000;

/** The latest calls to an emulator, oldest first. A test reads them at `/emulator/log`. */
export class RequestLog<Call> {
  private kept: readonly Call[] = [];

  get calls(): readonly Call[] {
    return this.kept;
  }

  add(call: Call): void {
    this.kept = [...this.kept, call].slice(-keptCalls);
  }
}
