import { describe, expect, test } from "vitest";
import { parseChallenge } from "../../../../offline/plugins/docker/registry";

describe("parseChallenge", () => {
  test("reads where to get a token", () => {
    const header = 'Bearer realm="https://r/token",service="r",scope="repository:o/app:pull"';
    expect(parseChallenge(header)).toEqual({ realm: "https://r/token", service: "r", scope: "repository:o/app:pull" });
  });

  test("a basic challenge offers no token", () => {
    expect(parseChallenge('Basic realm="r"')).toBeUndefined();
  });
});
