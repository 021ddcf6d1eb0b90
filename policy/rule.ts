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
import { stackSettings, type StackSettings } from "./stack-settings";

/** One value that a rule checks. */
export interface Fact<Value> {
  /** Its place in the resource, such as `mounts[0].source`. */
  readonly at: string;
  /** Reads the value. @throws the policy library's own error when a preview does not know it. */
  readonly value: () => Value;
}

export const fact = <Value>(at: string, value: () => Value): Fact<Value> => ({ at, value });

/** A value together with the answer to whether it is right. */
export interface Condition {
  readonly isRight: boolean;
  readonly value: unknown;
}

/** A fact with a condition of its own, for a rule that checks several inputs of a resource. */
export const condition = <Value>(
  at: string,
  value: () => Value,
  isRight: (value: Value) => boolean,
): Fact<Condition> => ({
  at,
  value: () => {
    const read = value();
    return { isRight: isRight(read), value: read };
  },
});

/** `holds` and `show` of a rule whose facts are conditions. */
export const byCondition = {
  holds: ({ isRight }: Condition): boolean => isRight,
  show: ({ value }: Condition): string => showJson(value),
};

/** The facts of the resources of one type, or of every resource. */
export interface Selector<Value> {
  readonly type: string | undefined;
  readonly facts: (resource: ResourceValidationArgs, stack: StackSettings | undefined) => Iterable<Fact<Value>>;
}

export const factsOf = <Props, Value>(
  { type }: Kind<Props>,
  facts: (props: Props, resource: ResourceValidationArgs, stack: StackSettings | undefined) => Iterable<Fact<Value>>,
): Selector<Value> => ({ type, facts: (resource, stack) => facts(resource.props as Props, resource, stack) });

/** Numbers and lists of a rule, with their defaults. `--policy-pack-config` changes them. */
export type Limits = Readonly<Record<string, number | readonly string[]>>;

/** The values that a rule compares with. */
interface Expected<Chosen extends Limits> {
  readonly limits: Chosen;
  /** Undefined where rules run without an engine. */
  readonly stack: StackSettings | undefined;
}

/** The parts that each rule has. */
interface Statement<Value, Chosen extends Limits> {
  readonly name: string;
  /** One or two sentences: the requirement and its reason. */
  readonly why: string;
  /** A public source, or a page of `docs/`. */
  readonly source: string;
  /** How to correct a violation. */
  readonly fix: string;
  /** `mandatory` for safety, `advisory` for a warning. @default "mandatory" */
  readonly level?: EnforcementLevel;
  readonly limits?: Chosen;
  readonly holds: (value: Value, expected: Expected<Chosen>) => boolean;
  /** The value as text for the message. @default JSON, cut after 200 characters */
  readonly show?: (value: Value) => string;
}

interface ResourceStatement<Value, Chosen extends Limits> extends Statement<Value, Chosen> {
  readonly facts: readonly Selector<Value>[];
}

interface StackStatement<Value, Chosen extends Limits> extends Statement<Value, Chosen> {
  readonly facts: (stack: StackValidationArgs, settings: StackSettings | undefined) => Iterable<Fact<Value>>;
}

/** A rule for single resources. It is checked at a preview, and at `up` before the resource changes. */
export interface ResourceRule extends ResourceValidationPolicy {
  /** Places of the values that the rule checks and that a preview does not know. */
  readonly unknowns: (resource: ResourceValidationArgs) => string[];
}

/** A rule for a stack as a whole. It is checked at the end of a preview and of an update. */
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

/** Checks each fact by itself, so that an unknown one hides no other. */
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

/** Whether a preview knows the values that `read` reads. */
export function isKnown(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    unknown(error);
    return false;
  }
}

export function showJson(value: unknown): string {
  if (value === undefined || value === null) return "not set";
  const text = JSON.stringify(value, (key, part: unknown) => (key === "__defaults" ? undefined : part));
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}

const schemaOf = (value: Limits[string]): PolicyConfigSchema["properties"][string] =>
  typeof value === "number"
    ? { type: "number", default: value }
    : { type: "array", items: { type: "string" }, default: [...value] };

function policyOf<Value, Chosen extends Limits>(rule: Statement<Value, Chosen>) {
  const limits = Object.entries(rule.limits ?? {});
  return {
    name: rule.name,
    description: `${rule.why} (${rule.source})`,
    remediationSteps: rule.fix,
    enforcementLevel: rule.level ?? "mandatory",
    ...(limits.length > 0 && {
      configSchema: { properties: Object.fromEntries(limits.map(([name, value]) => [name, schemaOf(value)])) },
    }),
  };
}

const expectedBy = <Value, Chosen extends Limits>(
  rule: Statement<Value, Chosen>,
  configured: object,
): Expected<Chosen> => ({ limits: { ...rule.limits, ...configured } as Chosen, stack: stackSettings() });

function findingsIn<Value, Chosen extends Limits>(
  rule: ResourceStatement<Value, Chosen>,
  resource: ResourceValidationArgs,
): Finding<Value>[] {
  const expected = expectedBy(rule, resource.getConfig());
  const selectors = rule.facts.filter(({ type }) => type === undefined || type === resource.type);
  return selectors.flatMap(({ facts }) => [
    ...judge(
      () => facts(resource, expected.stack),
      (value) => rule.holds(value, expected),
    ),
  ]);
}

const message = <Value, Chosen extends Limits>(rule: Statement<Value, Chosen>, at: string, value: Value) =>
  `${rule.name}: ${at} is ${(rule.show ?? showJson)(value)}.\nFix: ${rule.fix}`;

/**
 * A rule that checks the resources of some types. A message names the rule, the resource, the value and the fix. A value
 * that a preview does not know is checked at `up`; the rule `unknown-at-preview` lists such values.
 */
export function resourceRule<Value, Chosen extends Limits = Limits>(
  rule: ResourceStatement<Value, Chosen>,
): ResourceRule {
  const validateResource = (resource: ResourceValidationArgs, report: ReportViolation): void => {
    for (const finding of findingsIn(rule, resource)) {
      if (finding.kind === "violation") report(message(rule, `${resource.name}: ${finding.at}`, finding.value));
    }
  };
  // With this property the library skips resources of other types before it unpacks them.
  const [type] = rule.facts.length === 1 ? rule.facts.map((selector) => selector.type) : [];
  return {
    ...policyOf(rule),
    validateResource: Object.assign(validateResource, type && { __pulumiType: type }),
    unknowns: (resource) =>
      findingsIn(rule, resource).flatMap((finding) => (finding.kind === "unknown" ? [finding.at] : [])),
  };
}

/** A rule that checks a stack as a whole. The library itself warns about a value that a preview does not know. */
export function stackRule<Value, Chosen extends Limits = Limits>(rule: StackStatement<Value, Chosen>): StackRule {
  const validateStack = (stack: StackValidationArgs, report: ReportViolation): void => {
    const expected = expectedBy(rule, stack.getConfig());
    const facts = () => rule.facts(stack, expected.stack);
    const findings = [...judge(facts, (value) => rule.holds(value, expected))];
    for (const finding of findings) {
      if (finding.kind === "violation") report(message(rule, finding.at, finding.value));
    }
    for (const finding of findings) if (finding.kind === "unknown") throw finding.error;
  };
  return { ...policyOf(rule), validateStack };
}
