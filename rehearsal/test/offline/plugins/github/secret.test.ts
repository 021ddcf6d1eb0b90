import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sealed } from "../../../../../github/sealed";
import { bridged } from "../../../../offline/plugins/bridge/bridged";
import { RestApi } from "../../../../offline/plugins/github/rest-api";
import { actionsSecret } from "../../../../offline/plugins/github/secret";
import type { Resource } from "../../../../offline/plugins/plugin";
import { unknown, plainProperties, type Properties } from "../../../../offline/plugins/value";
import { EmulatedGithub } from "../../../../../test/support/emulated-github";

const inputs = { repository: "app", secretName: "TOKEN", value: "ours" };
const subject = { urn: "urn", name: "it", id: "app:TOKEN" };

let emulated: EmulatedGithub;
let resource: Resource;
let state: Properties;

beforeEach(async () => {
  emulated = await EmulatedGithub.start();
  const args = { owner: "owner", baseUrl: emulated.baseUrl, token: "admin", writeDelayMs: 0 };
  const api = await RestApi.open(args, {});
  resource = bridged(actionsSecret(() => api));
  const made = await resource.create({ ...subject, inputs, preview: false });
  state = plainProperties(made.state);
});

afterEach(() => {
  emulated.stop();
});

async function changeByHand(): Promise<void> {
  const secret = emulated.account.secrets["TOKEN"] ?? expect.fail("no secret");
  secret.sealed = await sealed("theirs", emulated.account.keys.publicKey);
  secret.updatedAt = new Date(Date.parse(secret.updatedAt) + 60_000).toISOString();
}

const refreshed = async (): Promise<Properties> =>
  plainProperties((await resource.read({ ...subject, state, inputs }))?.state ?? expect.fail("the secret is gone"));
const difference = (found: Properties) => resource.diff({ ...subject, state: found, inputs, oldInputs: inputs });

describe("github.ActionsSecret, whose value nobody can read", () => {
  test("shows no difference without another write", async () => {
    expect(difference(await refreshed()).changed).toBe(false);
  });

  test("a refresh shows a later write of another program by its time", async () => {
    await changeByHand();
    expect(difference(state).changed).toBe(false);
    const found = await refreshed();
    expect(found["updatedAt"]).toBe(state["updatedAt"]);
    expect(difference(found)).toMatchObject({ changed: true, diffs: ["updatedAt"], detailed: { updatedAt: "update" } });
  });

  test("an update writes the program's value again, and then there is no difference", async () => {
    await changeByHand();
    const found = await refreshed();
    const call = { ...subject, state: found, inputs, oldInputs: inputs };
    expect(await resource.update({ ...call, preview: true })).toMatchObject({ updatedAt: unknown });
    state = plainProperties(await resource.update({ ...call, preview: false }));
    expect(difference(await refreshed()).changed).toBe(false);
  });
});
