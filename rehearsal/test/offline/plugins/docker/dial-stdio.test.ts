import { describe, expect, test } from "vitest";
import { DialStdio, sshArguments } from "../../../../offline/plugins/docker/dial-stdio";

describe("sshArguments", () => {
  test("are the provider's options, then those of Docker's own client", () => {
    expect(sshArguments({ address: "ssh://deploy@host:2222", sshOpts: ["-o", "StrictHostKeyChecking=yes"] })).toEqual([
      "-o",
      "StrictHostKeyChecking=yes",
      "-o",
      "ConnectTimeout=30",
      "-T",
      "-l",
      "deploy",
      "-p",
      "2222",
      "--",
      "host",
      "docker",
      "system",
      "dial-stdio",
    ]);
  });
});

describe("DialStdio", () => {
  test("accepts only ssh addresses", () => {
    expect(() => new DialStdio({ address: "unix:///var/run/docker.sock", sshOpts: [] }).dial()).toThrow("ssh:// only");
  });
});
