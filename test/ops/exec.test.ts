import { mkdirSync, symlinkSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { commandLine } from "../../host/ssh/quote";
import { knownHost, sshArguments } from "../../ops/exec";
import { readRepositoryFile } from "../../repository";
import { PrivateHost } from "../support/private-host";

const connection = { host: "203.0.113.7", port: 2222, user: "deploy", hostKey: "ssh-ed25519 AAAA" };
const script = readRepositoryFile("host", "exec/exec.sh");

test("ssh accepts the pinned host key alone", () => {
  expect(knownHost(connection)).toBe("[203.0.113.7]:2222 ssh-ed25519 AAAA\n");
  expect(knownHost({ ...connection, port: 22 })).toBe("203.0.113.7 ssh-ed25519 AAAA\n");
  const words = sshArguments(connection, "app", ["ls", "a b"], { knownHosts: "/k", isTerminal: false });
  expect(words.slice(0, -1).join(" ")).toBe(
    "-F none -o UserKnownHostsFile=/k -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes -o PasswordAuthentication=no -o LogLevel=ERROR -T -p 2222 deploy@203.0.113.7",
  );
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
