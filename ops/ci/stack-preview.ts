import { openStack, policyPack, runEngine, type EngineRun } from "../engine";
import { stackName } from "./job";
import { jobRedactor } from "./secrets";

/**
 * Previews the stack of the job under the policy pack, with details, and shows the output without secrets. `drift`: also
 * reads what the resources are now, and any difference is a failure.
 */
export async function previewStack({ drift = false } = {}): Promise<EngineRun> {
  const stack = await openStack({ stack: stackName() });
  const redactor = await jobRedactor(stack);
  const asked = { diff: true, policyPacks: [policyPack], refresh: drift, expectNoChanges: drift };
  return runEngine("preview", (options) => stack.preview({ ...options, ...asked }), { redactor });
}
