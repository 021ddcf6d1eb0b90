import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Writes a file that only its owner can read. A reader sees the old text or the new text, never a part. */
export function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** An emulated account that outlives the emulator: a JSON file. */
export class AccountFile<Account extends object> {
  readonly account: Account;

  /** @param fresh the account when there is no file. Its fields also complete a file that an older emulator wrote. */
  constructor(
    private readonly file: string,
    fresh: Account,
  ) {
    this.account = existsSync(file) ? { ...fresh, ...(JSON.parse(readFileSync(file, "utf8")) as Account) } : fresh;
  }

  /** Writes the account. Does nothing when its folder was removed: the world is gone. */
  save(): void {
    if (existsSync(dirname(this.file))) writeWhole(this.file, JSON.stringify(this.account));
  }
}
