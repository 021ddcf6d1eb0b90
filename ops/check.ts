/** The result of one check. */
export interface CheckResult {
  /** The fact that was checked, such as "the stack is not locked". */
  readonly check: string;
  readonly ok: boolean;
  /** It passed, but an operator should act in the next days. */
  readonly warn?: boolean | undefined;
  /** The finding; empty when the check's name says everything. */
  readonly detail: string;
  /** The remedy; only for a failed check or a warning. */
  readonly fix?: string | undefined;
}

/** A failed check has the cause, and the next command in a line of its own. */
const renderCheck = ({ check, ok, warn, detail, fix }: CheckResult): string =>
  `${ok ? (warn ? "warn" : "ok  ") : "FAIL"}  ${check}${detail ? `: ${detail}` : ""}${fix ? `\n      Fix: ${fix}` : ""}`;

/** Results as text, one check after the other. */
export const renderChecks = (results: readonly CheckResult[]): string => results.map(renderCheck).join("\n");
