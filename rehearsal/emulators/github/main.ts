/**
 * Starts the emulator on 127.0.0.1: `node main.js <folder> <owner> <repository>`. The folder holds the account, a token
 * with all permissions, and the port. The emulator ends when the folder is removed.
 */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { AccountFile, writeWhole } from "../http-core/account-file";
import { newAccount, scopes, type Account } from "./account";
import { newKeys } from "./sealed-box";
import { Emulator } from "./server";

const folderCheckMilliseconds = 1000;

async function freshAccount(owner: string, repository: string): Promise<Account> {
  const account = newAccount(owner, repository, await newKeys());
  account.tokens[`ghp_${randomBytes(18).toString("hex")}`] = { login: owner, role: "admin", scopes };
  return account;
}

async function main([folder = "", owner = "", repository = ""]: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const file = new AccountFile(join(folder, "account.json"), await freshAccount(owner, repository));
  file.save();
  const portFile = join(folder, "port");
  const port = existsSync(portFile) ? Number(readFileSync(portFile, "utf8")) : 0;
  const emulator = new Emulator(file.account, () => {
    file.save();
  });
  const server = await emulator.listen(port);
  writeWhole(join(folder, "token"), Object.keys(file.account.tokens)[0] ?? "");
  writeWhole(portFile, String((server.address() as AddressInfo).port));
  setInterval(() => {
    if (!existsSync(folder)) process.exit(0);
  }, folderCheckMilliseconds);
}

void main(process.argv.slice(2));
