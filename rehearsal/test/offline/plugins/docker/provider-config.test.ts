import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DockerHost, checkedConfig } from "../../../../offline/plugins/docker/provider-config";
import { Secret, unknown } from "../../../../offline/plugins/value";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "docker-home-"));
});
afterEach(() => {
  rmSync(home, { recursive: true });
});

function configured(args: object, environment: NodeJS.ProcessEnv = {}): DockerHost {
  const host = new DockerHost({ home, environment });
  host.configure({ host: "ssh://root@server", ...args });
  return host;
}

const registryAuth = (...logins: object[]): string => JSON.stringify(logins);

/** The words of the errors were recorded from the plugin docker 5.2.0, built from its source. */
describe("the logins of the stand-in docker", () => {
  test("are found by the name of the registry, which is asked over https by default", () => {
    const host = configured({ registryAuth: registryAuth({ address: "ghcr.io", username: "u", password: "p" }) });
    expect(host.login("ghcr.io")).toEqual({ address: "https://ghcr.io", username: "u", password: "p" });
    expect(host.login("docker.io")).toBeUndefined();
  });

  test("without a user name need Docker's configuration file", () => {
    const file = join(home, ".docker/config.json");
    expect(() => configured({ registryAuth: registryAuth({ address: "ghcr.io" }) })).toThrow(
      `1 error occurred:\n\t* Error loading registry auth config: could not open config file from filePath: ${file}. Error: open ${file}: no such file or directory\n\n`,
    );
  });

  test("without a user name come from that file", () => {
    mkdirSync(join(home, ".docker"));
    const auth = Buffer.from("u:p:q").toString("base64");
    writeFileSync(join(home, ".docker/config.json"), JSON.stringify({ auths: { "ghcr.io": { auth } } }));
    const host = configured({ registryAuth: registryAuth({ address: "ghcr.io" }, { address: "other.io" }) });
    expect(host.login("ghcr.io")).toMatchObject({ username: "u", password: "p:q" });
    expect(host.login("other.io")).toMatchObject({ username: "", password: "" });
  });

  test("DOCKER_CONFIG names another file", () => {
    const environment = { DOCKER_CONFIG: join(home, "other") };
    expect(() => configured({ registryAuth: registryAuth({ address: "ghcr.io" }) }, environment)).toThrow(
      `could not open config file from filePath: ${environment.DOCKER_CONFIG}.`,
    );
  });

  test("with authDisabled need no file", () => {
    const host = configured({ registryAuth: registryAuth({ address: "http://127.0.0.1:5000", authDisabled: true }) });
    expect(host.login("127.0.0.1:5000")).toMatchObject({ address: "http://127.0.0.1:5000" });
  });
});

describe("the host of the stand-in docker", () => {
  const environment = { DOCKER_CONTEXT: "laptop" };

  test("a DOCKER_CONTEXT that does not exist is an error, whatever the input host", () => {
    const folder = join(home, ".docker/contexts/meta");
    expect(() => configured({}, environment)).toThrow(
      `1 error occurred:\n\t* Error loading Docker context 'laptop': could not read contexts directory: open ${folder}: no such file or directory\n\n`,
    );
    mkdirSync(folder, { recursive: true });
    expect(() => configured({}, environment)).toThrow(
      "Error loading Docker context 'laptop': context 'laptop' not found",
    );
  });

  test("a DOCKER_CONTEXT wins over the input host", async () => {
    const folder = join(home, ".docker/contexts/meta/abc");
    mkdirSync(folder, { recursive: true });
    const meta = { Name: "laptop", Endpoints: { docker: { Host: "unix:///run/laptop.sock" } } };
    writeFileSync(join(folder, "meta.json"), JSON.stringify(meta));
    await expect(async () => configured({}, environment).daemon().find("/networks/n")).rejects.toThrow(
      "unix:///run/laptop.sock",
    );
  });

  test("an empty input context keeps DOCKER_CONTEXT out", () => {
    expect(() => configured({ context: "" }, environment)).not.toThrow();
  });

  test("a configuration that is not known yet is accepted: nothing connects", () => {
    expect(() => configured({ host: unknown, sshOpts: unknown, registryAuth: unknown })).not.toThrow();
  });
});

describe("checkedConfig", () => {
  test("a login with a password is secret, its fields in order", () => {
    const given = '[{"username":"u","address":"a","password":"p"}]';
    expect(checkedConfig({ host: "ssh://h", registryAuth: given })).toEqual({
      host: "ssh://h",
      registryAuth: new Secret('[{"address":"a","password":"p","username":"u"}]'),
    });
  });

  test("a login without a password is not secret", () => {
    expect(checkedConfig({ registryAuth: '[{"authDisabled":true,"address":"a"}]' })).toEqual({
      registryAuth: '[{"address":"a","authDisabled":true}]',
    });
  });

  test("keeps logins that are not known yet", () => {
    expect(checkedConfig({ registryAuth: unknown })).toEqual({ registryAuth: unknown });
  });
});
