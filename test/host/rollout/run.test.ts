import { describe, expect, test } from "vitest";
import { HostError } from "../../../host/host-error";
import { deploymentSchema } from "../../../host/rollout/deployment";
import type { HostState } from "../../../host/rollout/host-state";
import { rolloutInputsSchema } from "../../../host/rollout/inputs";
import { runRollout } from "../../../host/rollout/run";
import { LockHeld } from "../../../host/session";
import { deployment } from "../../support/deployment";
import { FakeHost, type Answer } from "../../support/fake-host";
import { container, hostState, observed } from "../../support/host-state";
import { answered, publicAnswer } from "../../support/release-answers";

const digest = `sha256:${"1".repeat(64)}`;
const inputs = rolloutInputsSchema.parse({
  connection: { host: "203.0.113.7", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" },
  app: "app",
  domain: "app.example.com",
  release: "22",
  port: 3000,
  image: { repository: "ghcr.io/owner/app", tag: "bbbbbbb", digest },
  gate: { retries: 0, version: "bbbbbbb" },
  soakSeconds: 0,
});

const served = hostState({
  active: "11",
  environment: "11",
  listening: ["11"],
  containers: [container("11", "aaaaaaa", true), { ...container("22", "bbbbbbb", false), environment: "e22" }],
  records: [deployment({ id: "deploy-1", imageTag: "aaaaaaa", release: "11" })],
});

const hostOf = (state: HostState, answers: Readonly<Record<string, Answer>> = {}): FakeHost =>
  new FakeHost({
    "rollout/observe.sh": observed(state),
    "rollout/probe.sh": answered(200),
    "rollout/prove.sh": publicAnswer("bbbbbbb"),
    "rollout/logs.sh": "listening\n",
    ...answers,
  });

const recordsOf = (host: FakeHost) =>
  host.commands
    .filter(({ script }) => script === "rollout/record.sh")
    .map(({ stdin }) => deploymentSchema.parse(JSON.parse(stdin ?? "")));

const argsOf = (host: FakeHost, script: string) => host.commands.find((command) => command.script === script)?.args;

describe("runRollout", () => {
  test("starts, gates, switches, proves, confirms, and only then retires the release that served", async () => {
    const host = hostOf(served);
    const { deployment: ended, releases } = await runRollout(inputs, host);
    expect(host.locks).toEqual(["/run/app/rollout.lock"]);
    expect(host.scripts).toEqual([
      ...["rollout/record.sh", "rollout/observe.sh", "rollout/record.sh"],
      ...["rollout/start.sh", "rollout/probe.sh", "rollout/probe.sh"],
      ...["rollout/switch.sh", "rollout/prove.sh", "rollout/confirm.sh"],
      ...["rollout/drain.sh", "rollout/retire.sh", "rollout/record.sh", "rollout/prune.sh"],
    ]);
    expect(argsOf(host, "rollout/switch.sh")).toEqual(["app", "22", "e22", "60", ended.id]);
    expect(argsOf(host, "rollout/confirm.sh")).toEqual(["app", "22", "11"]);
    expect(argsOf(host, "rollout/prune.sh")).toEqual(["app", "ghcr.io/owner/app", `${digest} ${digest}`]);
    expect(releases.map(({ tag }) => tag)).toEqual(["bbbbbbb", "aaaaaaa"]);
  });

  describe("with assets to keep", () => {
    const keeping = { ...inputs, keepAssets: { "/_next/static/": "/app/.next/static", "/fonts/": "/app/fonts" } };

    test("keeps them while the release starts, and tells their number", async () => {
      const host = hostOf(served, { "rollout/keep.sh": "12 files, 3.4 MB\n" });
      const lines: string[] = [];
      const { deployment: ended } = await runRollout(keeping, host, (line) => lines.push(line));
      expect(host.scripts.slice(3, 6)).toEqual(["rollout/start.sh", "rollout/keep.sh", "rollout/probe.sh"]);
      const pairs = ["/_next/static/", "/app/.next/static", "/fonts/", "/app/fonts"];
      expect(argsOf(host, "rollout/keep.sh")).toEqual(["app", "22", "256", "container", ...pairs]);
      expect(lines.filter((line) => line.startsWith("keep: "))).toEqual([
        expect.stringMatching(/^keep: 12 files, 3\.4 MB, \d\.\d s$/),
      ]);
      expect(Object.keys(ended.durationsMs).slice(0, 3)).toEqual(["start", "keep", "gate"]);
    });

    test("a failure costs a warning, not the deployment", async () => {
      const failure = { operation: "keep", target: "22", cause: "they have more than 256 MB", hint: "again" };
      const host = hostOf(served, { "rollout/keep.sh": new HostError(failure) });
      const lines: string[] = [];
      const { deployment: ended } = await runRollout(keeping, host, (line) => lines.push(line));
      expect(ended.status).toBe("success");
      expect(lines).toContain(
        "warning: the assets of release 22 are not kept, so a page that is open now may need a reload after the next deployment: they have more than 256 MB",
      );
      expect(lines.find((line) => line.startsWith("keep: "))).toMatch(/^keep: nothing, \d\.\d s$/);
    });
  });

  test("its record is pending before the lock, in progress under it, and has a final status", async () => {
    const host = hostOf(served);
    await runRollout(inputs, host);
    const records = recordsOf(host);
    expect(records.map(({ status }) => status)).toEqual(["pending", "in_progress", "success"]);
    expect(new Set(records.map(({ id }) => id)).size).toBe(1);
    expect(records[2]).toMatchObject({
      imageTag: "bbbbbbb",
      previousVersion: "aaaaaaa",
      healthCheckPassed: true,
      imageCreated: "2026-01-01T00:00:00Z",
      imageSize: 1000,
    });
  });

  test("a deployment that does not get the lock fails, and touches nothing", async () => {
    const host = hostOf(served);
    const held = { operation: "take the lock", target: "/run/lock/app", cause: "held by me@here", hint: "wait" };
    host.locked = () => Promise.reject(new LockHeld(held));
    await expect(runRollout(inputs, host)).rejects.toThrow("held by me@here");
    expect(host.scripts).toEqual(["rollout/record.sh", "rollout/record.sh"]);
    expect(recordsOf(host).map(({ status, reason }) => [status, reason])).toEqual([
      ["pending", ""],
      ["failed", "held by me@here"],
    ]);
  });

  test("deployments that were interrupted get a final status", async () => {
    const interrupted = deployment({ id: "deploy-2", imageTag: "ccccccc", release: "33", status: "in_progress" });
    const host = hostOf({ ...served, records: [...served.records, interrupted] });
    await runRollout(inputs, host);
    expect(recordsOf(host)).toContainEqual(
      expect.objectContaining({ id: "deploy-2", status: "failed", reason: "the run ended before the deployment did" }),
    );
  });

  test("an unhealthy release is stopped; the error names the tag that serves and the next commands", async () => {
    const host = hostOf(served, { "rollout/probe.sh": answered(500) });
    await expect(runRollout(inputs, host)).rejects.toThrow(
      /^deploy bbbbbbb: gate of release 22 \/api\/health: answered 500, not 200[^]*\n {2}next: to keep aaaaaaa, run `pulumi up`; to replace it, fix the image and deploy it: pulumi up -c imageTag=<its commit>\nthe site still runs aaaaaaa \(release 11\)\nlast log lines of release 22:\nlistening$/,
    );
    expect(host.scripts).not.toContain("rollout/switch.sh");
    expect(argsOf(host, "rollout/retire.sh")).toEqual(["app", "22", "30"]);
    expect(recordsOf(host).at(-1)).toMatchObject({ status: "failed" });
  });

  test("a failed record, such as on a full disk, does not hide why the deployment failed", async () => {
    const host = new FakeHost({
      "rollout/observe.sh": observed(served),
      "rollout/probe.sh": answered(500),
      "rollout/record.sh": ({ stdin }) =>
        deploymentSchema.parse(JSON.parse(stdin ?? "")).status === "failed" ? new Error("No space left on device") : "",
    });
    await expect(runRollout(inputs, host)).rejects.toThrow("answered 500, not 200");
    expect(argsOf(host, "rollout/retire.sh")).toEqual(["app", "22", "30"]);
  });

  test("a deployment of the tag that serves keeps the rollback target of another tag", async () => {
    const containers = [
      container("00", "0000000", false),
      container("11", "bbbbbbb", true),
      container("22", "bbbbbbb", false),
    ];
    const host = hostOf({ ...served, previous: "00", containers });
    await runRollout(inputs, host);
    expect(argsOf(host, "rollout/confirm.sh")).toEqual(["app", "22", "00"]);
    expect(argsOf(host, "rollout/retire.sh")).toEqual(["app", "11", "30"]);
    expect(argsOf(host, "rollout/prune.sh")?.slice(3)).toEqual(["11"]);
  });

  test("the images of the last tags that served are kept", async () => {
    const tags = ["t1", "t2", "t3", "t4", "t5", "t6"];
    const records = tags.map((imageTag) =>
      deployment({ id: `deploy-${imageTag}`, imageTag, digest: `sha256:${imageTag}` }),
    );
    const host = hostOf({ ...served, records: [...records, deployment({ imageTag: "bad", status: "failed" })] });
    await runRollout(inputs, host);
    expect(argsOf(host, "rollout/prune.sh")?.[2]).toBe(`${digest} sha256:t6 sha256:t5 sha256:t4 sha256:t3`);
  });
});
