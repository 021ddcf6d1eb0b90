import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sealed } from "../../../github/sealed";
import { newAccount, type Account } from "../../emulators/github/account";
import { newKeys } from "../../emulators/github/sealed-box";
import { Emulator } from "../../emulators/github/server";
import { recording, type Json } from "./support/recording";

interface RestCall {
  readonly phase: string;
  readonly method: string;
  readonly path: string;
  readonly body?: Json;
  readonly status: number;
  readonly response: Json;
}

const calls = recording("github-rest.jsonl") as unknown as RestCall[];
let account: Account;
let server: Server;
let address = "";
/** The emulator's last commit: the recording's are made up, and one stands for all. */
let commit = "";

const scopes = ["secrets", "contents", "workflows", "administration"] as const;

beforeAll(async () => {
  account = newAccount("o", "r", await newKeys());
  account.tokens["tok"] = { login: "o", role: "admin", scopes };
  server = await new Emulator(account).listen(0);
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => server.close());

/** The recorded server let every commit pass; here the admin may, as the program's own ruleset says. */
const passingAdmin = { bypass_actors: [{ actor_id: 5, actor_type: "RepositoryRole", bypass_mode: "always" }] };

async function bodyHere({ method, path, body }: RestCall): Promise<Json | undefined> {
  if (body?.["encrypted_value"] !== undefined) {
    return { ...body, encrypted_value: await sealed("value", account.keys.publicKey) };
  }
  return method === "POST" && path.endsWith("/rulesets") ? { ...body, ...passingAdmin } : body;
}

async function ask(call: RestCall): Promise<{ status: number; response: unknown }> {
  const path = call.path.replace(/commits\/[0-9a-f]{40}/, `commits/${commit}`);
  const body = await bodyHere(call);
  const answer = await fetch(`${address}/api/v3${path}`, {
    method: call.method,
    headers: { authorization: "Bearer tok" },
    ...(body && { body: JSON.stringify(body) }),
  });
  const response = JSON.parse((await answer.text()) || "{}") as Json;
  const made = response["commit"] as { sha?: string } | undefined;
  if (call.path.includes("/contents/") && made?.sha) commit = made.sha;
  return { status: answer.status, response };
}

const free = /^(sha|key|message|email|created_at|updated_at|bypass_actors)$/;

/** An answer without what is drawn, made up or says when; a file's sha is git's own and stays. */
const settled = (response: unknown): unknown =>
  JSON.parse(
    JSON.stringify(response, function (this: Json, name, value: unknown) {
      if (name === "name" && this["email"] !== undefined) return "*";
      return free.test(name) && !(name === "sha" && this["path"] !== undefined) ? "*" : value;
    })
      .replaceAll("http://127.0.0.1:9911", "http://github")
      .replaceAll(address, "http://github"),
  );

/** GitHub names this field of an environment in each answer. The recorded server answered without it. */
const ofEnvironment = { can_admins_bypass: true };

function expected({ response }: RestCall): Json {
  const settledResponse = settled(response) as Json;
  return "deployment_branch_policy" in settledResponse ? { ...ofEnvironment, ...settledResponse } : settledResponse;
}

describe("the GitHub emulator, replaying github-rest.jsonl", () => {
  test.each(calls.map((call, index) => ({ index, title: `${call.phase}: ${call.method} ${call.path}`, call })))(
    "$index $title",
    async ({ call }) => {
      const { status, response } = await ask(call);
      expect(status).toBe(call.status);
      expect(settled(response)).toEqual(expected(call));
    },
  );
});
