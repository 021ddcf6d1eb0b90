import type { EngineEvent } from "@pulumi/pulumi/automation";
import { openStack, policyPack, runEngine, type EngineRun } from "../engine";
import { stackName } from "./job";
import { changeOf, changeSentence, type Change } from "../plain-change";
import { jobRedactor } from "./secrets";

/**
 * Previews the stack of the job under the policy pack, with details, and shows the output without secrets. `drift`: also
 * reads what the resources are now, and any difference is a failure. `sentence` says the change in plain words.
 */
export async function previewStack({ drift = false } = {}): Promise<EngineRun & { readonly sentence: string }> {
  const stack = await openStack({ stack: stackName() });
  const redactor = await jobRedactor(stack);
  const asked = { diff: true, policyPacks: [policyPack], refresh: drift, expectNoChanges: drift };
  const changes: Change[] = [];
  const onEvent = (event: EngineEvent): void => {
    const change = changeOf(event);
    if (change) changes.push(change);
  };
  const ended = await runEngine("preview", (options) => stack.preview({ ...options, ...asked, onEvent }), { redactor });
  return { ...ended, sentence: redactor.whole(changeSentence(changes)) };
}
