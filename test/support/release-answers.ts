/** The answer of a release to the gate, as `rollout/probe.sh` prints it. */
export function answered(status: number, version = "bbbbbbb"): string {
  const body = JSON.stringify({ status: "healthy", checks: { database: { status: "up" } }, version });
  const fine = { running: true, exitCode: 0, oomKilled: false, restarts: 0 };
  return JSON.stringify({ kind: "answer", container: fine, seconds: 0.1, status, body });
}

/** The answer of the public site, as `rollout/prove.sh` prints it. */
export const publicAnswer = (version: string): string =>
  JSON.stringify({ version: "", body: JSON.stringify({ status: "healthy", checks: {}, version }) });
