import { describe, expect, test } from "vitest";
import { withoutImageTag } from "../stack-file";

describe("withoutImageTag", () => {
  test("takes the tag's line and leaves every other byte", () => {
    const text = "# ours\nconfig:\n  infra:app:\n    name: x\n  infra:imageTag: 4f2c1e9\n  infra:imageTagged: y\n";
    expect(withoutImageTag(text, "infra")).toBe("# ours\nconfig:\n  infra:app:\n    name: x\n  infra:imageTagged: y\n");
  });

  test("takes a quoted tag of digits, also on a last line without an end", () => {
    expect(withoutImageTag('config:\n  infra:imageTag: "1234567"', "infra")).toBe("config:\n");
  });

  test("takes the word that forces it, too", () => {
    expect(withoutImageTag("config:\n  infra:force: a\n  infra:imageTag: a\n  infra:x: y\n", "infra")).toBe(
      "config:\n  infra:x: y\n",
    );
  });

  test("a file without a tag stays as it is", () => {
    expect(withoutImageTag("config: {}\n", "infra")).toBe("config: {}\n");
  });
});
