import { describe, expect, test } from "vitest";
import type { FileVersion, LifecycleRule } from "../../../emulators/b2/account";
import { expiry } from "../../../emulators/b2/lifecycle";

const dayMs = 86_400_000;
const rule: LifecycleRule = {
  fileNamePrefix: "daily/",
  daysFromHidingToDeleting: 7,
  daysFromUploadingToHiding: null,
  daysFromStartingToCancelingUnfinishedLargeFiles: 1,
};

const version = (fileId: string, fileName: string, day: number, action: "upload" | "hide" = "upload"): FileVersion => ({
  fileId,
  bucketId: "b1",
  fileName,
  action,
  contentSha1: "none",
  contentType: "",
  fileInfo: {},
  uploadTimestamp: day * dayMs,
  pieces: [],
});

describe("expiry", () => {
  test("deletes files that were hidden for the configured days, and their markers, and no other file", () => {
    const versions = [version("a", "daily/1", 0), version("b", "daily/2", 0), version("c", "daily/1", 3, "hide")];
    expect(expiry(versions, [], [rule], 9 * dayMs)).toEqual({ deleted: [], hidden: [], cancelled: [] });
    expect(expiry(versions, [], [rule], 10 * dayMs)).toEqual({ deleted: ["a", "c"], hidden: [], cancelled: [] });
  });

  test("does not change files without a rule", () => {
    const versions = [version("a", "permanent/1", 0), version("b", "permanent/1", 1, "hide")];
    expect(expiry(versions, [], [rule], 1000 * dayMs)).toEqual({ deleted: [], hidden: [], cancelled: [] });
  });

  test("hides by age only with such a rule, and cancels unfinished uploads", () => {
    const unfinished = [{ ...version("d", "daily/3", 0), parts: {} }];
    const byAge = { ...rule, daysFromUploadingToHiding: 2 };
    expect(expiry([version("a", "daily/1", 0)], unfinished, [byAge], 2 * dayMs)).toEqual({
      deleted: [],
      hidden: ["daily/1"],
      cancelled: ["d"],
    });
  });
});
