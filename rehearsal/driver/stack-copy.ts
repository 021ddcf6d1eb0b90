import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { repositoryRoot } from "../../repository";
import type { PulumiRun } from "../pulumi";
import { withValues } from "../stack-values";

/** The name of this program's project. */
const ownProject = (): string =>
  (parse(readFileSync(join(repositoryRoot, "Pulumi.yaml"), "utf8")) as { name: string }).name;

/** A copy of a stack: another project, or another stack of the same project, with some other values. */
export interface StackCopy {
  readonly project: string;
  readonly stack: string;
  /** The stack file that is copied, with its secrets. */
  readonly from: string;
  /** Values by their paths, such as "app.name". */
  readonly values: Readonly<Record<string, unknown>>;
}

/** Links to all files of this checkout, with a Pulumi.yaml that has another name. */
function linkCheckout(folder: string, project: string): void {
  for (const name of readdirSync(repositoryRoot)) {
    if (/^(Pulumi\..*|\..*)$/.test(name) || existsSync(join(folder, name))) continue;
    symlinkSync(join(repositoryRoot, name), join(folder, name));
  }
  const text = readFileSync(join(repositoryRoot, "Pulumi.yaml"), "utf8");
  writeFileSync(join(folder, "Pulumi.yaml"), text.replace(/^name: .*$/m, `name: ${project}`));
}

/** Writes the copy below a folder, as a clone of this repository has it. Returns how the engine runs there. */
export function copyStack(below: string, { project, stack, from, values }: StackCopy): PulumiRun {
  const folder = join(below, `${project}-${stack}`);
  const file = join(folder, `Pulumi.${stack}.yaml`);
  mkdirSync(folder, { recursive: true });
  linkCheckout(folder, project);
  const text = withValues(readFileSync(from, "utf8"), values);
  writeFileSync(file, text.replaceAll(`${ownProject()}:`, `${project}:`));
  return {
    cwd: folder,
    environment: { PULUMI_OPTION_CONFIG_FILE: file },
    stackArguments: ["--stack", `organization/${project}/${stack}`],
  };
}
