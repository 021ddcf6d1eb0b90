import { describe, expect, test } from "vitest";
import { parseSshd } from "../../policy/sshd-text";

const settingsIn = (text: string): string[] => parseSshd(text).map(({ keyword, args }) => [keyword, ...args].join(" "));

describe("parseSshd", () => {
  test.each([
    ["a space", "PasswordAuthentication yes", ["passwordauthentication yes"]],
    ["an equals sign", "PasswordAuthentication=yes", ["passwordauthentication yes"]],
    ["spaces around the equals sign", "PasswordAuthentication = yes", ["passwordauthentication yes"]],
    ["a tab before and after", "\tPermitRootLogin\tno", ["permitrootlogin no"]],
    ["quotes", 'PermitRootLogin "no"', ["permitrootlogin no"]],
    ["another case", "PERMITROOTLOGIN no", ["permitrootlogin no"]],
    ["several values", "AllowUsers deploy root", ["allowusers deploy root"]],
    ["a comment", "# PermitRootLogin yes", []],
    ["a comment behind the value", "PermitRootLogin no # not yes", ["permitrootlogin no"]],
    ["a hash in the value", "AllowUsers a#b", ["allowusers a#b"]],
    ["no value", "PermitRootLogin", ["permitrootlogin"]],
    ["line ends of Windows", "UseDNS no\r\nUsePAM yes\r\n", ["usedns no", "usepam yes"]],
  ])("reads a setting with %s", (_, text, expected) => {
    expect(settingsIn(text)).toEqual(expected);
  });

  test("numbers the lines", () => {
    expect(parseSshd("\n# a\nUseDNS no\n").map(({ line }) => line)).toEqual([3]);
  });
});
