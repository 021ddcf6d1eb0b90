import { describe, expect, test } from "vitest";
import { changeSentence, failureLead, type Change } from "../../ops/plain-change";

const urn = (types: string, name: string): string => `urn:pulumi:prod::memoryloop-infra::${types}::${name}`;
const image = (tag: string) => ({ app: "memoryloop", image: { tag, digest: `sha256:${tag}` } });
const keepers = (parts: object = {}) => ({ keepers: { environment: "e1", settings: "s1", ...parts } });
const rollout = (op: string, from: string | undefined, to: string): Change => ({
  op,
  urn: urn("vps:components:AppRollout$vps:index:Rollout", "rollout-release"),
  before: from === undefined ? undefined : image(from),
  after: image(to),
});
const release = (after: object = {}): Change => ({
  op: "replace",
  urn: urn("vps:components:AppContainer$random:index/randomId:RandomId", "app-release"),
  before: keepers(),
  after: keepers(after),
});
const withHidden = (environment: unknown): Change => ({
  ...release(),
  before: keepers({ environment }),
  after: keepers({ environment }),
});
const container: Change = {
  op: "replace",
  urn: urn("vps:components:AppContainer$docker:index/container:Container", "memoryloop"),
  before: {},
  after: {},
};
const site = (op: string): Change => ({
  op,
  urn: urn("vps:components:NginxSite$vps:index:FileSet", "site"),
  before: {},
  after: {},
});

describe("changeSentence", () => {
  test.each<[string, readonly Change[], string]>([
    [
      "another tag",
      [site("same"), release(), container, rollout("update", "a000001", "b000002")],
      "memoryloop: a000001 -> b000002, nothing else changes; traffic moves without a reload",
    ],
    [
      "another tag and other files",
      [site("update"), release(), container, rollout("update", "a000001", "b000002")],
      "memoryloop: a000001 -> b000002, and these change: site; traffic moves without a reload",
    ],
    [
      "another tag and variables",
      [release({ environment: "e2" }), container, rollout("update", "a000001", "b000002")],
      "memoryloop: a000001 -> b000002, and these change: the variables of the app; traffic moves without a reload",
    ],
    [
      "the same tag with other settings",
      [release({ settings: "s2" }), container, rollout("update", "a000001", "a000001")],
      "memoryloop: a000001 stays, and these change: the settings of the container; traffic moves without a reload",
    ],
    [
      "the same tag with other variables, whose keeper the engine hides behind a word",
      [withHidden("[secret]"), container, rollout("update", "a000001", "a000001")],
      "memoryloop: a000001 stays, and these change: the variables of the app; traffic moves without a reload",
    ],
    [
      "the same tag with other variables, whose keeper the engine hides behind an object",
      [withHidden({ ciphertext: "" }), container, rollout("update", "a000001", "a000001")],
      "memoryloop: a000001 stays, and these change: the variables of the app; traffic moves without a reload",
    ],
    [
      "another tag, beside a keeper that the engine hides",
      [
        { ...withHidden({}), after: keepers({ environment: { ciphertext: "other" }, tag: "b000002" }) },
        container,
        rollout("update", "a000001", "b000002"),
      ],
      "memoryloop: a000001 -> b000002, nothing else changes; traffic moves without a reload",
    ],
    [
      "files only",
      [site("update"), rollout("same", "a000001", "a000001")],
      "memoryloop: a000001 stays, and these change: site",
    ],
    [
      "a setting of the rollout only",
      [site("same"), rollout("update", "a000001", "a000001")],
      "memoryloop: a000001 stays, and these change: the settings of the rollout",
    ],
    [
      "a container for another reason",
      [container, rollout("update", "a000001", "a000001")],
      "memoryloop: a000001 stays, and these change: the release; traffic moves without a reload",
    ],
    [
      "files and a setting of the rollout",
      [site("update"), rollout("update", "a000001", "a000001")],
      "memoryloop: a000001 stays, and these change: site",
    ],
    ["nothing", [site("same"), rollout("same", "a000001", "a000001")], "memoryloop: nothing changes"],
    [
      "the first deployment",
      [site("create"), rollout("create", undefined, "a000001")],
      "memoryloop: first deployment of a000001",
    ],
    ["nothing of an app", [site("same")], "the app: nothing is deployed"],
  ])("%s", (_, changes, sentence) => {
    expect(changeSentence(changes)).toBe(sentence);
  });
});

describe("failureLead", () => {
  const output = `Updating (prod):
Diagnostics:
  pulumi:pulumi:Stack (memoryloop-infra-prod):
    error: update failed

  vps:index:Rollout (rollout-release):
    error: deploy bad0500: gate of release 22 /api/health: answered 500, not 200
      next: to keep a000001, run \`pulumi up\`
    the site still runs a000001 (release 11)
    last log lines of release 22:

Resources:`;

  test("is tag, cause and next step of the first error", () => {
    expect(failureLead(output)).toBe(
      "deploy bad0500: gate of release 22 /api/health: answered 500, not 200\nnext: to keep a000001, run `pulumi up`",
    );
  });

  test("is empty without an error", () => {
    expect(failureLead("Resources:\n    36 unchanged")).toBe("");
  });
});
