import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deletions, partsOf, planRetention, renderPlan, type Version } from "../../../ops/retention/plan";

const version = (id: number, tags: readonly string[] = [`t${id}`]): Version => ({
  id,
  digest: `sha256:${String(id).padStart(64, "0")}`,
  tags,
  createdAt: `2026-11-${String(id).padStart(2, "0")}T00:00:00Z`,
});
const digestOf = (id: number): string => version(id).digest;
const versions = (count: number): Version[] => Array.from({ length: count }, (_, index) => version(index + 1));
const use = (...references: string[]) => references.map((reference) => ({ reference, reason: "deployed" }));
const kept = ({ verdicts }: ReturnType<typeof planRetention>): number[] =>
  verdicts.flatMap(({ keep, version: { id } }) => (keep ? [id] : []));

describe("planRetention", () => {
  test("keeps the newest five tagged ones", () => {
    expect(kept(planRetention(versions(8), use("t8"), {}))).toEqual([4, 5, 6, 7, 8]);
  });

  test("keeps what is in use, whatever its age, by tag or digest", () => {
    expect(kept(planRetention(versions(9), use("t1", digestOf(2)), {}))).toEqual([1, 2, 5, 6, 7, 8, 9]);
  });

  test("keeps the parts of what it keeps, and the parts of those", () => {
    const parts = [version(20, []), version(21, []), version(22, [])];
    const children = { [digestOf(8)]: [digestOf(20)], [digestOf(20)]: [digestOf(21)], [digestOf(1)]: [digestOf(22)] };
    expect(kept(planRetention([...versions(8), ...parts], use("t8"), children))).toEqual([4, 5, 6, 7, 8, 20, 21]);
  });

  test("keeps a part that a deleted and a kept one share", () => {
    const children = { [digestOf(8)]: [digestOf(20)], [digestOf(1)]: [digestOf(20)] };
    expect(kept(planRetention([...versions(8), version(20, [])], use("t8"), children))).toContain(20);
  });

  test("an attached signature goes with its image and does not count as one", () => {
    const signature = (id: number, of: number) => version(id, [`${digestOf(of).replace(":", "-")}.sig`]);
    const plan = planRetention([...versions(8), signature(20, 8), signature(21, 1)], use("t8"), {});
    expect(kept(plan)).toEqual([4, 5, 6, 7, 8, 20]);
  });

  test.each([0, 1, 5])("deletes nothing of %i versions", (count) => {
    expect(planRetention(versions(count), use("t1"), {}).verdicts.every(({ keep }) => keep)).toBe(true);
  });

  test("keeps a version that cannot be read, and what may be a part of it; old images that can be read go", () => {
    const parts = [version(20, []), version(21, [])];
    const children = { [digestOf(1)]: [digestOf(20)] };
    const plan = planRetention([...versions(8), ...parts], use("t8"), children, { [digestOf(2)]: "HTTP 404" });
    expect(kept(plan)).toEqual([2, 4, 5, 6, 7, 8, 20, 21]);
    expect(plan.verdicts.map(({ reason }) => reason)).toEqual(
      expect.arrayContaining([
        "its manifest cannot be read: HTTP 404",
        `perhaps a part of ${digestOf(2).slice(0, 19)}, which cannot be read`,
      ]),
    );
    expect(deletions(plan).map(({ id }) => id)).toEqual([1, 3]);
  });

  test("refuses if no deployed image is known", () => {
    expect(planRetention(versions(8), [], {}).refusal).toBe("no deployed image is known");
  });

  test("refuses where something in use is not in the package: the list is not the whole truth", () => {
    expect(planRetention(versions(8), use("gone"), {}).refusal).toBe("in use but not in the package: gone (deployed)");
  });

  test("a second plan after the first deletes nothing", () => {
    const ids = fc.array(fc.integer({ min: 1, max: 28 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(ids, fc.nat(), (chosen, choice) => {
        const all = [...new Set(chosen)].map((id) => version(id));
        const inUse = use(all[choice % all.length]?.digest ?? "");
        const first = planRetention(all, inUse, {});
        const rest = first.verdicts.flatMap(({ keep, version: one }) => (keep ? [one] : []));
        expect(kept(planRetention(rest, inUse, {}))).toEqual(rest.map(({ id }) => id));
      }),
    );
  });
});

describe("renderPlan", () => {
  test("says each version's fate and why, and what it comes to", () => {
    expect(renderPlan(planRetention(versions(6), use("t6"), {}), true).split("\n")).toEqual([
      "keep   sha256:000000000000 2026-11-06T00:00:00Z t6: deployed",
      ...[5, 4, 3, 2].map((id) => `keep   sha256:000000000000 2026-11-0${id}T00:00:00Z t${id}: one of the newest 5`),
      "delete sha256:000000000000 2026-11-01T00:00:00Z t1: neither new nor in use",
      "5 kept, 1 to delete; nothing was deleted: --no-dry-run deletes",
    ]);
  });
});

test("partsOf names all parts of an image, and the parts of those", () => {
  const children = { [digestOf(1)]: [digestOf(20)], [digestOf(20)]: [digestOf(21)], [digestOf(2)]: [digestOf(22)] };
  expect([...partsOf(digestOf(1), children)]).toEqual([digestOf(1), digestOf(20), digestOf(21)]);
});
