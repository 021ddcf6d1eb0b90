import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { AccountFile } from "../http-core/account-file";
import { newAccount, type Account } from "./account";

/** An account in a folder: its entities in `account.json`, the content of its files in `content/`. */
export class Store {
  /** Folder of the files' content. */
  readonly content: string;
  private readonly file: AccountFile<Account>;

  constructor(folder: string, master: { readonly keyId: string; readonly key: string }) {
    this.content = join(folder, "content");
    mkdirSync(this.content, { recursive: true });
    this.file = new AccountFile(join(folder, "account.json"), newAccount(master));
  }

  get account(): Account {
    return this.file.account;
  }

  /** Writes the entities to disk. */
  save(): void {
    this.file.save();
  }

  /** Removes content that no file uses. Must not run during an upload. */
  prune(): void {
    const { versions, unfinished } = this.account;
    const parts = unfinished.flatMap((file) => Object.values(file.parts));
    const needed = new Set([...versions.flatMap(({ pieces }) => pieces), ...parts].map(({ file }) => file));
    for (const file of readdirSync(this.content)) if (!needed.has(file)) rmSync(join(this.content, file));
  }
}
