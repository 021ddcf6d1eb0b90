// Stands in for the policy library's server: hands a rule its resources as the library does, unknown values included, by the
// library's own proxy. Checked against the real engine by test/integration/policy.test.ts.
import type {
  PolicyResource,
  ReportViolation,
  ResourceValidationArgs,
  StackValidationArgs,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import * as proxy from "@pulumi/policy/proxy";
import type { Kind } from "../../policy/kinds";
import type { StackResource } from "./good-stack";

const { unknownCheckingProxy, unknownStringValue } = proxy as unknown as {
  unknownCheckingProxy: (props: object) => Record<string, unknown>;
  unknownStringValue: string;
};

/** What the engine sends in the place of a text that a preview cannot know. */
export const unknown = unknownStringValue;

type Options = Partial<Pick<StackResource, "name" | "protect" | "deleteBeforeReplace" | "dependencies">>;

/** Makes resources of a type as the engine shows them to policies, with these properties only; without a name, `it`. */
export const resourceOf =
  <Props>({ type }: Kind<Props>) =>
  (props: Partial<Props>, { name = "it", ...options }: Options = {}): StackResource => ({
    type,
    name,
    urn: name,
    props: props,
    protect: false,
    deleteBeforeReplace: undefined,
    dependencies: [],
    ...options,
  });

/** What a rule reported: its own name and the message. */
export interface Report {
  readonly rule: string;
  readonly message: string;
}

type Policy = ResourceValidationPolicy | StackValidationPolicy;
type Configuration = Readonly<Record<string, unknown>>;

/** What the library catches: a rule that waits for `up`, or has nothing to say about the resource. */
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
