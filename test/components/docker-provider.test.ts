import { describe, expect, test } from "vitest";
import { dockerProvider, registryLogins } from "../../components/docker-provider";
import { promiseOf, recordRegistrations, registeredOf } from "../support/mocks";

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

test("the provider has an empty context, so that DOCKER_CONTEXT cannot redirect it", async () => {
  const registered = recordRegistrations();
  const connection = { host: "server", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
  const provider = dockerProvider("host-docker", { connection, image: publicImage, registryToken: undefined });
  await promiseOf(provider.urn);
  const { inputs } = registeredOf(registered, "pulumi:providers:docker");
  expect(inputs).toMatchObject({ host: "ssh://root@server:22", context: "" });
});
