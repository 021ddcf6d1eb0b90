import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { newAccount, scopes, type Account } from "../../rehearsal/emulators/github/account";
import { newKeys } from "../../rehearsal/emulators/github/sealed-box";
import { Emulator } from "../../rehearsal/emulators/github/server";

/** An emulated GitHub for one test, with the repository owner/app. The tokens `admin` and `writer` have all permissions. */
export class EmulatedGithub {
  private constructor(
    readonly account: Account,
    private readonly server: Server,
  ) {}

  static async start(): Promise<EmulatedGithub> {
    const account = newAccount("owner", "app", await newKeys());
    account.tokens["admin"] = { login: "owner", role: "admin", scopes };
    account.tokens["writer"] = { login: "writer", role: "write", scopes };
    return new EmulatedGithub(account, await new Emulator(account).listen(0));
  }

  /** `http://127.0.0.1:<port>/`, under which the API answers at `/api/v3/`. */
  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  get apiUrl(): string {
    return `${this.baseUrl}api/v3`;
  }

  stop(): void {
    this.server.close();
  }
}

export const base64 = (text: string): string => Buffer.from(text).toString("base64");
