import { describe, expect, test } from "vitest";
import { renderRolledBack, renderWayBack, wayBack } from "../../ops/rollback";
import { container, hostState } from "../support/host-state";

describe("wayBack", () => {
  test("names both tags", () => {
    const containers = [container("11", "aaaaaaa", true), container("22", "bbbbbbb", true)];
    expect(wayBack(hostState({ active: "22", previous: "11", containers }))).toEqual({
      serving: "bbbbbbb",
      before: "aaaaaaa",
    });
  });

  test("a first deployment has none", () => {
    expect(wayBack(hostState({ active: "11", containers: [container("11", "aaaaaaa", true)] }))).toEqual({
      serving: "aaaaaaa",
      before: "",
    });
  });
});

describe("renderWayBack", () => {
  test("gives the usual command and the one for an emergency", () => {
    expect(renderWayBack({ serving: "bbbbbbb", before: "aaaaaaa" }, "prod")).toBe(
      [
        "the site runs bbbbbbb; the previous release is aaaaaaa. To roll back, with today's configuration:",
        "  pulumi up --stack prod -c imageTag=aaaaaaa",
        "in an emergency, with the host alone, to the release as it was:",
        "  npm run ops -- rollback --now --stack prod",
      ].join("\n"),
    );
  });

  test("says when the server has no previous release", () => {
    expect(renderWayBack({ serving: "aaaaaaa", before: "" }, "prod")).toBe(
      "the site runs aaaaaaa, and the server has no previous release",
    );
  });
});

describe("renderRolledBack", () => {
  test("says what serves, and what the next up does", () => {
    expect(renderRolledBack({ serving: "aaaaaaa", release: "11", rolledBack: "bbbbbbb" })).toBe(
      "the site runs aaaaaaa again (release 11); bbbbbbb is stopped\n" +
        "pulumi up keeps aaaaaaa and takes it over; bbbbbbb is refused until it is asked for by force",
    );
  });

  test("where the tag is the same, names the configuration", () => {
    expect(renderRolledBack({ serving: "aaaaaaa", release: "11", rolledBack: "aaaaaaa" })).toBe(
      "the site runs aaaaaaa again (release 11), as it was configured then\n" +
        "fix the configuration before the next pulumi up: it deploys aaaaaaa with today's",
    );
  });
});
