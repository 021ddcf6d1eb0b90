import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";

/** The text of a stack file without the image tag, and without the word that forces it. */
export const withoutImageTag = (text: string, project: string): string =>
  text.replace(new RegExp(`^[ \\t]+["']?${project}:(imageTag|force)["']?:.*\\r?\\n?`, "gm"), "");

/** The stack file of this run; `PULUMI_OPTION_CONFIG_FILE` is the engine's own variable for `--config-file`. */
const stackFile = (): string => resolve(process.env["PULUMI_OPTION_CONFIG_FILE"] ?? `Pulumi.${pulumi.getStack()}.yaml`);

/**
 * Removes the image tag from the stack file, where `-c imageTag=...` leaves it, even at a preview. Once it was read it
 * has done its work: left there it would roll back what another checkout deploys, and could be committed.
 */
export function forgetImageTag(): void {
  const file = stackFile();
  if (!existsSync(file)) return;
  const text = readFileSync(file, "utf8");
  const cleaned = withoutImageTag(text, pulumi.getProject());
  if (cleaned !== text) writeFileSync(file, cleaned);
}
