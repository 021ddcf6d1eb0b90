/** Cuts what comes in pieces into whole lines. */
export class Lines {
  private unfinished = "";

  /** @param emit called with each line, without its line break. */
  constructor(private readonly emit: (line: string) => void) {}

  add(piece: string): void {
    const lines = (this.unfinished + piece).split("\n");
    this.unfinished = lines.pop() ?? "";
    for (const line of lines) this.emit(line);
  }

  /** Gives out a last line that had no line break. */
  end(): void {
    if (this.unfinished !== "") this.emit(this.unfinished);
    this.unfinished = "";
  }
}
