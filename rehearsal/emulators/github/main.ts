/**
 * Serves the emulator on 127.0.0.1: `node main.js <folder> <owner> <repository>`. The folder keeps its state, the token
 * that is for everything, and where it listens; the emulator ends when the folder is gone.
 */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { newAccount, scopes, type Account } from "./account";
import { newKeys } from "./sealed-box";
import { Emulator } from "./server";

const orphanCheckMilliseconds = 1000;

function write(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

async function accountIn(file: string, owner: string, repository: string): Promise<Account> {
  const keys = await newKeys();
  const account = newAccount(owner, repository, keys);
  // Over a new one: a world of before may lack what came since.
  if (existsSync(file)) return { ...account, ...(JSON.parse(readFileSync(file, "utf8")) as Account) };
  account.tokens[`ghp_${randomBytes(18).toString("hex")}`] = { login: owner, role: "admin", scopes };
  return account;
}

async function main([folder = "", owner = "", repository = ""]: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "account.json");
  const account = await accountIn(file, owner, repository);
  const save = (): void => {
    if (existsSync(folder)) write(file, JSON.stringify(account));
  };
  save();
  const port = existsSync(join(folder, "port")) ? Number(readFileSync(join(folder, "port"), "utf8")) : 0;
  const server = await new Emulator(account, save).listen(port);
  write(join(folder, "token"), Object.keys(account.tokens)[0] ?? "");
  write(join(folder, "port"), String((server.address() as AddressInfo).port));
  setInterval(() => {
    if (!existsSync(folder)) process.exit(0);
  }, orphanCheckMilliseconds);
}

void main(process.argv.slice(2));
