import { describe, expect, test } from "vitest";
import { clearCommand, clearStray } from "../../../host/stray/clear-stray";
import { FakeHost } from "../../support/fake-host";

describe("clearStray", () => {
  test("removes the network that no state knows", async () => {
    const host = new FakeHost();
    const connection = { host: "203.0.113.7", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
    await clearStray({ connection, app: "app", network: "app" }, host);
    expect(host.commands).toEqual([clearCommand("app", "app")]);
    expect(host.commands[0]).toMatchObject({ script: "stray/clear-stray.sh", args: ["app", "app"] });
  });
});
