// Replaces the file system and the systemd of a server. The real host scripts run here without a change of this machine: in
// a mount namespace with separate folders at /etc, /var/lib, /opt and /run, and with a systemctl that keeps its state in
// files. The tests in test/integration use a real server. Needs root on Linux, as the scripts do.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readRepositoryFile } from "../../repository";

const enter = `
# Debian reaches awk through /etc/alternatives.
mount --bind /etc/alternatives "$1/etc/alternatives"; mount --rbind "$1/etc" /etc; mount --bind "$1/var/lib" /var/lib; mount --bind "$1/opt" /opt
# A tmpfs, as everywhere: a set is validated in a layer on it.
mount -t tmpfs tmpfs /run; mkdir /run/lock; mount --bind "$1/run/lock" /run/lock
export PATH="$1/bin:$PATH" PRIVATE_HOST="$1"
shift
exec bash -c "$@"`;

const systemctl = `#!/bin/bash
# A unit's state is a pair of files; every call is written down. A start fails while the file "broken" exists.
printf '%s\\n' "$*" >>"$PRIVATE_HOST/calls"
cd "$PRIVATE_HOST/units"
unit=\${*: -1}
case $1 in
  is-enabled) [ -e "$unit.enabled" ] ;;
  is-active) [ -e "$unit.active" ] ;;
  enable) touch "$unit.enabled" ;;
  disable) rm -f "$unit.enabled" ;;
  start) [ ! -e "$PRIVATE_HOST/broken" ] || { echo "Job for $unit failed." >&2; exit 1; }; touch "$unit.active" ;;
  stop) rm -f "$unit.active" ;;
esac
`;

export interface Result {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class PrivateHost {
  readonly root = mkdtempSync(join(tmpdir(), "private-host-"));

  constructor() {
    chmodSync(this.root, 0o755);
    for (const folder of ["etc/alternatives", "var/lib", "opt", "run/lock", "bin", "units"])
      mkdirSync(this.path(folder), { recursive: true, mode: 0o755 });
    this.write("/etc/passwd", "root:x:0:0::/:/bin/sh\napp:x:1001:1001::/:/bin/sh\n");
    this.write("/etc/group", "root:x:0:\napp:x:1001:\n");
    this.program("systemctl", systemctl);
  }

  /** Runs a script of `host` as on a server. */
  run(script: `${string}.sh`, args: readonly string[], stdin = ""): Result {
    return this.bash(readRepositoryFile("host", script), [script, ...args], stdin);
  }

  /** Runs the text of a script; its first word is its name. */
  bash(text: string, words: readonly string[], stdin = ""): Result {
    const { status, signal, stdout, stderr } = spawnSync(
      "unshare",
      ["--mount", "bash", "-ec", enter, "-", this.root, text, ...words],
      { input: stdin, encoding: "utf8", timeout: 20_000 },
    );
    return { status, signal, stdout, stderr };
  }

  /** Adds a program at the start of PATH. */
  program(name: string, text: string): void {
    writeFileSync(this.path("bin", name), text, { mode: 0o755 });
  }

  path(...parts: string[]): string {
    return join(this.root, ...parts);
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), text);
  }

  text(path: string): string | undefined {
    return existsSync(this.path(path)) ? readFileSync(this.path(path), "utf8") : undefined;
  }

  /** Returns the calls of systemctl that change something, and clears the list. */
  changes(): string[] {
    const calls = this.text("calls") ?? "";
    this.write("calls", "");
    return calls.split("\n").filter((call) => call !== "" && !call.startsWith("is-"));
  }

  /** One line for each path in the folders: kind, mode, uid, content or target. The records of the plugin are left out. */
  tree(): string[] {
    const format = "%P %y %m %U %l\\n";
    const found = spawnSync(
      "find",
      [
        this.root,
        "-mindepth",
        "2",
        "-path",
        "*/vps-plugin",
        "-prune",
        "-o",
        "-path",
        "*/bin/*",
        "-prune",
        "-o",
        "-path",
        "*/units/*",
        "-prune",
        "-o",
        "-printf",
        format,
      ],
      { encoding: "utf8" },
    );
    return found.stdout
      .split("\n")
      .filter(Boolean)
      .sort()
      .map((line) => {
        const [path = "", kind = ""] = line.split(" ");
        return kind === "f" ? `${line}${JSON.stringify(this.text(path))}` : line.trim();
      });
  }

  dispose(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
