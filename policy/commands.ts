import { installPackages, installRclone, readMachineId } from "../host/bootstrap/commands";
import { installDeployUser } from "../host/deploy/login";
import * as kinds from "./kinds";
import { byCondition, condition, factsOf, resourceRule } from "./rule";
import type { StackSettings } from "./stack-settings";

/** Every command that the program renders. The plugin's default login is root. */
const renderedCommands = (app: string, user = "root", stack: StackSettings | undefined): string[] => [
  readMachineId,
  installPackages({ user }),
  installRclone({ user }, stack?.backups?.rclone),
  installDeployUser({ user }, app),
];

/** The app of the stack's settings; without settings, the app that the command itself names. */
const appOf = (command: string, stack: StackSettings | undefined): string =>
  stack?.app.name ?? /'([a-z][a-z0-9-]*)-deploy' '[^']*'$/.exec(command)?.[1] ?? "app";

export const remoteCommand = resourceRule({
  name: "remote-command",
  why: "A command on the server is exactly one that the program renders from host/bootstrap/, and its output is not logged. Any other command runs as root, and no review has seen it",
  source: "docs/decisions/0028-policies-and-the-state-scan.md; github.com/pulumi/pulumi-command issue 260",
  fix: 'write a script in host/bootstrap/ and render its command in host/bootstrap/commands.ts; set logging to "none" and addPreviousOutputInEnv to false',
  facts: [
    factsOf(kinds.remoteCommand, ({ create, connection, logging, addPreviousOutputInEnv }, _, stack) => [
      condition(
        "create",
        () => create,
        (command) =>
          renderedCommands(appOf(command ?? "", stack), connection.user, stack).some(
            (rendered) => rendered === command,
          ),
      ),
      condition(
        "logging",
        () => logging,
        (value) => value === "none",
      ),
      condition(
        "addPreviousOutputInEnv",
        () => addPreviousOutputInEnv,
        (value) => value === false,
      ),
    ]),
  ],
  ...byCondition,
});
