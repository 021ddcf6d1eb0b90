/** One setting of an sshd configuration. */
export interface Setting {
  readonly line: number;
  /** In lower case: sshd ignores case. */
  readonly keyword: string;
  readonly args: readonly string[];
}

const word = /"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'|#.*|((?:[^\s"'#]|(?<=\S)[#"'])+)/g;

function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const [whole, double, single, plain] of text.matchAll(word)) {
    if (whole.startsWith("#")) break;
    words.push(double ?? single ?? plain ?? "");
  }
  return words;
}

function settingOf(text: string, line: number): Setting[] {
  const [, name = "", rest = ""] = /^\s*"?([^\s="#]+)"?(?:\s*=\s*|\s+|$)(.*)$/.exec(text) ?? [];
  if (name === "" || name.startsWith("#")) return [];
  return [{ line, keyword: name.toLowerCase(), args: wordsOf(rest) }];
}

/** Reads sshd's configuration language: `Keyword value`, `Keyword=value`, quotes and comments. */
export const parseSshd = (text: string): Setting[] =>
  text.split(/\r?\n/).flatMap((line, index) => settingOf(line, index + 1));
