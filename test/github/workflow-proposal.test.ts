import { describe, expect, test } from "vitest";
import { changedPaths, isPending, propose, type Proposal } from "../../github/workflow-proposal";

const wanted = { "ci.yml": "new", "deploy.yml": "same" };
const before = { "ci.yml": "old", "deploy.yml": "same" };
const byHand = { "ci.yml": "by hand", "deploy.yml": "same" };

function made(files: typeof wanted, base: object | undefined, last?: Proposal): Proposal {
  const proposal = propose(files, base as typeof wanted | undefined, last);
  if (proposal === undefined) throw new Error("no proposal");
  return proposal;
}

const first = made(wanted, before);
const merged = made(wanted, wanted, first);

describe("propose", () => {
  test("nothing where the branch has had the files all along", () => {
    expect(propose(wanted, wanted, undefined)).toBeUndefined();
  });

  test("one for a branch that lacks them, which the next update keeps, whether it is open or was closed", () => {
    expect(isPending(first)).toBe(true);
    expect(propose(wanted, before, first)).toEqual(first);
  });

  test("the same after the merge: it has done its work", () => {
    expect(merged.id).toBe(first.id);
    expect(isPending(merged)).toBe(false);
    expect(propose(wanted, wanted, merged)).toEqual(merged);
  });

  test("another one for other files, while the last waits and after it was merged", () => {
    const others = { ...wanted, "ci.yml": "newer" };
    expect(made(others, before, first).id).not.toBe(first.id);
    expect(made(others, wanted, merged).id).not.toBe(first.id);
  });

  test("another one when somebody changed the branch, also back to what it was before the merge", () => {
    const drifted = made(wanted, byHand, merged);
    const reverted = made(wanted, before, merged);
    expect(new Set([first.id, drifted.id, reverted.id]).size).toBe(3);
    expect(propose(wanted, byHand, drifted)).toEqual(drifted);
  });

  test("where nobody may look the last one stays, and only other files ask for another", () => {
    expect(propose(wanted, undefined, merged)).toEqual(merged);
    expect(made({ ...wanted, "ci.yml": "newer" }, undefined, merged).id).not.toBe(merged.id);
    expect(isPending(made(wanted, undefined))).toBe(false);
  });
});

describe("changedPaths", () => {
  test("names what differs and what is missing", () => {
    expect(changedPaths(wanted, before)).toEqual(["ci.yml"]);
    expect(changedPaths(wanted, {})).toEqual(["ci.yml", "deploy.yml"]);
  });
});
