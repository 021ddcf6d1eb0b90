import * as pulumi from "@pulumi/pulumi";
import type { Config } from "../config";
import { urnsInState, type StackOutputs } from "./stack-outputs";
import { userError } from "./user-error";

/** Marks the resources that an earlier version of this program declared on GitHub in the app's own stack. */
const formerComponent = /vps:components:Pipeline(\$|::)/;

/** The resources among these URNs that belong to the GitHub side. */
export const formerResources = (urns: readonly string[]): string[] => urns.filter((urn) => formerComponent.test(urn));

/**
 * The stack of the GitHub side, which this update does not touch: `<project>-github`, with the same stack name.
 * @throws pulumi.RunError when this stack's state still has the GitHub side: the update would delete it.
 */
export async function githubStackOf(
  pipeline: Config["pipeline"],
  { githubStack }: StackOutputs,
): Promise<string | undefined> {
  if (pipeline === undefined) return undefined;
  const name = `${pulumi.getOrganization()}/${pulumi.getProject()}-github/${pulumi.getStack()}`;
  if (githubStack === name) return name;
  const former = formerResources(await urnsInState());
  if (former.length === 0) return name;
  throw userError(
    `update the stack: its state has ${former.length} resources on GitHub, which belong to the stack ${name} now; nothing was changed\n  next: move them: docs/pipeline.md, "Move the GitHub side out of the app's stack"`,
  );
}
