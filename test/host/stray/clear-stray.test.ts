import { describe, expect, test } from "vitest";
import { clearCommand, clearStray } from "../../../host/stray/clear-stray";
import { FakeHost } from "../../support/fake-host";

describe("clearCommand", () => {
  test("names a container and its address", () => {
    const stray = { kind: "container", name: "app-0a0b0c0d", address: "10.213.10.13" } as const;
    expect(clearCommand("app", stray).args).toEqual(["app", "container", "app-0a0b0c0d", "10.213.10.13"]);
  });

  test("names a network", () => {
    expect(clearCommand("app", { kind: "network", name: "app" }).args).toEqual(["app", "network", "app"]);
  });
});

describe("clearStray", () => {
  test("runs one script on the host it is told", async () => {
    const host = new FakeHost();
    const connection = { host: "203.0.113.7", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
    await clearStray({ connection, app: "app", stray: { kind: "network", name: "app" } }, host);
    expect(host.scripts).toEqual(["stray/clear-stray.sh"]);
  });
});
