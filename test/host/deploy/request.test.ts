import { describe, expect, test } from "vitest";
import { parseRequest } from "../../../host/deploy/request";

const parse = (words: string) => parseRequest(words, "ghcr.io/owner/app");
const refused = (reason: string) => ({ kind: "refused", reason });
const another = refused("another command: this key can do `deploy <tag>`, `rollback` and `status`");
const noTag = refused("no tag: a tag has letters, digits, dots and dashes, at most 128");
const otherRepository = refused("another repository: this key deploys tags of ghcr.io/owner/app only");
const digest = refused("a digest: this key deploys tags only");

describe("parseRequest", () => {
  test("accepts a deployment of a tag, a rollback and the state", () => {
    expect(parse("deploy 4f2c1e9")).toEqual({ kind: "deploy", tag: "4f2c1e9" });
    expect(parse("rollback")).toEqual({ kind: "rollback" });
    expect(parse("status")).toEqual({ kind: "status" });
  });

  test.each([
    ["", refused("a shell")],
    ["scp -t /tmp", refused("a file transfer")],
    ["internal-sftp", refused("a file transfer")],
    ["/usr/lib/openssh/sftp-server", refused("a file transfer")],
    ["rsync --server . /", refused("a file transfer")],
    ["id", another],
    ["status; id", another],
    ["status ", another],
    ["deploy", another],
    ["deploy ", another],
    ["rollback --now", another],
    ["DEPLOY 4f2c1e9", another],
    ["deploy 4f2c1e9; id", noTag],
    ["deploy 4f2c1e9\nid", noTag],
    ["deploy  4f2c1e9", noTag],
    ["deploy $(id)", noTag],
    ["deploy -x", noTag],
    [`deploy ${"a".repeat(129)}`, noTag],
    ["deploy evil.example.com/app:latest", otherRepository],
    ["deploy ghcr.io/owner/app:4f2c1e9", otherRepository],
    [`deploy sha256:${"1".repeat(64)}`, digest],
    [`deploy 4f2c1e9@sha256:${"1".repeat(64)}`, digest],
  ])("refuses %j", (words, refusal) => {
    expect(parse(words)).toEqual(refusal);
  });
});
