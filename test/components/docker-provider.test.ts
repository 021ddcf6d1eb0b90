import { describe, expect, test } from "vitest";
import { registryLogins } from "../../components/docker-provider";

const publicImage = { repository: "ghcr.io/owner/app" };

describe("registryLogins", () => {
  test("a public image needs no login", () => {
    expect(registryLogins({ image: publicImage, registryToken: undefined })).toEqual([]);
  });

  // Without `authDisabled` the docker plugin reads ~/.docker/config.json, and fails when that file does not exist.
  test("a registry without a login is marked as such", () => {
    const image = { repository: "127.0.0.1:5000/owner/app", registry: "http://127.0.0.1:5000" };
    expect(registryLogins({ image, registryToken: undefined })).toEqual([
      { address: "http://127.0.0.1:5000", authDisabled: true },
    ]);
  });

  test("a private image is pulled with the login", () => {
    const [login] = registryLogins({ image: { ...publicImage, username: "me" }, registryToken: undefined });
    expect(login).toEqual({ address: "ghcr.io", username: "me" });
  });
});
