import { describe, expect, test } from "vitest";
import { installPackages, installRclone } from "../../../host/bootstrap/commands";
import { quote } from "../../../host/ssh/quote";
import { readRepositoryFile } from "../../../repository";

const script = (name: string): string => quote(readRepositoryFile("host", "bootstrap", name));

describe("installPackages", () => {
  test("runs the script directly for root", () => {
    expect(installPackages({ user: "root" })).toBe(`'bash' '-c' ${script("install-packages.sh")}`);
  });

  test("runs the script with sudo for another user", () => {
    expect(installPackages({ user: "deploy" })).toBe(`'sudo' '-n' 'bash' '-c' ${script("install-packages.sh")}`);
  });
});

describe("installRclone", () => {
  test("passes one archive with its checksum for each processor", () => {
    expect(installRclone({ user: "root" }, { url: "https://example.com/rclone.zip", sha256: "0a" })).toBe(
      `'bash' '-c' ${script("install-rclone.sh")} 'install-rclone.sh' 'https://example.com/rclone.zip#0a' 'https://example.com/rclone.zip#0a'`,
    );
  });
});
