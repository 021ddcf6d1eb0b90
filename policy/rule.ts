import type {
  EnforcementLevel,
  PolicyConfigSchema,
  ReportViolation,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  StackValidationArgs,
  StackValidationPolicy,
} from "@pulumi/policy";
import type { Kind } from "./kinds";

/** One value that a rule judges. */
export interface Fact<Value> {
  /** Where it stands, as in `mounts[0].source`. */
  readonly at: string;
  /** Reads it. @throws the policy library's own error where a preview cannot know it. */
  readonly value: () => Value;
}

export const fact = <Value>(at: string, value: () => Value): Fact<Value> => ({ at, value });

/** The facts of the resources of one type, or of every resource. */
export interface Selector<Value> {
  readonly type: string | undefined;
  readonly facts: (resource: ResourceValidationArgs) => Iterable<Fact<Value>>;
}

export const factsOf = <Props, Value>(
  { type }: Kind<Props>,
  facts: (props: Props, resource: ResourceValidationArgs) => Iterable<Fact<Value>>,
): Selector<Value> => ({ type, facts: (resource) => facts(resource.props as Props, resource) });

/** What a stack may set with `--policy-pack-config`, with the domain's defaults. */
export type Settings = Readonly<Record<string, number | readonly string[]>>;

/** What every rule says of itself. */
interface Statement<Value, Chosen extends Settings> {
  readonly name: string;
  /** One sentence: what must be so, and why. */
  readonly why: string;
  /** Where the rule comes from. */
  readonly source: string;
  /** What to do about a violation. */
  readonly remedy: string;
  /** `mandatory` for safety, `advisory` for taste. @default "mandatory" */
  readonly level?: EnforcementLevel;
  readonly settings?: Chosen;
  readonly holds: (value: Value, settings: Chosen) => boolean;
  /** How a value looks in the message. @default as JSON, cut short */
  readonly show?: (value: Value) => string;
}

interface ResourceStatement<Value, Chosen extends Settings> extends Statement<Value, Chosen> {
  readonly facts: readonly Selector<Value>[];
}

interface StackStatement<Value, Chosen extends Settings> extends Statement<Value, Chosen> {
  readonly facts: (stack: StackValidationArgs) => Iterable<Fact<Value>>;
}

/** A rule for single resources: at a preview and, before anything is changed, at `up`. */
export interface ResourceRule extends ResourceValidationPolicy {
  /** Where the values stand that it has to judge and a preview cannot know. */
  readonly unknowns: (resource: ResourceValidationArgs) => string[];
}

/** A rule for a stack as a whole, judged at the end of a preview or of an update. */
export type StackRule = StackValidationPolicy;

type Finding<Value> = { kind: "violation"; at: string; value: Value } | { kind: "unknown"; at: string; error: unknown };

/** The policy library does not export the class of this error. */
function unknownPath(error: unknown): string | undefined {
  const props = error instanceof Error && "unknownTypeSentinel" in error && (error as { props?: unknown }).props;
  return Array.isArray(props) ? props.join(".") : undefined;
}

function unknown(error: unknown): Finding<never> {
  const at = unknownPath(error);
  if (at === undefined) throw error;
  return { kind: "unknown", at, error };
}

/** Judges each fact by itself: an unknown one hides no other. */
function* judge<Value>(
  facts: () => Iterable<Fact<Value>>,
  holds: (value: Value) => boolean,
): Generator<Finding<Value>> {
  try {
    for (const { at, value: read } of facts()) {
      try {
        const value = read();
        if (!holds(value)) yield { kind: "violation", at, value };
      } catch (error) {
        yield unknown(error);
      }
    }
  } catch (error) {
    yield unknown(error);
  }
}

/** Whether a preview can know what this reads. */
export function isKnown(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    unknown(error);
    return false;
  }
}

function show(value: unknown): string {
  if (value === undefined) return "not set";
  const text = JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}

const schemaOf = (value: Settings[string]): PolicyConfigSchema["properties"][string] =>
  typeof value === "number"
    ? { type: "number", default: value }
    : { type: "array", items: { type: "string" }, default: [...value] };

function policyOf<Value, Chosen extends Settings>(rule: Statement<Value, Chosen>) {
  const settings = Object.entries(rule.settings ?? {});
  return {
    name: rule.name,
    description: `${rule.why} (${rule.source})`,
    remediationSteps: rule.remedy,
    enforcementLevel: rule.level ?? "mandatory",
    ...(settings.length > 0 && {
      configSchema: { properties: Object.fromEntries(settings.map(([name, value]) => [name, schemaOf(value)])) },
    }),
  };
}

const chosen = <Value, Chosen extends Settings>(rule: Statement<Value, Chosen>, configured: object): Chosen =>
  ({ ...rule.settings, ...configured }) as Chosen;

function findingsIn<Value, Chosen extends Settings>(
  rule: ResourceStatement<Value, Chosen>,
  resource: ResourceValidationArgs,
): Finding<Value>[] {
  const settings = chosen(rule, resource.getConfig());
  const selectors = rule.facts.filter(({ type }) => type === undefined || type === resource.type);
  return selectors.flatMap(({ facts }) => [
    ...judge(
      () => facts(resource),
      (value) => rule.holds(value, settings),
    ),
  ]);
}

const message = <Value, Chosen extends Settings>(rule: Statement<Value, Chosen>, subject: string, value: Value) =>
  `${subject} is ${(rule.show ?? show)(value)}.\nDo: ${rule.remedy}`;

/**
 * A rule that judges the resources of some types. Its message names resource, value, reason and remedy. What a preview
 * cannot know it leaves to `up`; the rule `unknown-at-preview` says so.
 */
export function resourceRule<Value, Chosen extends Settings = Settings>(
  rule: ResourceStatement<Value, Chosen>,
): ResourceRule {
  const validateResource = (resource: ResourceValidationArgs, report: ReportViolation): void => {
    for (const finding of findingsIn(rule, resource)) {
      if (finding.kind === "violation") report(message(rule, `${resource.name}: ${finding.at}`, finding.value));
    }
  };
  // By it the library skips the resources of other types before it unpacks them.
  const [type] = rule.facts.length === 1 ? rule.facts.map((selector) => selector.type) : [];
  return {
    ...policyOf(rule),
    validateResource: Object.assign(validateResource, type && { __pulumiType: type }),
    unknowns: (resource) =>
      findingsIn(rule, resource).flatMap((finding) => (finding.kind === "unknown" ? [finding.at] : [])),
  };
}

/** A rule that judges a stack as a whole. The library itself reports, as advice, what a preview cannot know. */
export function stackRule<Value, Chosen extends Settings = Settings>(rule: StackStatement<Value, Chosen>): StackRule {
  const validateStack = (stack: StackValidationArgs, report: ReportViolation): void => {
    const settings = chosen(rule, stack.getConfig());
    const facts = () => rule.facts(stack);
    const findings = [...judge(facts, (value) => rule.holds(value, settings))];
    for (const finding of findings) {
      if (finding.kind === "violation") report(message(rule, finding.at, finding.value));
    }
    for (const finding of findings) if (finding.kind === "unknown") throw finding.error;
  };
  return { ...policyOf(rule), validateStack };
}
