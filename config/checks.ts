import { z } from "zod";

/** The checks of a pull request: a preset of this program, or a workflow of the app's own. */
export const checksFields = {
  checks: z
    .enum(["node", "python", "own"])
    .default("node")
    .describe(
      "Checks that a pull request must pass. `node`: `npm run lint`, `tsc`, `npm test`. `python`: `ruff`, `pytest`. `own`: the app's own workflow, which this program only names.",
    ),
  checksWorkflow: z
    .string()
    .regex(/^[A-Za-z0-9][\w.-]*\.ya?ml$/, "a file's name, such as checks.yml")
    .default("ci.yml")
    .describe(
      "The app's own workflow in `.github/workflows/`, where `checks` is `own`. It needs the trigger `workflow_call`: a deployment runs it first.",
    ),
  checkNames: z
    .array(z.string().min(1))
    .default([])
    .describe("Names of the jobs of the app's own workflow that a pull request must pass, where `checks` is `own`."),
};

interface Checks {
  readonly checks: "node" | "python" | "own";
  readonly checkNames: readonly string[];
}

/** Jobs of the presets. */
const presetJobs = { node: ["lint", "typecheck", "test"], python: ["lint", "test"] } as const;

/** The jobs that a pull request must pass. */
export const requiredChecks = ({ checks, checkNames }: Checks): readonly string[] =>
  checks === "own" ? checkNames : presetJobs[checks];

/** The contradictions in the checks. Without a name, the branch would take everything. */
export function checksProblems({ checks, checkNames }: Checks): string[] {
  if (checks === "own" && checkNames.length === 0)
    return [
      "pipeline.checkNames: is empty, so a pull request would need no check\n    try: pulumi config set --path 'pipeline.checkNames[0]' test",
    ];
  return checks !== "own" && checkNames.length > 0
    ? [
        `pipeline.checkNames: the preset ${checks} has its own names\n    try: pulumi config set --path 'pipeline.checks' own, or: pulumi config rm --path 'pipeline.checkNames'`,
      ]
    : [];
}
