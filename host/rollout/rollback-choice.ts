import { activeTag, tagOf, type HostState } from "./host-state";
import { previousRelease } from "./plan";
import { rolledBackTags, servedImages } from "./records";

/**
 * How a tag can serve again. `now`: its release is on the server, so the server alone can do it, and so can the engine.
 * `engine`: only `pulumi up`, which needs the word `force` for a refused tag. `none`: it cannot, and why.
 */
export type RollbackChoice =
  | { readonly kind: "now"; readonly tag: string; readonly isRefused: boolean }
  | { readonly kind: "engine"; readonly tag: string; readonly isRefused: boolean }
  | { readonly kind: "none"; readonly cause: string; readonly hint: string };

const none = (cause: string, hint: string): RollbackChoice => ({ kind: "none", cause, hint });

/** The tags that an operator can roll back to: those that served, by the server's records, without the active one. */
export const rollbackTags = (state: HostState): string[] =>
  servedImages(state.records, Number.POSITIVE_INFINITY)
    .map(({ tag }) => tag)
    .filter((tag) => tag !== activeTag(state));

/** How to roll back to a tag. Only a tag that the server's records say has served can be chosen. */
export function chooseRollback(state: HostState, tag: string): RollbackChoice {
  const release = previousRelease(state);
  const isRefused = rolledBackTags(state.records).some((one) => one.tag === tag);
  // After a rollback the target is the active release: the same command completes an interrupted one.
  if (release !== "" && tagOf(state, release) === tag) return { kind: "now", tag, isRefused };
  if (activeTag(state) === tag) return none(`${tag} serves already`, "ops status");
  const tags = rollbackTags(state);
  if (isRefused || tags.includes(tag)) return { kind: "engine", tag, isRefused };
  if (tags.length === 0) return none(`no other tag than ${activeTag(state) || "none"} served`, "ops history");
  return none(`${tag} has not served on this server; ${tags.join(", ")} have`, `ops rollback --to ${tags[0] ?? ""}`);
}

/** The command of the engine that deploys a chosen tag. */
export const engineCommand = ({ tag, isRefused }: { tag: string; isRefused: boolean }, stack?: string): string =>
  `pulumi up${stack === undefined ? "" : ` --stack ${stack}`} -c imageTag=${tag}${isRefused ? ` -c force=${tag}` : ""}`;
