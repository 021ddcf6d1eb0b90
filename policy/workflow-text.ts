import { createRequire } from "node:module";

const requireModule = createRequire(__filename);

type Mapping = Readonly<Record<string, unknown>>;

const isMapping = (value: unknown): value is Mapping =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const mappingOf = (value: unknown): Mapping => (isMapping(value) ? value : {});

/** A workflow of GitHub Actions, as far as rules need it. */
export interface Workflow {
  readonly triggers: readonly string[];
  readonly permissions: unknown;
  readonly env: Mapping;
  readonly jobs: readonly Job[];
}

export interface Job {
  readonly name: string;
  readonly permissions: unknown;
  readonly runsOn: unknown;
  readonly env: Mapping;
  readonly secrets: unknown;
  readonly isInEnvironment: boolean;
  readonly uses: string | undefined;
  readonly steps: readonly Step[];
  /** Every text of the job, with its path. */
  readonly texts: readonly (readonly [at: string, text: string])[];
}

interface Step {
  readonly at: string;
  readonly uses: string | undefined;
  readonly run: string | undefined;
  readonly with: Mapping;
}

function* textsIn(value: unknown, at: string): Generator<readonly [string, string]> {
  if (typeof value === "string") yield [at, value];
  else if (typeof value === "object" && value !== null)
    for (const [key, child] of Object.entries(value)) yield* textsIn(child, `${at}.${key}`);
}

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

function stepOf(job: string, value: unknown, index: number): Step {
  const step = mappingOf(value);
  const uses = text(step["uses"]);
  const run = text(step["run"]);
  return { at: `jobs.${job}.steps[${index}]`, uses, run, with: mappingOf(step["with"]) };
}

function jobOf(name: string, value: unknown): Job {
  const job = mappingOf(value);
  const steps = Array.isArray(job["steps"]) ? job["steps"] : [];
  return {
    name,
    permissions: job["permissions"],
    runsOn: job["runs-on"],
    env: mappingOf(job["env"]),
    secrets: job["secrets"],
    isInEnvironment: job["environment"] !== undefined,
    uses: text(job["uses"]),
    steps: steps.map((step, index) => stepOf(name, step, index)),
    texts: [...textsIn(value, `jobs.${name}`)],
  };
}

const triggersOf = (on: unknown): string[] =>
  typeof on === "string" ? [on] : Array.isArray(on) ? on.map(String) : Object.keys(mappingOf(on));

function read(content: string): Workflow {
  // Loaded here because only stacks with a pipeline need it: it takes a tenth of a second.
  const { parse } = requireModule("yaml") as typeof import("yaml");
  const workflow = mappingOf(parse(content));
  return {
    triggers: triggersOf(workflow["on"]),
    permissions: workflow["permissions"],
    env: mappingOf(workflow["env"]),
    jobs: Object.entries(mappingOf(workflow["jobs"])).map(([name, job]) => jobOf(name, job)),
  };
}

const known = new Map<string, Workflow>();

/** Reads a workflow, once for all rules. @throws Error for text that is not YAML. */
export function parseWorkflow(content: string): Workflow {
  const workflow = known.get(content) ?? read(content);
  known.set(content, workflow);
  return workflow;
}

/** The expressions in a text, such as `github.sha` in `${{ github.sha }}`. */
export const expressionsIn = (value: string): string[] =>
  [...value.matchAll(/\$\{\{([^]*?)\}\}/g)].map(([, expression = ""]) => expression.trim());
