import { describe, expect, test } from "vitest";
import { checkedConnection, connectionOf } from "../../../../offline/plugins/command/connection";
import { Secret } from "../../../../offline/plugins/value";

describe("checkedConnection", () => {
  test("adds defaults, marks keys and is itself a secret", () => {
    expect(checkedConnection({ host: "h", privateKey: "k" })).toEqual(
      new Secret({
        host: "h",
        user: "root",
        port: 22,
        dialErrorLimit: 10,
        perDialTimeout: 15,
        privateKey: new Secret("k"),
      }),
    );
  });

  test("accepts its own result as input", () => {
    const once = checkedConnection({ host: "h", privateKey: "k" });
    expect(checkedConnection(once)).toEqual(once);
  });
});

describe("connectionOf", () => {
  test("without its own socket the environment names the agent", () => {
    const connection = connectionOf({ connection: checkedConnection({ host: "h" }) });
    expect(connection).toMatchObject({ host: "h", port: 22, agent: process.env["SSH_AUTH_SOCK"], hostKey: undefined });
  });
});
