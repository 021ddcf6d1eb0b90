import { createHash } from "node:crypto";
import { z } from "zod";
import type { Files } from "./branch";

/** Branch of the pull request that brings the workflows. Only this program writes to it. */
export const proposalBranch = "infra/workflows";

/** The state of a proposal. The stack's outputs keep it between updates. Each hash has 12 hexadecimal digits. */
export const proposalSchema = z.object({
  /** Id of one pull request. Another id creates another pull request. */
  id: z.string(),
  /** Hash of the files in the pull request. */
  wanted: z.string(),
  /** Hash of the branch's files at the last update that could read them. */
  base: z.string(),
});

/** A pull request with the workflows. */
export type Proposal = z.output<typeof proposalSchema>;

const hash = (value: unknown): string => createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 12);

const fingerprint = (files: Files): string => hash(Object.entries(files).sort());

const unseen = "unseen";

/**
 * The pull request that should exist. The last pull request stays, open or closed, when the branch has the desired files,
 * or when neither the desired files nor the branch has changed since it was created. In every other case a new pull request
 * is created. Undefined when there was no pull request and the branch already has the desired files.
 * @param base undefined when the branch could not be read, as in a preview without a token.
 */
export function propose(wanted: Files, base: Files | undefined, last: Proposal | undefined): Proposal | undefined {
  const goal = fingerprint(wanted);
  const seen = base === undefined ? unseen : fingerprint(base);
  if (seen === goal) return last && { ...last, wanted: goal, base: goal };
  if (last?.wanted === goal && (seen === unseen || seen === last.base)) return last;
  return { id: hash([goal, seen, last?.id]), wanted: goal, base: seen };
}

/** Whether it is known that the branch does not have the files of the proposal. */
export const isPending = (proposal: Proposal | undefined): boolean =>
  proposal !== undefined && proposal.base !== proposal.wanted && proposal.base !== unseen;

/** The paths whose text differs from the desired text. */
export const changedPaths = (wanted: Files, base: Files): string[] =>
  Object.keys(wanted).filter((path) => wanted[path] !== base[path]);
