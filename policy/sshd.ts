import { filesOfFormat } from "./file-entries";
import * as kinds from "./kinds";
import { fact, factsOf, resourceRule, type Fact } from "./rule";
import { parseSshd, type Setting } from "./sshd-text";
import type { StackSettings } from "./stack-settings";

type Check = (args: readonly string[]) => boolean;

const oneOf =
  (...values: readonly string[]): Check =>
  (args) =>
    args.length === 1 && values.includes((args[0] ?? "").toLowerCase());

const numberUpTo =
  (maximum: number): Check =>
  ([value = ""]) =>
    /^\d+$/.test(value) && Number(value) > 0 && Number(value) <= maximum;

const pathLike =
  (pattern: RegExp): Check =>
  (args) =>
    args.length === 1 && pattern.test(args[0] ?? "");

const weakAlgorithm = /cbc|arcfour|3des|rc4|blowfish|cast128|md5|sha1(?!\d)|group1-|umac-64|dss|^ssh-rsa|none|null/i;

/** A full list: `+`, `-` and `^` change the list of the installed version, which nobody has reviewed. */
const strong: Check = ([list = ""]) =>
  /^[A-Za-z0-9]/.test(list) && list.split(",").every((algorithm) => algorithm !== "" && !weakAlgorithm.test(algorithm));

/** The settings that the file may have, with their safe values. */
const checks: Readonly<Record<string, Check>> = {
  passwordauthentication: oneOf("no"),
  kbdinteractiveauthentication: oneOf("no"),
  challengeresponseauthentication: oneOf("no"),
  permitemptypasswords: oneOf("no"),
  permitrootlogin: oneOf("no", "prohibit-password", "without-password", "forced-commands-only"),
  pubkeyauthentication: oneOf("yes"),
  hostbasedauthentication: oneOf("no"),
  ignorerhosts: oneOf("yes"),
  permituserenvironment: oneOf("no"),
  permittunnel: oneOf("no"),
  gatewayports: oneOf("no"),
  strictmodes: oneOf("yes"),
  x11forwarding: oneOf("no"),
  allowagentforwarding: oneOf("no"),
  usepam: oneOf("yes"),
  usedns: oneOf("yes", "no"),
  printmotd: oneOf("yes", "no"),
  loglevel: oneOf("info", "verbose"),
  logingracetime: numberUpTo(120),
  maxauthtries: numberUpTo(20),
  maxsessions: numberUpTo(1000),
  clientaliveinterval: numberUpTo(3600),
  clientalivecountmax: numberUpTo(100),
  maxstartups: pathLike(/^\d+(:\d+:\d+)?$/),
  allowusers: (args) => args.length > 0,
  allowgroups: (args) => args.length > 0,
  hostkey: pathLike(/^\/etc\/ssh\/ssh_host_[a-z0-9]+_key$/),
  modulifile: pathLike(/^\/etc\/ssh\/moduli[\w-]*$/),
  hostkeyalgorithms: strong,
  pubkeyacceptedalgorithms: strong,
  casignaturealgorithms: strong,
  kexalgorithms: strong,
  ciphers: strong,
  macs: strong,
  requiredrsasize: ([value = ""]) => /^\d+$/.test(value) && Number(value) >= 2048,
};

/** Debian's defaults of these allow a login by password. */
const required = ["PasswordAuthentication", "KbdInteractiveAuthentication"];

interface Found {
  readonly keyword: string;
  readonly setting: Setting | undefined;
}

function* settings(set: kinds.FileSet, stack: StackSettings | undefined): Generator<Fact<Found>> {
  for (const [path, file] of filesOfFormat(set, "sshd", stack)) {
    const found = fact(path, () => parseSshd(file.content)).value();
    for (const setting of found) {
      yield fact(`${path} line ${setting.line}`, () => ({ keyword: setting.keyword, setting }));
    }
    for (const keyword of required) {
      if (!found.some((setting) => setting.keyword === keyword.toLowerCase())) {
        yield fact(`${keyword} in ${path}`, () => ({ keyword, setting: undefined }));
      }
    }
  }
}

export const sshdSettings = resourceRule({
  name: "sshd-settings",
  why: "sshd accepts keys of the owner only, with strong algorithms. Robots guess passwords all day, and a setting such as AuthorizedKeysCommand or Match opens another way in",
  source: "CIS Debian Linux Benchmark 5.1; ssh-audit policy Hardened Debian 12",
  fix: "set it to the safe value (for example PasswordAuthentication no); for a further setting, add it with its safe values to policy/sshd.ts",
  facts: [factsOf(kinds.fileSet, (set, _, stack) => settings(set, stack))],
  holds: ({ setting }) => setting !== undefined && (checks[setting.keyword]?.(setting.args) ?? false),
  show: ({ setting }) => (setting ? `"${[setting.keyword, ...setting.args].join(" ")}"` : "not set"),
});
