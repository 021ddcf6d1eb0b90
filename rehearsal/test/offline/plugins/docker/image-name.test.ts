import { describe, expect, test } from "vitest";
import { pullName, registryOf } from "../../../../offline/plugins/docker/image-name";

describe("registryOf", () => {
  test.each([
    ["nginx", "registry-1.docker.io", "library/nginx", "latest"],
    ["user/app:v1", "registry-1.docker.io", "user/app", "v1"],
    ["localhost/app", "localhost", "app", "latest"],
    ["127.0.0.1:5000/o/app:v1", "127.0.0.1:5000", "o/app", "v1"],
    ["ghcr.io/o/app:v1@sha256:ab", "ghcr.io", "o/app", "sha256:ab"],
    ["ghcr.io/o/app@sha256:ab", "ghcr.io", "o/app", "sha256:ab"],
  ])("%s", (name, registry, repository, reference) => {
    expect(registryOf(name)).toEqual({ registry, repository, reference });
  });
});

describe("pullName", () => {
  test("always names one tag, or Docker would pull them all", () => {
    expect(pullName("ghcr.io/o/app")).toEqual({ fromImage: "ghcr.io/o/app", tag: "latest" });
  });

  test("prefers the digest", () => {
    expect(pullName("ghcr.io/o/app:v1@sha256:ab")).toEqual({ fromImage: "ghcr.io/o/app", tag: "sha256:ab" });
  });
});
