import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";

/** A program in a real terminal (a pty of util-linux's `script`), with a person who waits for a text and answers. */
export class Terminal {
  private text = "";
  private read = 0;
  /** The number of answers so far. */
  answers = 0;
  readonly ended: Promise<number>;

  private constructor(private readonly child: ChildProcessWithoutNullStreams) {
    child.stdout.setEncoding("utf8").on("data", (piece: string) => (this.text += piece));
    this.ended = new Promise((resolve) => {
      child.once("close", (code) => {
        resolve(code ?? 1);
      });
    });
  }

  static start(command: string, cwd: string, environment: NodeJS.ProcessEnv): Terminal {
    const line = `stty cols 160 rows 50; ${command}`;
    return new Terminal(spawn("script", ["-qfec", line, "/dev/null"], { cwd, env: environment }));
  }

  /** Everything that the terminal showed, without colours and cursor movements. */
  get shown(): string {
    return stripVTControlCharacters(this.text);
  }

  /** Waits until a text appears behind the last one that was waited for. @throws Error with everything shown. */
  async see(wanted: string, seconds = 60): Promise<void> {
    for (let tries = 0; ; tries++) {
      const at = this.shown.indexOf(wanted, this.read);
      if (at >= 0) {
        this.read = at + wanted.length;
        return;
      }
      if (tries === seconds * 20) throw new Error(`"${wanted}" did not appear in:\n${this.shown}`);
      await sleep(50);
    }
  }

  /** Waits for a question and types an answer. */
  async answer(question: string, text: string, seconds?: number): Promise<void> {
    await this.see(question, seconds);
    this.answers += 1;
    this.child.stdin.write(`${text}\r`);
  }

  /** Waits for a question of yes or no and presses one key, which answers it. */
  async press(question: string, key: "y" | "n", seconds?: number): Promise<void> {
    await this.see(question, seconds);
    this.answers += 1;
    this.child.stdin.write(key);
  }

  /** Presses Ctrl-C. */
  interrupt(): void {
    this.child.stdin.write("\u0003");
  }

  kill(): void {
    this.child.kill("SIGKILL");
  }
}
