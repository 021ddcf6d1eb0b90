import { expect, test } from "vitest";
import { withValues } from "../stack-values";

const text =
  "config:\n  memoryloop-infra:rollout:\n    soakSeconds: 1 # short\n  memoryloop-infra:backups:\n    bucket: b\n";

test("a value is set at its path, or taken out, and the rest of the text stays", () => {
  expect(withValues(text, { "rollout.drainSeconds": 5, backups: undefined })).toBe(
    "config:\n  memoryloop-infra:rollout:\n    soakSeconds: 1 # short\n    drainSeconds: 5\n",
  );
});
