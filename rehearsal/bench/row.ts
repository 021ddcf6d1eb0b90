/** One row of a benchmark's table: this program compared with manual commands, measured in the same run. */
export interface Row {
  readonly name: string;
  /** Our figure with its unit, such as "4.1 s". */
  readonly ours: string;
  /** The figure of the manual commands; empty without a comparison. */
  readonly theirs: string;
  /** Our figure divided by theirs, such as "0.95". */
  readonly ratio: string;
  /** Explains "theirs", or names the parts that the figure does not include. */
  readonly note: string;
}
