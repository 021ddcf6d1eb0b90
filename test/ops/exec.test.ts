import { mkdirSync, symlinkSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { clientOptions } from "../../host/ssh/client-options";
import { commandLine } from "../../host/ssh/quote";
import { sshArguments } from "../../ops/exec";
import { readRepositoryFile } from "../../repository";
import { PrivateHost } from "../support/private-host";

const connection = { host: "203.0.113.7", port: 2222, user: "deploy", hostKey: "ssh-ed25519 AAAA" };
const script = readRepositoryFile("host", "exec/exec.sh");

test("ssh connects as the program does, and runs the command in the active release", () => {
  const words = sshArguments(connection, "app", ["ls", "a b"], false);
  expect(words.slice(0, -1)).toEqual([...clientOptions(connection), "-T", "-p", "2222", "deploy@203.0.113.7"]);
  expect(words.at(-1)).toBe(commandLine(["sudo", "-n", "bash", "-c", script, "exec", "app", "-i", "ls", "a b"]));
});

let host: PrivateHost;
beforeEach(() => {
  host = new PrivateHost();
  mkdirSync(host.path("var/lib/app"), { recursive: true });
  host.program("docker", "#!/bin/sh\nprintf '%s|' \"$@\"\n");
});
afterEach(() => {
  host.dispose();
});

const run = () => host.run("exec/exec.sh", ["app", "-i", "ls", "a b"]);

test("the command runs in the container of the active release", () => {
  symlinkSync("releases/22.sock", host.path("var/lib/app/current.sock"));
  expect(run()).toMatchObject({ status: 0, stdout: "exec|-i|app-22|ls|a b|" });
});

test("without a release there is nothing to run it in", () => {
  expect(run()).toMatchObject({ status: 1, stderr: "no release of app serves: deploy one first\n" });
});
