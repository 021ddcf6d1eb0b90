import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { anyShellLine, remoteCommandLine, scriptOutput } from "../../../host/ssh/remote-command";

const has = (program: string): boolean => spawnSync("which", [program]).status === 0;
/** The login shells of this machine. sshd runs a command as `<shell> -c <line>`. */
const shells = ["sh", "bash", "dash", "zsh", "fish", "tcsh", "ksh"].filter(has);

const odd = `it's "quoted" \\ $HOME \`id\` !! \n%s; exit 3 #`;
const login = (shell: string, line: string, input = "") =>
  spawnSync(shell, ["-c", line], { input, encoding: "utf8", timeout: 20_000 });

describe.each(shells)("with the login shell %s", (shell) => {
  test("a program arrives unchanged, with its input", () => {
    const { stdout, status } = login(shell, anyShellLine("root", [], `printf '%s|' 'a b' "$(cat)"`), odd);
    expect([stdout, status]).toEqual([`a b|${odd}|`, 0]);
  });

  test("a script of host/ gets its arguments, and its output is told from other text", () => {
    const line = remoteCommandLine("root", { script: "rollout/logs.sh", args: [odd], timeoutSeconds: 20 });
    expect(line).not.toMatch(/\n/);
    const output = scriptOutput(`Welcome\n${login(shell, line).stdout}`);
    expect(output).toMatchObject({ noise: "Welcome" });
  });
});

describe("scriptOutput", () => {
  test("is the text between the marks", () => {
    expect(scriptOutput("vps-script-begins\na\n\nb\n\nvps-script-ends\n")).toEqual({
      noise: "",
      stdout: "a\n\nb\n",
      complete: true,
    });
  });

  test("names the text of the login shell, and a script that was cut off", () => {
    expect(scriptOutput("Hello\nvps-script-begins\na")).toEqual({ noise: "Hello", stdout: "a", complete: false });
  });

  test("is undefined when no script began: a forced command, or a shell that reads no scripts", () => {
    expect(scriptOutput("This account is currently not available.\n")).toBeUndefined();
    expect(scriptOutput("")).toBeUndefined();
  });
});
