import { describe, expect, test } from "vitest";
import { keyProblem } from "../../../host/backup/b2-key";

const account = (...capabilities: string[]) => ({ apiInfo: { storageApi: { allowed: { capabilities } } } });
const answered = (status: number, body?: unknown) => ({ kind: "answered" as const, status, body });

describe("keyProblem", () => {
  test("a master key is good", () => {
    expect(keyProblem(answered(200, account("writeBuckets", "writeKeys", "listKeys")))).toBeUndefined();
  });

  test("a key that B2 refuses names what to export", () => {
    expect(keyProblem(answered(401))).toEqual({
      cause:
        "B2 answered 401 to a login with B2_APPLICATION_KEY_ID and B2_APPLICATION_KEY: B2 refuses the key: it is wrong, or it was deleted",
      hint: "make a master key in B2, then: export B2_APPLICATION_KEY_ID=<id> B2_APPLICATION_KEY=<key>",
    });
  });

  test("a key of one bucket cannot make buckets", () => {
    expect(keyProblem(answered(200, account("listFiles")))?.cause).toBe("the key may not writeBuckets and writeKeys");
  });

  test("B2 that does not answer is named", () => {
    expect(keyProblem({ kind: "unreachable", cause: "B2 does not answer: timeout" })?.cause).toContain(
      "does not answer",
    );
  });
});
