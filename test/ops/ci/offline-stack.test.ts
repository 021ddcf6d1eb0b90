import { expect, test } from "vitest";
import { withSecretsProvider } from "../../../ops/ci/offline-stack";

test("a scrubbed state gets the secrets provider of its stack file, and keeps everything else", () => {
  const state = JSON.stringify({ version: 3, deployment: { resources: [] } });
  expect(JSON.parse(withSecretsProvider(state, "encryptionsalt: v1:salt:proof\nconfig: {}\n"))).toEqual({
    version: 3,
    deployment: { resources: [], secrets_providers: { type: "passphrase", state: { salt: "v1:salt:proof" } } },
  });
});
