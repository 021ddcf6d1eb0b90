import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newAccount, type Account } from "./account";

/** An account in a folder: its entities in `account.json`, the content of its files beside it. */
export class Store {
  readonly account: Account;
  readonly content: string;
  private readonly file: string;

  constructor(folder: string, master: { readonly keyId: string; readonly key: string }) {
    this.file = join(folder, "account.json");
    this.content = join(folder, "content");
    mkdirSync(this.content, { recursive: true });
    this.account = existsSync(this.file)
      ? (JSON.parse(readFileSync(this.file, "utf8")) as Account)
      : newAccount(master);
  }

  /** Writes the entities down. */
  save(): void {
    writeFileSync(`${this.file}.new`, JSON.stringify(this.account));
    renameSync(`${this.file}.new`, this.file);
  }

  /** Removes content that nothing refers to any more; not while an upload is under way. */
  prune(): void {
    const { versions, unfinished } = this.account;
    const parts = unfinished.flatMap((file) => Object.values(file.parts));
    const needed = new Set([...versions.flatMap(({ pieces }) => pieces), ...parts].map(({ file }) => file));
    for (const file of readdirSync(this.content)) if (!needed.has(file)) rmSync(join(this.content, file));
  }
}
