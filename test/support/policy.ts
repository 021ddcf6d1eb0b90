// Replaces the policy library's server: it passes resources to a rule as the library does, with the library's own proxy for
// unknown values. test/integration/policy.test.ts compares with the real engine.
import type {
  PolicyResource,
  ReportViolation,
  ResourceValidationArgs,
  StackValidationArgs,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import * as proxy from "@pulumi/policy/proxy";
import type { StackResource } from "./good-stack";

const { unknownCheckingProxy, unknownStringValue } = proxy as unknown as {
  unknownCheckingProxy: (props: object) => Record<string, unknown>;
  unknownStringValue: string;
};

/** The engine sends this text for an unknown text in a preview. */
export const unknown = unknownStringValue;

/** A report of a rule: its name and the message. */
export interface Report {
  readonly rule: string;
  readonly message: string;
}

type Policy = ResourceValidationPolicy | StackValidationPolicy;
type Configuration = Readonly<Record<string, unknown>>;

/** Ignores the same errors as the library: a rule that waits for `up`, or that does not apply to the resource. */
function attempt(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof Error && /can't be known during preview|not applicable/.test(error.message))) throw error;
  }
}

const options = ({ protect, deleteBeforeReplace }: StackResource) => ({
  protect,
  ignoreChanges: [],
  aliases: [],
  customTimeouts: { createSeconds: 0, updateSeconds: 0, deleteSeconds: 0 },
  additionalSecretOutputs: [],
  ...(deleteBeforeReplace !== undefined && { deleteBeforeReplace }),
});

const policyResource = (resource: StackResource): PolicyResource =>
  ({
    type: resource.type,
    name: resource.name,
    urn: resource.urn,
    props: unknownCheckingProxy(resource.props),
    opts: options(resource),
    dependencies: [],
    propertyDependencies: {},
  }) as unknown as PolicyResource;

function linked(stack: readonly StackResource[]): PolicyResource[] {
  const resources = new Map(stack.map((resource) => [resource.urn, policyResource(resource)]));
  for (const { urn, dependencies } of stack) {
    const found = dependencies.flatMap((dependency) => resources.get(dependency) ?? []);
    resources.get(urn)?.dependencies.push(...found);
  }
  return [...resources.values()];
}

const context = (configuration: Configuration) => ({
  stackTags: new Map<string, string>(),
  getConfig: (() => configuration) as StackValidationArgs["getConfig"],
  notApplicable: (): never => {
    throw new Error("not applicable");
  },
});

const resourceArgs = (resource: StackResource, configuration: Configuration = {}): ResourceValidationArgs =>
  ({ ...policyResource(resource), ...context(configuration) }) as unknown as ResourceValidationArgs;

/** Everything that a rule reports about a stack. */
export function reportsOf(
  policy: Policy,
  stack: readonly StackResource[],
  configuration: Configuration = {},
): Report[] {
  const reports: Report[] = [];
  const report: ReportViolation = (message) => reports.push({ rule: policy.name, message });
  if ("validateStack" in policy) {
    attempt(() => policy.validateStack({ resources: linked(stack), ...context(configuration) }, report));
  } else {
    for (const resource of stack) {
      const validate = policy.validateResource as (args: ResourceValidationArgs, report: ReportViolation) => void;
      attempt(() => {
        validate(resourceArgs(resource, configuration), report);
      });
    }
  }
  return reports;
}
