import { describe, expect, test } from "vitest";
import {
  installPackages,
  installPackagesScript,
  installRclone,
  installRcloneScript,
} from "../../../host/bootstrap/commands";

/** The bash program in a command line. */
const programIn = (line: string): string =>
  Buffer.from(/<<<([A-Za-z0-9+/=]+)\)"'$/.exec(line)?.[1] ?? "", "base64").toString();

describe("installPackages", () => {
  test("runs the script directly for root, and with sudo for another user", () => {
    const line = installPackages({ user: "root" });
    expect(line).toMatch(/^bash -c 'eval "\$\(base64 -d <<<[A-Za-z0-9+/=]+\)"'$/);
    expect(programIn(line)).toBe(installPackagesScript());
    expect(installPackages({ user: "deploy" })).toBe(`sudo -n ${line}`);
  });
});

describe("installRclone", () => {
  test("passes one archive with its checksum for each processor", () => {
    const line = installRclone({ user: "root" }, { url: "https://example.com/rclone.zip", sha256: "0a" });
    const archive = "'https://example.com/rclone.zip#0a'";
    expect(programIn(line)).toBe(`set -- ${archive} ${archive}\n${installRcloneScript()}`);
  });
});
