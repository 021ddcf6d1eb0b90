import { checkBackupKey } from "./backup-key";
import { githubStackOf } from "./github-stack";
import type { StackConfig } from "./stack-config";
import type { StackOutputs } from "./stack-outputs";

/**
 * Checks what would stop an update half way or would delete something by mistake, before anything is declared. Returns
 * the outputs by which the next update knows the app, the server, and that the check passed.
 * @throws pulumi.RunError with the cause and the next step.
 */
export async function checkBeforeUpdate(
  { app, connection, pipeline, backups }: Pick<StackConfig, "app" | "connection" | "pipeline" | "backups">,
  last: StackOutputs,
): Promise<Record<string, string>> {
  const githubStack = await githubStackOf(pipeline, last);
  await checkBackupKey(backups, last);
  return {
    app: app.name,
    host: connection.host,
    ...(githubStack && { githubStack }),
    ...(backups && { backupsBucket: backups.bucket }),
  };
}
