import { Argument, type Command } from "commander";
import type { GlobalOptions } from "../context";

const shells = ["bash", "zsh"] as const;

/** Long options and subcommands of a command. */
const wordsOf = (command: Command): readonly string[] => [
  ...command.commands.map((child) => child.name()),
  ...command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
  ...command.options.flatMap(({ long }) => (long ? [long] : [])),
];

interface Entry {
  readonly path: string;
  readonly words: readonly string[];
}

/** Each command by its path, such as "backup keep", with the words that can follow it. */
const entriesOf = (command: Command, path: string): readonly Entry[] => [
  { path, words: wordsOf(command) },
  ...command.commands.flatMap((child) => entriesOf(child, `${path} ${child.name()}`.trim())),
];

/** A completion script of bash for all commands. zsh runs it, too, by its `bashcompinit`. */
export function completionScript(program: Command, shell: (typeof shells)[number]): string {
  const entries = entriesOf(program, "");
  const everywhere = wordsOf(program).filter((word) => word.startsWith("--"));
  const cases = entries.map(
    ({ path, words }) => `    "${path}") words="${[...new Set([...words, ...everywhere])].join(" ")}" ;;`,
  );
  const known = entries.map(({ path }) => path.split(" ").at(-1)).filter(Boolean);
  return [
    ...(shell === "zsh" ? ["autoload -U +X bashcompinit && bashcompinit"] : []),
    "_ops() {",
    '  local path="" words="" word',
    '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
    `    case " ${known.join(" ")} " in *" $word "*) path="\${path:+$path }$word" ;; esac`,
    "  done",
    '  case "$path" in',
    ...cases,
    "  esac",
    '  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))',
    "}",
    "complete -F _ops ops",
  ].join("\n");
}

/** `ops completion`. */
export const addCompletion = (program: Command): Command =>
  program
    .command("completion")
    .description("print a completion script; for bash: source <(ops completion bash)")
    .addArgument(new Argument("<shell>", "the shell").choices(shells))
    .action((shell: (typeof shells)[number]) => {
      const script = completionScript(program, shell);
      const { json } = program.opts<GlobalOptions>();
      process.stdout.write(`${json ? JSON.stringify({ shell, script }) : script}\n`);
    });
