import type { Plugin } from "../plugin";
import { sdkVersion } from "../sdk-version";
import { randomBytesDraw, randomId, randomPassword } from "./draws";
import { drawn } from "./framework";

/** Stands in for the plugin `random`; checked against recordings of 4.21.1 in test/conformance. */
export const random: Plugin = {
  version: sdkVersion("random"),
  capabilities: { supportsPreview: true, acceptResources: true, supportsAutonamingConfiguration: true },
  resources: {
    "random:index/randomId:RandomId": drawn(randomId),
    "random:index/randomBytes:RandomBytes": drawn(randomBytesDraw),
    "random:index/randomPassword:RandomPassword": drawn(randomPassword),
  },
};
