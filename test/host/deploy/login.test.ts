import { describe, expect, test } from "vitest";
import { authorizedKeys, hasRoomForUser, publicKeyPattern } from "../../../host/deploy/login";

describe("authorizedKeys", () => {
  test("restricts each key to the one program, which gets the client's words as one word", () => {
    expect(authorizedKeys("app", ["ssh-ed25519 AAAA ci@github"])).toBe(
      'restrict,command="sudo -n /usr/local/lib/app/deploy/run ci@github \\"$SSH_ORIGINAL_COMMAND\\"" ssh-ed25519 AAAA ci@github\n',
    );
  });
});

describe("publicKeyPattern", () => {
  test.each(["ssh-ed25519 AAAA ci@github", "sk-ssh-ed25519@openssh.com AAAA ann"])("accepts %s", (key) => {
    expect(publicKeyPattern.test(key)).toBe(true);
  });

  test.each([
    "ssh-ed25519 AAAA",
    "ssh-ed25519 AAAA two words",
    'command="id" ssh-ed25519 AAAA ci',
    "ssh-ed25519 AAAA ci\nssh-ed25519 BBBB other",
    "ssh-ed25519 AAAA $(id)",
    "-----BEGIN OPENSSH PRIVATE KEY-----",
  ])("refuses %j", (key) => {
    expect(publicKeyPattern.test(key)).toBe(false);
  });
});

test("an app's name leaves room for its deploy user up to 25 characters", () => {
  expect(hasRoomForUser("a".repeat(25))).toBe(true);
  expect(hasRoomForUser("a".repeat(26))).toBe(false);
});
