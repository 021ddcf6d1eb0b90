import { createHash } from "node:crypto";
import { z } from "zod";
import type { Files } from "./branch";

/** Branch of the pull request that brings the workflows. Only this program writes to it. */
export const proposalBranch = "infra/workflows";

/** The state of a proposal, kept in the stack's outputs from one update to the next; hashes, 12 hexadecimal digits each. */
export const proposalSchema = z.object({
  /** Names one pull request: another id asks for another one. */
  id: z.string(),
  /** Hash of the files that it brings. */
  wanted: z.string(),
  /** Hash of the branch's files, as they were seen last. */
  base: z.string(),
});

/** A pull request that brings the workflows. */
export type Proposal = z.output<typeof proposalSchema>;

const hash = (value: unknown): string => createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 12);

const fingerprint = (files: Files): string => hash(Object.entries(files).sort());

const unseen = "unseen";

/**
 * The pull request that should exist. The last one stays, open or closed, as long as it brings what is wanted to what it
 * was made for; where the branch has what is wanted, it has done its work and stays, too. A new one is asked for when
 * other files are wanted, or when the branch was changed by somebody else. None where the branch has had them all along.
 * @param base undefined where the branch could not be looked at, as in a preview without a token.
 */
export function propose(wanted: Files, base: Files | undefined, last: Proposal | undefined): Proposal | undefined {
  const goal = fingerprint(wanted);
  const seen = base === undefined ? unseen : fingerprint(base);
  if (seen === goal) return last && { ...last, wanted: goal, base: goal };
  if (last?.wanted === goal && (seen === unseen || seen === last.base)) return last;
  return { id: hash([goal, seen, last?.id]), wanted: goal, base: seen };
}

/** Whether the branch is known to lack what the proposal brings. */
export const isPending = (proposal: Proposal | undefined): boolean =>
  proposal !== undefined && proposal.base !== proposal.wanted && proposal.base !== unseen;

/** The paths whose text is not the wanted one. */
export const changedPaths = (wanted: Files, base: Files): string[] =>
  Object.keys(wanted).filter((path) => wanted[path] !== base[path]);
