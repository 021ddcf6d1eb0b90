import { describe, expect, test } from "vitest";
import { explainRegistry } from "../image-digest";

const name = "ghcr.io/owner/app:4f2c1e9";
const said = (words: string): string =>
  `invoking docker:index/getRegistryImage:getRegistryImage: 1 error occurred:\n\t* Got error when attempting to fetch image version owner/app:4f2c1e9 from registry: ${words}\n\n`;

const logIn =
  "log in to the registry: pulumi config set --path image.username <user>; pulumi config set --secret REGISTRY_TOKEN (on GitHub a token that may read:packages)";
const push =
  "the registry does not have this image: push it, or deploy a tag that it has: pulumi up -c imageTag=<commit sha>";
const wait =
  "try again once the registry answers; going back needs none: pulumi up -c imageTag=$(pulumi stack output previousImageTag)";

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
