import { describe, expect, test } from "vitest";
import type { Deployment } from "../../../host/rollout/deployment";
import {
  interruptedDeployments,
  parseRecords,
  recordWarnings,
  rolledBackTags,
  servedImages,
  servingImage,
} from "../../../host/rollout/records";
import { deployment } from "../../support/deployment";

const record = (imageTag: string, digest: string, status: Deployment["status"] = "success"): Deployment =>
  deployment({ imageTag, digest, status });

describe("parseRecords", () => {
  const line = (file: string, text: string): string => `${file}\t${text}`;
  const good = (id: string): string =>
    line(`${id}.json`, JSON.stringify(deployment({ id }), undefined, 2).replaceAll("\n", ""));

  test("reads each record by itself: a bad one is named, and the others are read", () => {
    const lines = [
      good("deploy-1"),
      line("deploy-2.json", '{ "id": "deploy-2", "imageT'),
      line("deploy-3.json", ""),
      line("deploy-4.json", '{ "id": "deploy-4" }'),
      line("deploy-5.json", "[]"),
      good("deploy-6"),
    ];
    const { records, unreadableRecords } = parseRecords(`${lines.join("\n")}\n`);
    expect(records.map(({ id }) => id)).toEqual(["deploy-1", "deploy-6"]);
    expect(unreadableRecords).toEqual(["deploy-2.json", "deploy-3.json", "deploy-4.json", "deploy-5.json"]);
  });

  test("a server without records has none", () => {
    expect(parseRecords("")).toEqual({ records: [], unreadableRecords: [] });
  });
});

describe("recordWarnings", () => {
  test("names the file and the next command", () => {
    expect(recordWarnings("app", { unreadableRecords: ["deploy-2.json"] })).toEqual([
      "deployment record /var/lib/app/deployments/deploy-2.json cannot be read and is ignored; " +
        "look at it on the server, then delete it: rm /var/lib/app/deployments/deploy-2.json",
    ]);
  });
});

describe("servedImages", () => {
  test("newest first, each tag once with its newest digest, failures left out", () => {
    const records = [record("a", "1"), record("b", "2"), record("bad", "3", "failed"), record("a", "4")];
    expect(servedImages(records)).toEqual([
      { tag: "a", digest: "4" },
      { tag: "b", digest: "2" },
    ]);
  });

  test("at most five", () => {
    const records = ["a", "b", "c", "d", "e", "f"].map((tag) => record(tag, tag));
    expect(servedImages(records).map(({ tag }) => tag)).toEqual(["f", "e", "d", "c", "b"]);
  });
});

describe("servingImage", () => {
  const good = deployment({ imageTag: "aaaaaaa", release: "11", digest: "sha256:a" });
  const next = deployment({ imageTag: "bbbbbbb", release: "22", digest: "sha256:b" });
  const goodImage = { tag: "aaaaaaa", digest: "sha256:a" };
  const nextImage = { tag: "bbbbbbb", digest: "sha256:b" };

  test("is the last success", () => {
    expect(servingImage([good, next], "22")).toEqual(nextImage);
  });

  test("nothing serves before the first cutover and after a destroy", () => {
    expect(servingImage([], "")).toBeUndefined();
    expect(servingImage([good], "")).toBeUndefined();
  });

  test.each(["pending", "in_progress", "failed"] as const)(
    "a deployment that ended %s before its switch changes nothing",
    (status) => {
      expect(servingImage([good, { ...next, status }], "11")).toEqual(goodImage);
    },
  );

  test.each(["in_progress", "failed"] as const)("a deployment that ended %s after its confirm serves", (status) => {
    expect(servingImage([good, { ...next, status }], "22")).toEqual(nextImage);
  });

  test("a first deployment that failed after its switch serves", () => {
    expect(servingImage([{ ...next, status: "failed" }], "22")).toEqual(nextImage);
  });

  test("after a revert or a rollback the previous tag serves, with the digest that its own record has", () => {
    const back = { ...next, status: "rolled_back", previousVersion: "aaaaaaa" } as const;
    expect(servingImage([good, back], "11")).toEqual(goodImage);
    expect(servingImage([good, next, { ...back, tagRefused: true }], "11")).toEqual(goodImage);
  });

  test("a link that was moved by hand decides nothing", () => {
    expect(servingImage([good, next], "11")).toEqual(nextImage);
    expect(servingImage([good, next], "nowhere")).toEqual(nextImage);
  });

  test("without a record of its digest the tag still counts", () => {
    const back = { ...next, status: "rolled_back", previousVersion: "aaaaaaa" } as const;
    expect(servingImage([back], "11")).toEqual({ tag: "aaaaaaa", digest: "" });
  });
});

describe("interruptedDeployments", () => {
  test("are those without a final status, but for the own one", () => {
    const own = deployment({ id: "deploy-4", status: "pending" });
    const records = [
      deployment({ id: "deploy-1", status: "in_progress" }),
      deployment({ id: "deploy-2", status: "pending" }),
      deployment({ id: "deploy-3", status: "failed" }),
      own,
    ];
    expect(interruptedDeployments(records, own).map(({ id }) => id)).toEqual(["deploy-1", "deploy-2"]);
  });
});

describe("rolledBackTags", () => {
  const success = (imageTag: string) => deployment({ imageTag });
  const rolledBack = deployment({
    imageTag: "bad",
    status: "rolled_back",
    tagRefused: true,
    previousVersion: "a",
    by: "op@desk",
    reason: "broken",
  });

  test("a tag that served and was rolled back, whatever came after it", () => {
    const records = [success("a"), success("bad"), rolledBack, success("c"), record("bad", "1", "failed")];
    expect(rolledBackTags(records)).toEqual([
      { tag: "bad", serving: "a", by: "op@desk", at: "2026-01-02T03:04:08.500Z", reason: "broken" },
    ]);
  });

  test("not one that has succeeded since", () => {
    expect(rolledBackTags([success("bad"), rolledBack, success("bad")])).toEqual([]);
  });

  test("not one that never came to serve for good: it may be tried again", () => {
    expect(rolledBackTags([record("c", "1", "rolled_back")])).toEqual([]);
  });
});
