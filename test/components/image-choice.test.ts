import { describe, expect, test } from "vitest";
import {
  assertOwnsData,
  explainRegistry,
  recordedDigest,
  resolveTag,
  tagNotice,
  withoutOnceKeys,
} from "../../components/image-choice";

const rolledBack = [
  { tag: "bbbbbbb", serving: "aaaaaaa", by: "op@desk", at: "2026-01-02T03:04:05.678Z", reason: "checkout is broken" },
];

describe("resolveTag", () => {
  const serving = { tag: "aaaaaaa", digest: "sha256:a" };
  const nothing = { rolledBack: [] };

  test("is the requested one", () => {
    expect(resolveTag({ requested: "ccccccc", deployed: "bbbbbbb" }, { serving, rolledBack })).toBe("ccccccc");
  });

  test("without a request it is the tag that serves, whatever the stack's outputs say", () => {
    expect(resolveTag({ deployed: "bbbbbbb" }, { serving, rolledBack: [] })).toBe("aaaaaaa");
    expect(resolveTag({ deployed: "bbbbbbb" }, { serving, rolledBack })).toBe("aaaaaaa");
    expect(resolveTag({}, { serving, rolledBack: [] })).toBe("aaaaaaa");
  });

  test("is the deployed one where the server tells nothing, such as in a preview without an ssh agent", () => {
    expect(resolveTag({ deployed: "bbbbbbb" }, nothing)).toBe("bbbbbbb");
  });

  test("a first deployment without a tag says how to choose one", () => {
    expect(() => resolveTag({}, nothing)).toThrow(
      "next: choose what to deploy: pulumi up -c imageTag=<commit sha of a pushed image>",
    );
  });

  test("a rolled back tag is refused, with who, when, why and what to do", () => {
    for (const request of [{ requested: "bbbbbbb" }, { requested: "bbbbbbb", forced: "ccccccc" }])
      expect(() => resolveTag({ ...request, deployed: "aaaaaaa" }, { serving, rolledBack })).toThrow(
        "image tag bbbbbbb was rolled back by op@desk at 2026-01-02T03:04:05.678Z (checkout is broken); the site runs aaaaaaa\n" +
          "  next: deploy a fix. A plain `pulumi up` keeps aaaaaaa. " +
          "To deploy bbbbbbb anyway: pulumi up -c imageTag=bbbbbbb -c force=bbbbbbb",
      );
  });

  test("a forced tag is deployed, once the stack knows the rollback", () => {
    const request = { requested: "bbbbbbb", forced: "bbbbbbb" };
    expect(resolveTag({ ...request, deployed: "aaaaaaa" }, { serving, rolledBack })).toBe("bbbbbbb");
    expect(() => resolveTag({ ...request, deployed: "bbbbbbb" }, { serving, rolledBack })).toThrow(
      "; the stack does not know it yet\n  next: run `pulumi up`, then: pulumi up -c imageTag=bbbbbbb -c force=bbbbbbb",
    );
  });
});

describe("recordedDigest", () => {
  test("is the first that is known for the tag", () => {
    const images = [
      { tag: "a", digest: "" },
      { tag: "b", digest: "1" },
      { tag: "a", digest: "2" },
    ];
    expect(recordedDigest("a", images)).toBe("2");
    expect(recordedDigest("c", images)).toBeUndefined();
  });
});

const name = "ghcr.io/owner/app:4f2c1e9";
const said = (words: string): string =>
  `invoking docker:index/getRegistryImage:getRegistryImage: 1 error occurred:\n\t* Got error when attempting to fetch image version owner/app:4f2c1e9 from registry: ${words}\n\n`;

const logIn =
  "log in to the registry: pulumi config set --path image.username <user>; pulumi config set --secret REGISTRY_TOKEN (on GitHub a token that may read:packages)";
const push =
  "the registry does not have this image: push it, or deploy a tag that it has: pulumi up -c imageTag=<commit sha>";
const wait =
  "try again when the registry answers. A rollback needs no registry: pulumi up -c imageTag=$(pulumi stack output previousImageTag)";

describe("explainRegistry", () => {
  test.each([
    ["got bad response from registry: 404 Not Found", push],
    ["got bad response from registry: 401 Unauthorized", logIn],
    ["bad credentials: 401 Unauthorized", logIn],
    ["got bad response from registry: 403 Forbidden", logIn],
    ["got bad response from registry: 503 Service Unavailable", wait],
    [
      'Error during registry request: Head "https://ghcr.io/v2/": dial tcp 1.2.3.4:443: connect: connection refused',
      wait,
    ],
  ])("%s", (words, next) => {
    expect(explainRegistry(name, said(words)).message).toBe(`look up image ${name}: ${words}\n  next: ${next}`);
  });
});

describe("withoutOnceKeys", () => {
  test("removes the tag's line and leaves every other byte", async () => {
    const text = "# ours\nconfig:\n  infra:app:\n    name: x\n  infra:imageTag: 4f2c1e9\n  infra:imageTagged: y\n";
    expect(await withoutOnceKeys(text, "infra")).toBe(
      "# ours\nconfig:\n  infra:app:\n    name: x\n  infra:imageTagged: y\n",
    );
  });

  test("removes a quoted tag of digits, also on a last line without an end", async () => {
    expect(await withoutOnceKeys('config:\n  infra:imageTag: "1234567"', "infra")).toBe("config:\n");
  });

  test("removes the forced tag, too", async () => {
    expect(await withoutOnceKeys("config:\n  infra:force: a\n  infra:imageTag: a\n  infra:x: y\n", "infra")).toBe(
      "config:\n  infra:x: y\n",
    );
  });

  test("a file without a tag stays as it is", async () => {
    expect(await withoutOnceKeys("config: {}\n", "infra")).toBe("config: {}\n");
  });
});

describe("tagNotice", () => {
  const notice = (tag: string, known: Parameters<typeof tagNotice>[2]): string | undefined =>
    tagNotice("demo", tag, known);

  test.each([
    ["a first deployment", { requested: "b2" }, undefined],
    ["a new tag", { requested: "b2", serving: "a1", deployed: "a1" }, "demo: a1 -> b2; traffic moves without a reload"],
    [
      "a server that differs from the stack",
      { requested: "b2", serving: "c3", deployed: "a1" },
      "demo: c3 -> b2; traffic moves without a reload",
    ],
    [
      "a preview without a server",
      { requested: "b2", deployed: "a1" },
      "demo: a1 -> b2; traffic moves without a reload",
    ],
    ["the tag that serves", { requested: "b2", serving: "b2", deployed: "a1" }, undefined],
    ["no request", { serving: "b2", deployed: "b2" }, undefined],
    [
      "no request, after a deployment by another way",
      { serving: "b2", deployed: "a1" },
      "the server runs b2, the stack's outputs name a1: this update keeps b2, and the outputs follow",
    ],
    [
      "no request, and no outputs",
      { serving: "b2" },
      "the server runs b2, the stack's outputs name no tag: this update keeps b2, and the outputs follow",
    ],
  ])("of %s", (_, known, words) => {
    expect(notice("b2", known)).toBe(words);
  });
});

describe("assertOwnsData", () => {
  test("accepts the owner of the data, and a server without data", () => {
    expect(() => {
      assertOwnsData("shop", 1001, 1001);
      assertOwnsData("shop", 1001, undefined);
    }).not.toThrow();
  });

  test("refuses another user, with the command that keeps it and the command that gives the data away", () => {
    expect(() => {
      assertOwnsData("shop", 1000, 1001);
    }).toThrow(
      "the data of shop belongs to user 1001, and the app would run as user 1000, who cannot write it; nothing was changed\n" +
        "  next: pulumi config set --path app.user 1001   keeps the user; or give the data to the new user, on the server: " +
        "chown -R --no-dereference --from=1001 1000:1000 /opt/shop/data",
    );
  });
});
