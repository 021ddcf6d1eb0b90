import { existsSync, readdirSync, symlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fileSetInputsSchema } from "../../host/file-set/inputs";
import { renderPayload } from "../../host/file-set/payload";
import { PrivateHost, type Result } from "../support/private-host";

const connection = { host: "vps", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };

const entries = {
  "/etc/nginx/default": { kind: "absent" },
  "/etc/nginx/nginx.conf": { kind: "file", content: "new\n", mode: "0640", owner: "root:app" },
  "/etc/nginx/snippets": { kind: "directory", mode: "0750" },
  "/etc/nginx/snippets/tls.conf": { kind: "file", content: "tls\n" },
  "/etc/nginx/tls.conf": { kind: "link", target: "snippets/tls.conf" },
};
const running = { enabled: true, active: true };
const validate = [["true"]];
const wanted = { entries, units: { "x.service": running }, validate, activate: [["systemctl", "reload", "x.service"]] };
const nothing = { entries: {}, validate, activate: wanted.activate };

let host: PrivateHost;
let before: string[];
beforeEach(() => {
  host = new PrivateHost();
  host.write("/etc/nginx/nginx.conf", "debian\n");
  symlinkSync("../nowhere", host.path("/etc/nginx/default"));
  before = host.tree();
});
afterEach(() => {
  host.dispose();
});

const apply = (inputs: object, { set = "site", dieAt = "" } = {}): Result =>
  host.run(
    "file-set/apply.sh",
    [set, "infra/prod/app", ...(dieAt ? [dieAt] : [])],
    renderPayload(fileSetInputsSchema.parse({ connection, set, owner: "infra/prod/app", ...inputs })),
  );

function complete() {
  expect(host.text("/etc/nginx/nginx.conf")).toBe("new\n");
  expect(host.text("/etc/nginx/tls.conf")).toBe("tls\n");
  expect(readdirSync(host.path("/etc/nginx")).sort()).toEqual(["nginx.conf", "snippets", "tls.conf"]);
  expect(existsSync(host.path("units/x.service.active"))).toBe(true);
}

function asBefore() {
  expect(host.tree()).toEqual(before);
  expect(existsSync(host.path("units/x.service.enabled"))).toBe(false);
  expect(existsSync(host.path("units/x.service.active"))).toBe(false);
}

const swaps = Object.keys(entries).map((path) => `swap ${path}`);
const steps = ["validate", "journal", "stop", "swap", ...swaps, "activate", "start", "commit", "close"];

describe("file-set-apply.sh, killed", () => {
  test.each(steps)("at %s: the same set, applied again, completes", (dieAt) => {
    expect(apply(wanted, { dieAt }).signal).toBe("SIGKILL");
    expect(apply(wanted)).toMatchObject({ status: 0, stderr: "" });
    complete();
  });

  test.each(steps)("at %s: the next set of the server finds everything unchanged", (dieAt) => {
    apply(wanted, { dieAt });
    expect(apply({ entries: {} }, { set: "other" })).toMatchObject({ status: 0, stderr: "" });
    asBefore();
  });

  test.each(steps)("at %s: its deletion restores the original content", (dieAt) => {
    apply(wanted, { dieAt });
    expect(apply(nothing)).toMatchObject({ status: 0, stderr: "" });
    asBefore();
  });

  test.each(steps)("at %s of a deletion: a second deletion restores the original content", (dieAt) => {
    apply(wanted);
    complete();
    apply(nothing, { dieAt });
    expect(apply(nothing)).toMatchObject({ status: 0, stderr: "" });
    asBefore();
  });
});
