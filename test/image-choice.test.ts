import { describe, expect, test } from "vitest";
import { standingTag } from "../image-choice";

const withdrawn = [
  { tag: "bbbbbbb", serving: "aaaaaaa", by: "op@desk", at: "2026-01-02T03:04:05.678Z", reason: "checkout is broken" },
];

describe("standingTag", () => {
  test("a plain up keeps what the operator went back to", () => {
    expect(standingTag("bbbbbbb", { deployed: "bbbbbbb" }, withdrawn)).toBe("aaaaaaa");
  });

  test("another tag stands, asked for or deployed", () => {
    expect(standingTag("ccccccc", { asked: "ccccccc", deployed: "bbbbbbb" }, withdrawn)).toBe("ccccccc");
    expect(standingTag("aaaaaaa", { deployed: "aaaaaaa" }, withdrawn)).toBe("aaaaaaa");
  });

  test("the tag that was taken back is refused, with who, when, why and what to do", () => {
    for (const wish of [{ asked: "bbbbbbb" }, { asked: "bbbbbbb", force: "ccccccc" }])
      expect(() => standingTag("bbbbbbb", { ...wish, deployed: "aaaaaaa" }, withdrawn)).toThrow(
        "image tag bbbbbbb was taken back by op@desk at 2026-01-02T03:04:05.678Z (checkout is broken): the site runs aaaaaaa\n" +
          "  next: deploy a commit that mends it; aaaaaaa stays with a plain `pulumi up`; " +
          "to deploy bbbbbbb all the same: pulumi up -c imageTag=bbbbbbb -c force=bbbbbbb",
      );
  });

  test("by force it is deployed, once the stack knows what serves", () => {
    const wish = { asked: "bbbbbbb", force: "bbbbbbb" };
    expect(standingTag("bbbbbbb", { ...wish, deployed: "aaaaaaa" }, withdrawn)).toBe("bbbbbbb");
    expect(() => standingTag("bbbbbbb", { ...wish, deployed: "bbbbbbb" }, withdrawn)).toThrow(
      "and the stack does not know it yet\n  next: run `pulumi up`, which takes it over, then: pulumi up -c imageTag=bbbbbbb -c force=bbbbbbb",
    );
  });
});
