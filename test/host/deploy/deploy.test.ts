import { describe, expect, test } from "vitest";
import { deployTag, replayProblem } from "../../../host/deploy/deploy";
import type { Docker } from "../../../host/deploy/docker";
import { deploySettingsSchema } from "../../../host/deploy/settings";
import { deploymentSchema } from "../../../host/rollout/deployment";
import { deployment } from "../../support/deployment";
import { FakeHost } from "../../support/fake-host";
import { container, hostState, observed } from "../../support/host-state";

const digestOf = (digit: string): string => `sha256:${digit.repeat(64)}`;
const settings = deploySettingsSchema.parse({
  connection: { host: "203.0.113.7", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" },
  app: "app",
  domain: "app.example.com",
  port: 3000,
  gates: { commit: { retries: 0, version: "0" }, other: { retries: 0 } },
  soakSeconds: 0,
  repository: "ghcr.io/owner/app",
  subnet: "10.213.0.0/16",
});

const served = hostState({
  active: "11",
  environment: "11",
  listening: ["11"],
  containers: [container("11", "aaaaaaa", true)],
  records: [
    deployment({ id: "deploy-0", imageTag: "0000000", digest: digestOf("0"), release: "00" }),
    deployment({ id: "deploy-1", imageTag: "aaaaaaa", release: "11" }),
  ],
});

/** Docker with a registry that has one image, and what was asked of it. */
function fakeDocker(digest: string) {
  const asked: string[] = [];
  const docker: Docker = {
    digestOf: (repository, tag) => Promise.resolve((asked.push(`look up ${repository}:${tag}`), digest)),
    pull: (repository, wanted) => Promise.resolve(void asked.push(`pull ${repository}@${wanted}`)),
    container: (name) => {
      asked.push(`inspect ${name}`);
      return Promise.resolve({ Id: "1", Image: "sha256:old", Config: { Env: ["A=1"] }, HostConfig: {} });
    },
    image: () => Promise.resolve({ Config: {}, Created: "2026-11-26T00:00:00Z", Size: 1 }),
    create: (name, body) => Promise.resolve(void asked.push(`create ${name} ${JSON.stringify(body)}`)),
  };
  return { docker, asked };
}

function healthy(version: string) {
  const body = JSON.stringify({ status: "healthy", checks: { database: { status: "up" } }, version });
  const fine = { running: true, exitCode: 0, oomKilled: false, restarts: 0 };
  const attempt = JSON.stringify({ kind: "answer", container: fine, seconds: 0.1, status: 200, body });
  return {
    "rollout/probe.sh": `${attempt}\n${attempt}`,
    "rollout/prove.sh": JSON.stringify({ body, version: "" }),
    "rollout/drain.sh": "0",
  };
}

const hostOf = (version: string, state = served) =>
  new FakeHost({ "rollout/observe.sh": observed(state), ...healthy(version) });

describe("deployTag", () => {
  test("copies the active container with the new image and rolls it out", async () => {
    const shell = hostOf("bbbbbbb");
    const { docker, asked } = fakeDocker(digestOf("2"));
    const lines: string[] = [];
    const { deployment: ended } = await deployTag("bbbbbbb", {
      settings,
      shell,
      docker,
      report: (line) => lines.push(line),
    });
    expect(ended).toMatchObject({
      imageTag: "bbbbbbb",
      digest: digestOf("2"),
      status: "success",
      previousVersion: "aaaaaaa",
    });
    expect(ended.release).toMatch(/^[0-9a-f]{7}$/);
    expect(asked.slice(0, 3)).toEqual([
      "look up ghcr.io/owner/app:bbbbbbb",
      `pull ghcr.io/owner/app@${digestOf("2")}`,
      "inspect app-11",
    ]);
    expect(asked[3]).toMatch(new RegExp(`^create app-${ended.release} .*"Env":\\["A=1"\\]`));
    expect(shell.locks).toEqual(["/run/app/rollout.lock"]);
    expect(shell.commands.find(({ script }) => script === "rollout/retire.sh")?.args).toEqual(["app", "11", "30"]);
    expect(lines).toContain("gate ...");
    expect(lines.find((line) => line.startsWith("gate: "))).toMatch(/^gate: 2 of 2 healthy, \d\.\d s$/);
    expect(lines.find((line) => line.startsWith("drain: "))).toMatch(/^drain: 0 connections left, \d\.\d s$/);
  });

  test("the tag that serves passes the steps again, without a new container", async () => {
    const { docker, asked } = fakeDocker(digestOf("1"));
    const { deployment: ended } = await deployTag("aaaaaaa", {
      settings,
      shell: hostOf("aaaaaaa"),
      docker,
      report: () => undefined,
    });
    expect(ended.release).toBe("11");
    expect(asked).toEqual(["look up ghcr.io/owner/app:aaaaaaa"]);
  });

  test("a server that serves nothing is told to make its first deployment with the engine", async () => {
    const { docker, asked } = fakeDocker(digestOf("2"));
    const host = { settings, shell: hostOf("bbbbbbb", hostState({})), docker, report: () => undefined };
    await expect(deployTag("bbbbbbb", host)).rejects.toThrow(
      "deploy bbbbbbb: app serves nothing yet: there is no container to copy\n  next: pulumi up -c imageTag=bbbbbbb",
    );
    expect(asked).toEqual(["look up ghcr.io/owner/app:bbbbbbb"]);
  });

  test("an image that served before is refused before anything is pulled or recorded", async () => {
    const shell = hostOf("0000000");
    const { docker, asked } = fakeDocker(digestOf("0"));
    await expect(deployTag("1234567", { settings, shell, docker, report: () => undefined })).rejects.toThrow(
      "served before and was replaced",
    );
    expect(asked).toEqual(["look up ghcr.io/owner/app:1234567"]);
    expect(shell.scripts).toEqual(["rollout/observe.sh"]);
  });
});

describe("replayProblem", () => {
  test("nothing is wrong with a new image, or with the active one", () => {
    expect(replayProblem(served, { tag: "bbbbbbb", digest: digestOf("2") })).toBeUndefined();
    expect(replayProblem(served, { tag: "aaaaaaa", digest: digestOf("1") })).toBeUndefined();
  });

  test("an operator's rollback refuses the tag, also with another image", () => {
    const record = {
      imageTag: "bbbbbbb",
      status: "rolled_back",
      tagRefused: true,
      reason: "broken",
      previousVersion: "aaaaaaa",
    } as const;
    const state = {
      ...served,
      records: [...served.records, deploymentSchema.parse(deployment({ id: "deploy-2", ...record }))],
    };
    expect(replayProblem(state, { tag: "bbbbbbb", digest: digestOf("9") })?.message).toBe(
      "deploy bbbbbbb: it was rolled back by me@here at 2026-01-02T03:04:08.500Z (broken); the site runs aaaaaaa\n  next: deploy a fix; to deploy it anyway: pulumi up -c imageTag=bbbbbbb -c force=bbbbbbb",
    );
  });
});
