/** A refusal of an account: its symptom, its cause, and the next command. */
interface Refusal {
  readonly service: "GitHub" | "B2";
  readonly statuses: readonly number[];
  /** Words of the answer. Without them the statuses alone decide. */
  readonly words?: RegExp;
  /** The symptom in the service's words, as documents show it. */
  readonly symptom: string;
  readonly cause: string;
  readonly next: string;
}

/** The command that gives the program the master key of B2. */
export const exportKey = "export B2_APPLICATION_KEY_ID=<id> B2_APPLICATION_KEY=<key>";

/** The refusals that this program knows, the special ones first. docs/pipeline.md shows them. */
export const refusals: readonly Refusal[] = [
  {
    service: "GitHub",
    statuses: [403, 429],
    words: /rate limit|too many requests/i,
    symptom: "403 API rate limit exceeded, 429",
    cause: "there were too many calls; nothing was changed by this call",
    next: "run the command again later",
  },
  {
    service: "GitHub",
    statuses: [403],
    words: /upgrade to github/i,
    symptom: "403 Upgrade to GitHub Pro",
    cause: "GitHub Free has rulesets and environments for public repositories only",
    next: "upgrade the plan or make the repository public; deployments need neither",
  },
  {
    service: "GitHub",
    statuses: [422],
    words: /billing plan|environment protection rule/i,
    symptom: "422 Failed to create the environment protection rule",
    cause: "the plan has no such rule for the environments of private repositories",
    next: "pulumi config rm --path pipeline.reviewers, or upgrade the plan",
  },
  {
    service: "GitHub",
    statuses: [422],
    words: /name must be unique/i,
    symptom: "422 Name must be unique",
    cause: "somebody made a ruleset of this name at the same moment",
    next: "run the command again: it replaces that ruleset",
  },
  {
    service: "GitHub",
    statuses: [409],
    words: /repository rule violations/i,
    symptom: "409 Repository rule violations",
    cause: "the token's owner is no administrator, or another ruleset also stops administrators",
    next: "pulumi config set --path pipeline.workflowsBy pull-request",
  },
  {
    service: "GitHub",
    statuses: [401],
    symptom: "401 Bad credentials",
    cause: "GITHUB_TOKEN is wrong or has expired",
    next: "make a new one, then: export GITHUB_TOKEN=<token>",
  },
  {
    service: "GitHub",
    statuses: [403],
    symptom: "403 Resource not accessible",
    cause: "GITHUB_TOKEN lacks a permission for this call",
    next: 'see docs/pipeline.md, "Tokens"',
  },
  {
    service: "GitHub",
    statuses: [404],
    symptom: "404 Not Found",
    cause: "the repository or package does not exist, or GITHUB_TOKEN may not see it",
    next: "pulumi config get --path pipeline.repository shows the name",
  },
  {
    service: "B2",
    statuses: [401],
    symptom: "401 unauthorized, bad_auth_token",
    cause: "B2 refuses the key: it is wrong, or it was deleted",
    next: `make a master key in B2, then: ${exportKey}`,
  },
  {
    service: "B2",
    statuses: [403],
    words: /cap[ _]exceeded/i,
    symptom: "403 storage_cap_exceeded, transaction_cap_exceeded",
    cause: "a cap of the B2 account is reached",
    next: 'raise it in Backblaze\'s console ("Caps & Alerts"), then: ops backup',
  },
  {
    service: "B2",
    statuses: [400],
    words: /duplicate_bucket_name|already in use/i,
    symptom: "400 duplicate_bucket_name",
    cause: "the name of the bucket is taken; names are unique among all customers",
    next: "pulumi config set --path backups.bucket <another name>",
  },
  {
    service: "B2",
    statuses: [429, 503],
    symptom: "429 too_many_requests, 503 service_unavailable",
    cause: "B2 asks for a pause",
    next: "run the command again later",
  },
];

/** Cause and next command of a refusal; undefined for one that the table does not have. */
export const explainRefusal = (
  service: Refusal["service"],
  status: number,
  answer: string,
): Pick<Refusal, "cause" | "next"> | undefined =>
  refusals.find((one) => one.service === service && one.statuses.includes(status) && (one.words?.test(answer) ?? true));
