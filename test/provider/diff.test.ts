import { expect, test, vi } from "vitest";
import { fileSetInputsSchema } from "../../host/file-set/inputs";
import { handlersWith } from "../../provider/handlers";
import { VpsProvider } from "../../provider/provider";
import { FakeHost } from "../support/fake-host";

// The sources of a checkout can be newer than its build, which only matters to a run of the engine.
vi.mock("../../repository", async (original) => ({
  ...(await original<typeof import("../../repository")>()),
  assertBuildIsCurrent: () => undefined,
}));

const open = () => new FakeHost();
const provider = new VpsProvider("1.0.0", handlersWith(open), {}, open, () => () => undefined);
const urn = "urn:pulumi:prod::infra::vps:index:FileSet::site";
const connection = { host: "vps", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
const set = fileSetInputsSchema.parse({ connection, set: "s", owner: "infra/prod/notes", entries: {} });
const withoutOwner = Object.fromEntries(Object.entries(set).filter(([key]) => key !== "owner"));

test.each([
  ["another owner", set, { ...set, owner: "infra/prod/diary" }, ["owner"]],
  ["an owner that the state of an earlier version does not have", withoutOwner, set, []],
  ["other content", set, { ...set, entries: { "/a": { kind: "link", target: "b" } } }, []],
])("a file set is replaced for another owner alone: %s", async (_name, olds, news, replaces) => {
  expect(await provider.diff("s", urn, olds, news)).toEqual({ changes: true, replaces });
});
