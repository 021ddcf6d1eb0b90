import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bodyLimit, parseAttempts } from "../../../host/rollout/health";
import { PrivateHost } from "../../support/private-host";

/** Answers by path: a number is the size of the body in bytes. It says its port. */
const server = `
const { createServer } = require("node:http");
createServer(({ url }, response) => {
  const size = Number(url.slice(1));
  if (url === "/slow") return;
  response.setHeader("X-Version", " sha-4f2c1e9 ");
  if (url === "/chunked") { for (let i = 0; i < 200; i++) response.write("x".repeat(1000)); response.end(); return; }
  response.statusCode = url === "/500" ? 500 : 200;
  response.end(url === "/500" ? "boom" : "x".repeat(size));
}).listen(0, "127.0.0.1", function () { console.log(this.address().port); });`;

/** The Docker socket answers for a container that runs; everything else is curl itself. */
const curl = `#!/bin/bash
case " $* " in *" --unix-socket "*)
  echo '{"State":{"Running":true,"Restarting":false,"ExitCode":0,"OOMKilled":false},"RestartCount":0}'; exit ;;
esac
exec /usr/bin/curl "$@"`;

let host: PrivateHost;
let child: ChildProcess;
let port: string;

beforeAll(async () => {
  child = spawn(process.execPath, ["-e", server], { stdio: ["ignore", "pipe", "inherit"] });
  if (child.stdout === null) throw new Error("the server has no output");
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  port = String(said).trim();
  host = new PrivateHost();
  host.program("curl", curl);
  host.write("/var/lib/app/releases/22.target", `TARGET=127.0.0.1:${port}\n`);
});
afterAll(() => {
  child.kill();
  host.dispose();
});

function ask(path: string, { times = 1, seconds = 2, header = "" } = {}) {
  const args = ["app", "22", path, "app.test", String(seconds), "2", String(times), String(bodyLimit), header];
  const { stdout, stderr } = host.run("rollout/probe.sh", args);
  expect(stderr).toBe("");
  return parseAttempts(stdout);
}

const fine = { running: true, exitCode: 0, oomKilled: false, restarts: 0 };

describe("rollout/probe.sh", () => {
  test("a body of 60 KB arrives as a whole", () => {
    const [attempt] = ask("/61440");
    expect(attempt).toMatchObject({ kind: "answer", container: fine, status: 200, body: "x".repeat(61_440) });
  });

  test("a body of the limit arrives, one byte more does not", () => {
    expect(ask(`/${bodyLimit}`)[0]).toMatchObject({ kind: "answer", status: 200 });
    expect(ask(`/${bodyLimit + 1}`)[0]).toMatchObject({ kind: "large" });
  });

  test("a body of unknown length over the limit is large, too", () => {
    expect(ask("/chunked")[0]).toMatchObject({ kind: "large" });
  });

  test("a status, a body and the header that reports the version", () => {
    expect(ask("/500", { header: "x-version" })[0]).toMatchObject({
      ...{ kind: "answer", status: 500, body: "boom", version: "sha-4f2c1e9" },
    });
    expect(ask("/2", { header: "X-Other" })[0]).toMatchObject({ kind: "answer", version: "" });
    expect(ask("/2")[0]).toMatchObject({ kind: "answer", version: "" });
  });

  test("asks again after a 200 only", () => {
    expect(ask("/2", { times: 3 })).toHaveLength(3);
    expect(ask("/500", { times: 3 })).toHaveLength(1);
  });

  test("an answer that does not come is late", () => {
    expect(ask("/slow", { seconds: 1 })[0]).toMatchObject({ kind: "timeout" });
  });

  test("a port without a listener is refused until the time is up", () => {
    host.write("/var/lib/app/releases/33.target", "TARGET=127.0.0.1:1\n");
    const { stdout } = host.run("rollout/probe.sh", ["app", "33", "/", "app.test", "1", "1", "1", "10", ""]);
    expect(parseAttempts(stdout)[0]).toMatchObject({ kind: "refused" });
  });
});
