import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AccountFile } from "../../../emulators/http-core/account-file";
import { send, type Body, type Exchange } from "../../../emulators/http-core/exchange";
import { Faults, type PlannedFault } from "../../../emulators/http-core/faults";
import { Refusal } from "../../../emulators/http-core/refusal";
import { RequestLog } from "../../../emulators/http-core/request-log";
import { startServer, type Emulation } from "../../../emulators/http-core/server";

interface NamedFault extends PlannedFault {
  readonly path: string;
}

/** Answers with the name of the fault that the path gets, refuses `/refused`, and fails at `/error`. */
class EchoEmulation implements Emulation<NamedFault, string> {
  readonly faults = new Faults<NamedFault>((fault, path) => fault.path === path);
  readonly log = new RequestLog<string>();

  answer(exchange: Exchange): Promise<void> {
    const { pathname } = exchange.url;
    this.log.add(pathname);
    if (pathname === "/refused") throw new Refusal(418, "no tea", { code: "teapot" }, { "Retry-After": "7" });
    if (pathname === "/error") throw new Error("a bug");
    send(exchange, { status: 200, body: { fault: this.faults.next(pathname)?.path ?? "none" } });
    return Promise.resolve();
  }

  administer(name: string, body: Body): unknown {
    return { name, body };
  }

  unexpected(error: unknown): Refusal {
    return new Refusal(500, String(error));
  }
}

let server: Server;
let address: string;

beforeEach(async () => {
  server = await startServer(new EchoEmulation(), 0, "127.0.0.1");
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.close();
});

const ask = async (path: string, body?: object): Promise<unknown> =>
  (await fetch(address + path, { method: "POST", ...(body && { body: JSON.stringify(body) }) })).json();

describe("startServer", () => {
  test("a planned fault is for its number of matching calls", async () => {
    await ask("/emulator/faults", { faults: [{ path: "/a", times: 2 }] });
    expect(await ask("/b")).toEqual({ fault: "none" });
    expect(await ask("/a")).toEqual({ fault: "/a" });
    expect(await ask("/a")).toEqual({ fault: "/a" });
    expect(await ask("/a")).toEqual({ fault: "none" });
  });

  test("a new plan replaces the old one", async () => {
    await ask("/emulator/faults", { faults: [{ path: "/a", times: 5 }] });
    await ask("/emulator/faults", { faults: [] });
    expect(await ask("/a")).toEqual({ fault: "none" });
  });

  test("a refusal becomes an answer with its status, fields and headers", async () => {
    const answer = await fetch(`${address}/refused`);
    expect({ status: answer.status, retryAfter: answer.headers.get("retry-after") }).toEqual({
      status: 418,
      retryAfter: "7",
    });
    expect(await answer.json()).toEqual({ code: "teapot", message: "no tea" });
  });

  test("an error that no route expects becomes the emulator's own refusal", async () => {
    const answer = await fetch(`${address}/error`);
    expect(answer.status).toBe(500);
    expect(await answer.json()).toEqual({ message: "Error: a bug" });
  });

  test("the log holds the latest 2000 calls, and calls of tests are not in it", async () => {
    for (let count = 0; count < 2001; count += 1) await ask(`/${count}`);
    const { calls } = (await ask("/emulator/log")) as { calls: string[] };
    expect([calls.length, calls[0], calls.at(-1)]).toEqual([2000, "/1", "/2000"]);
  });

  test("other names below /emulator/ go to the emulator", async () => {
    expect(await ask("/emulator/clock", { ahead: 1 })).toEqual({ name: "clock", body: { ahead: 1 } });
  });
});

describe("AccountFile", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "account-file-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test("keeps the account across restarts, readable by its owner only", () => {
    const file = join(folder, "account.json");
    const first = new AccountFile(file, { keys: ["a"] });
    first.account.keys.push("b");
    first.save();
    expect(new AccountFile(file, { keys: [] as string[] }).account).toEqual({ keys: ["a", "b"] });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("adds a field that an older emulator did not know", () => {
    const file = join(folder, "account.json");
    new AccountFile(file, { keys: ["a"] }).save();
    expect(new AccountFile(file, { keys: [] as string[], pulls: [] }).account).toEqual({ keys: ["a"], pulls: [] });
  });

  test("does not bring a removed folder back", () => {
    const file = new AccountFile(join(folder, "account.json"), {});
    rmSync(folder, { recursive: true });
    file.save();
    expect(() => readFileSync(join(folder, "account.json"))).toThrow("ENOENT");
  });
});
