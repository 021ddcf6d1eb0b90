import { spawn } from "node:child_process";
import { once } from "node:events";
import { quote } from "../../host/ssh/quote";

/** Prints each command line that any process of the machine has, once, until its standard input ends. */
const script = `
declare -A seen
while code=0; read -r -t 0.02 || code=$?; [ "$code" -gt 128 ]; do
  for file in /proc/[0-9]*/cmdline; do
    words=(); mapfile -d '' words 2>/dev/null <"$file" || continue
    line="\${words[*]}"
    if [ -z "$line" ] || [ -n "\${seen[$line]:-}" ]; then continue; fi
    seen[$line]=1
    printf '%s\\n' "$line"
  done
done 2>/dev/null`;

/**
 * The command lines of all processes that ran on a machine during the work, one in each line. `machine`: the command
 * that runs a program there, such as ssh with its arguments; empty for this machine.
 */
export async function argumentsDuring(machine: readonly string[], work: () => Promise<unknown>): Promise<string> {
  const [program, ...words] = [...machine, "bash", "-c", machine.length > 0 ? quote(script) : script];
  const sampler = spawn(program, words, { stdio: ["pipe", "pipe", "inherit"] });
  let lines = "";
  sampler.stdout.setEncoding("utf8").on("data", (text: string) => (lines += text));
  const ended = new Promise((resolve) => sampler.once("close", resolve));
  // After its first lines the program watches.
  await once(sampler.stdout, "data");
  try {
    await work();
  } finally {
    sampler.stdin.end();
    await ended;
  }
  return lines;
}
