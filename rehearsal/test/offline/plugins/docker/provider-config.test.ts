import { describe, expect, test } from "vitest";
import { DockerHost, checkedConfig } from "../../../../offline/plugins/docker/provider-config";
import { Secret, unknown } from "../../../../offline/plugins/value";

describe("DockerHost", () => {
  test("finds a login by the registry's name, and asks over https where no scheme is given", () => {
    const host = new DockerHost();
    host.configure({ registryAuth: '[{"address":"ghcr.io","username":"u","password":"p"}]' });
    expect(host.login("ghcr.io")).toEqual({ address: "https://ghcr.io", username: "u", password: "p" });
    expect(host.login("docker.io")).toBeUndefined();
  });

  test("takes a configuration that is not known yet: nothing is dialled", () => {
    const host = new DockerHost();
    expect(() => {
      host.configure({ host: unknown, sshOpts: unknown, registryAuth: unknown });
    }).not.toThrow();
  });
});

describe("checkedConfig", () => {
  test("makes the logins a secret, in order", () => {
    const registryAuth = '[{"username":"u","address":"a","password":"p"}]';
    expect(checkedConfig({ host: "ssh://h", registryAuth })).toEqual({
      host: "ssh://h",
      registryAuth: new Secret('[{"address":"a","password":"p","username":"u"}]'),
    });
  });

  test("keeps logins that are not known yet", () => {
    expect(checkedConfig({ registryAuth: unknown })).toEqual({ registryAuth: unknown });
  });
});
