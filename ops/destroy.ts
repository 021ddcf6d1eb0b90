import { spawn } from "node:child_process";
import { repositoryRoot } from "../repository";
import type { EngineCommand, Stack } from "./stack";

/**
 * Removes all that the program made, but what is protected; the engine asks first, unless it is told `yes`.
 * @throws Error when it fails.
 */
export function destroy(engine: EngineCommand, yes: boolean): Promise<void> {
  const words = ["destroy", "--exclude-protected", ...(yes ? ["--yes"] : []), ...engine.arguments];
  const child = spawn(engine.command, words, { cwd: repositoryRoot, env: engine.environment, stdio: "inherit" });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error("pulumi destroy failed, see above: it can be run again"));
    });
  });
}

/** What a destroy leaves on purpose, with how it is deleted by hand. */
export function whatStays(
  name: string,
  { app, connection, bucket }: Pick<Stack, "app" | "connection" | "bucket">,
): string {
  const { user, host, port } = connection;
  const onHost = `/opt/${app.name} /var/lib/${app.name}`;
  return [
    "What stays, for it cannot be made again:",
    ...(bucket === undefined
      ? []
      : [
          `  the bucket ${bucket} with all backups. To delete it, empty it in Backblaze's console, then`,
          `    pulumi state unprotect --all --stack ${name} && pulumi destroy --stack ${name}`,
          "  the host's own settings (firewall, ssh, Docker, log files), on which the bucket depends, and go with it",
        ]),
    `  on ${host} the data, records and logs in ${onHost}. To delete them:`,
    `    ssh -p ${port} ${user}@${host} rm -rf ${onHost}`,
    `  its certificate, for which the authority counts how often it is issued. To delete it:`,
    `    ssh -p ${port} ${user}@${host} certbot delete --cert-name ${app.domain}`,
  ].join("\n");
}
