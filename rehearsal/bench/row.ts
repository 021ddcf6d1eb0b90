/** One line of a benchmark's table: what we take against what a user would run instead, in the same run. */
export interface Row {
  readonly name: string;
  /** Our figure with its unit, such as "4.1 s". */
  readonly ours: string;
  /** The other's figure; empty where there is nothing to compare with. */
  readonly theirs: string;
  /** Ours through theirs, such as "0.95". */
  readonly ratio: string;
  /** What "theirs" is, or what the figure leaves out. */
  readonly note: string;
}
