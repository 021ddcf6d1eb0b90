import { createInterface } from "node:readline/promises";
import { openStack, runEngine, type StackSelection } from "./engine";
import type { Stack } from "./stack";

/** Something that a destroy keeps, because it cannot be created again, and the commands that delete it. */
export interface Kept {
  readonly what: string;
  readonly deleteBy: readonly string[];
}

/** All that a destroy keeps. */
export function keptByDestroy(
  name: string,
  { app, connection, bucket }: Pick<Stack, "app" | "connection" | "bucket">,
): Kept[] {
  const { user, host, port } = connection;
  const ssh = `ssh -p ${port} ${user}@${host}`;
  const folders = `/opt/${app.name} /var/lib/${app.name}`;
  const withBucket: Kept[] = [
    {
      what: `the bucket ${bucket ?? ""} with all backups, and the settings of the server (firewall, ssh, Docker, log files)`,
      deleteBy: [
        "empty the bucket in Backblaze's console",
        `pulumi state unprotect --all --stack ${name} && pulumi destroy --stack ${name}`,
      ],
    },
  ];
  return [
    ...(bucket === undefined ? [] : withBucket),
    { what: `the data, records and logs on ${host}: ${folders}`, deleteBy: [`${ssh} rm -rf ${folders}`] },
    {
      what: "the certificate: its authority limits how often it issues one",
      deleteBy: [`${ssh} certbot delete --cert-name ${app.domain}`],
    },
  ];
}

/** A list of what a destroy keeps. */
export const renderKept = (kept: readonly Kept[]): string =>
  [
    "Kept, because it cannot be created again:",
    ...kept.flatMap(({ what, deleteBy }) => [
      `  ${what}`,
      "    to delete it:",
      ...deleteBy.map((command) => `      ${command}`),
    ]),
  ].join("\n");

function assertTerminal(): void {
  if (process.stdin.isTTY) return;
  throw new Error(
    "cannot ask for a confirmation: there is no terminal\n  next: pass --yes to destroy without a question",
  );
}

/** Asks the operator to type the name of the stack. */
async function isConfirmed(name: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(`Type the name of the stack (${name}) to destroy these resources: `)) === name;
  } finally {
    terminal.close();
  }
}

const excludeProtected = true;

/**
 * Removes all resources of the stack except the protected ones. Shows them first and asks, unless `yes`. Returns whether
 * the operator confirmed.
 * @throws Error when the engine fails. The server may have lost some of the resources then; to run it again is safe.
 */
export async function destroy(selection: StackSelection, yes: boolean): Promise<boolean> {
  if (!yes) assertTerminal();
  const stack = await openStack(selection);
  if (!yes) {
    const preview = await runEngine("destroy", (options) => stack.previewDestroy({ ...options, excludeProtected }));
    if (preview.code !== 0) throw failed(preview.code);
    if (!(await isConfirmed(selection.stack))) return false;
  }
  const { code } = await runEngine("destroy", (options) => stack.destroy({ ...options, excludeProtected }));
  if (code !== 0) throw failed(code);
  return true;
}

const failed = (code: number): Error =>
  new Error(
    `pulumi destroy failed with exit code ${code}; the cause is above\n  next: fix the cause and run the command again`,
  );
