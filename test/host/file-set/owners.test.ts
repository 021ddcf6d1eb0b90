import { existsSync, readdirSync, rmSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { claimsOf } from "../../../host/file-set/claims";
import { fileSetInputsSchema, type Entry, type Sharing } from "../../../host/file-set/inputs";
import { renderPayload } from "../../../host/file-set/payload";
import { PrivateHost, type Result } from "../../support/private-host";

const connection = { host: "vps", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
const succeeded = { status: 0, signal: null, stdout: "", stderr: "" };
const sets = "/var/lib/vps-plugin/sets";

let host: PrivateHost;
beforeEach(() => {
  host = new PrivateHost();
  host.write("/etc/shared.conf", "debian\n");
});
afterEach(() => {
  host.dispose();
});

interface Wanted {
  readonly owner: string;
  readonly set?: string;
  readonly sharing?: Sharing;
  readonly entries?: Record<string, Partial<Entry>>;
  readonly former?: readonly string[];
}

function apply({ owner, set = "infra.prod.host-files", sharing, entries = {}, former }: Wanted): Result {
  const inputs = fileSetInputsSchema.parse({ connection, set, owner, entries, ...(sharing && { sharing }) });
  return host.run("file-set/apply.sh", [set, owner], renderPayload(inputs, former));
}

const file = (content: string) => ({ kind: "file" as const, content });
const alpha = "infra/prod/alpha";
const beta = "infra/prod/beta";

const filesOf = (app: string): Wanted => ({
  owner: `infra/prod/${app}`,
  entries: { [`/opt/${app}`]: { kind: "directory" }, [`/opt/${app}/file`]: file(app) },
});

const shared = (owner: string, content: string, sharing: Sharing = "equal"): Wanted => ({
  owner,
  set: "infra.prod.nginx",
  sharing,
  entries: { "/etc/shared.conf": file(content) },
});

/** Leaves a set as a version of the program left it that recorded no owner. */
function withoutOwner(set: string, ...lines: string[]): void {
  rmSync(host.path(sets, `${set}@alpha`), { recursive: true, force: true });
  host.write(`${sets}/${set}/taken`, `${lines.join("\n")}\n`);
}

describe("two apps with equal project, stack and set names", () => {
  test("hold files of their own, and the end of one leaves the other complete", () => {
    expect(apply(filesOf("alpha"))).toEqual(succeeded);
    expect(apply(filesOf("beta"))).toEqual(succeeded);
    expect(apply(filesOf("alpha"))).toEqual(succeeded);
    expect([host.text("/opt/alpha/file"), host.text("/opt/beta/file")]).toEqual(["alpha", "beta"]);
    expect(apply({ owner: beta })).toEqual(succeeded);
    expect(existsSync(host.path("/opt/beta"))).toBe(false);
    expect(host.text("/opt/alpha/file")).toBe("alpha");
    expect(readdirSync(host.path(sets))).toEqual(["infra.prod.host-files@alpha"]);
  });

  test("the same app name of another stack is refused by name, and nothing changes", () => {
    apply(filesOf("alpha"));
    const before = host.tree();
    const result = apply({ ...filesOf("alpha"), owner: "infra/staging/alpha", set: "infra.staging.host-files" });
    expect(result).toMatchObject({
      status: 1,
      stderr:
        "path /opt/alpha belongs to infra/prod/alpha, not to infra/staging/alpha. Nothing was changed. Choose another app.name, or deploy with the project and stack that own it\n",
    });
    expect(host.tree()).toEqual(before);
    expect(readdirSync(host.path(sets))).toEqual(["infra.prod.host-files@alpha"]);
  });
});

describe("a shared file", () => {
  test("with equal content stays until its last owner is gone", () => {
    expect(apply(shared(alpha, "ours"))).toEqual(succeeded);
    expect(apply(shared(beta, "ours"))).toEqual(succeeded);
    expect(apply({ ...shared(alpha, ""), entries: {} })).toEqual(succeeded);
    expect(host.text("/etc/shared.conf")).toBe("ours");
    expect(apply({ ...shared(beta, ""), entries: {} })).toEqual(succeeded);
    expect(host.text("/etc/shared.conf")).toBe("debian\n");
  });

  test("with other content is refused with both owners, and nothing changes", () => {
    apply(shared(alpha, "modern"));
    const result = apply(shared(beta, "intermediate"));
    expect(result.status).toBe(1);
    expect(result.stderr).toContain(
      "path /etc/shared.conf is shared by all apps of this server, and infra/prod/beta and infra/prod/alpha want different content",
    );
    expect(host.text("/etc/shared.conf")).toBe("modern");
  });

  test("that was edited by hand is still repaired by each owner", () => {
    apply(shared(alpha, "ours"));
    apply(shared(beta, "ours"));
    host.write("/etc/shared.conf", "edited");
    expect(apply(shared(beta, "ours"))).toEqual(succeeded);
    expect(host.text("/etc/shared.conf")).toBe("ours");
  });

  test("is replaced for all when the server's owner says so, and the other app then has to agree", () => {
    apply(shared(alpha, "one"));
    expect(apply(shared(beta, "two", "any"))).toEqual(succeeded);
    expect(host.text("/etc/shared.conf")).toBe("two");
    expect(apply(shared(alpha, "one")).stderr).toContain("infra/prod/alpha and infra/prod/beta want different content");
    expect(apply(shared(alpha, "two"))).toEqual(succeeded);
  });

  test("may not be a file that belongs to one app alone", () => {
    apply({ owner: alpha, entries: { "/etc/own.conf": file("a") } });
    const result = apply({ owner: beta, sharing: "equal", set: "x", entries: { "/etc/own.conf": file("b") } });
    expect(result.status).toBe(1);
    expect(host.text("/etc/own.conf")).toBe("a");
  });
});

describe("a claim", () => {
  test("has the checksum that the server records, for each kind of entry and unit", () => {
    const entries = {
      "/etc/shared.conf": file("ours\n"),
      "/etc/empty": file(""),
      "/etc/merged.json": { ...file('{"a":1}\n'), merge: "json" },
      "/etc/directory": { kind: "directory" },
      "/etc/link": { kind: "link", target: "../a b" },
      "/etc/gone": { kind: "absent" },
    };
    const set = "infra.prod.nginx";
    const units = { "x.service": { enabled: true, active: false } };
    const inputs = fileSetInputsSchema.parse({ connection, set, owner: alpha, sharing: "equal", entries, units });
    expect(host.run("file-set/apply.sh", [set, alpha], renderPayload(inputs))).toEqual(succeeded);
    const recorded = (host.text(`${sets}/${set}@alpha/wanted`) ?? "").trimEnd().split("\n");
    expect(Object.fromEntries(recorded.map((line) => [line.slice(65), line.slice(0, 64)]))).toEqual(claimsOf([inputs]));
  });
});

describe("a set without an owner, of an earlier version", () => {
  test("is adopted by the app whose state has it: what left the state is released", () => {
    apply({ ...filesOf("alpha"), entries: { ...filesOf("alpha").entries, "/etc/old.conf": file("old") } });
    withoutOwner("infra.prod.host-files", "path /etc/old.conf", "path /opt/alpha", "path /opt/alpha/file");
    expect(apply({ ...filesOf("alpha"), former: ["path /etc/old.conf"] })).toEqual(succeeded);
    expect(host.text("/etc/old.conf")).toBeUndefined();
    expect(host.text("/opt/alpha/file")).toBe("alpha");
    expect(readdirSync(host.path(sets))).toEqual(["infra.prod.host-files@alpha"]);
    expect(host.text(`${sets}/infra.prod.host-files@alpha/owner`)).toBe("infra/prod/alpha\n");
  });

  test("keeps the lines of the other app", () => {
    apply(filesOf("beta"));
    rmSync(host.path(sets, "infra.prod.host-files@beta"), { recursive: true });
    host.write(`${sets}/infra.prod.host-files/taken`, "path /opt/beta\npath /opt/beta/file\n");
    expect(apply(filesOf("alpha"))).toEqual(succeeded);
    expect(host.text("/opt/beta/file")).toBe("beta");
    expect(host.text(`${sets}/infra.prod.host-files/taken`)).toBe("path /opt/beta\npath /opt/beta/file\n");
    expect(apply(filesOf("beta"))).toEqual(succeeded);
    expect(readdirSync(host.path(sets)).sort()).toEqual(["infra.prod.host-files@alpha", "infra.prod.host-files@beta"]);
  });

  test("is deleted by a state that has no owner either, and only what that state has", () => {
    apply(filesOf("alpha"));
    withoutOwner("infra.prod.host-files", "path /opt/alpha", "path /opt/alpha/file", "path /opt/beta");
    const former = ["path /opt/alpha", "path /opt/alpha/file"];
    const inputs = { sharing: "no", entries: {}, units: {}, validate: [], activate: [], inForce: [] } as const;
    const payload = renderPayload({ ...inputs, validate: [], activate: [], inForce: [] }, former);
    expect(host.run("file-set/apply.sh", ["infra.prod.host-files", "unrecorded"], payload)).toEqual(succeeded);
    expect(existsSync(host.path("/opt/alpha"))).toBe(false);
    expect(host.text(`${sets}/infra.prod.host-files/taken`)).toBe("path /opt/beta\n");
  });

  test("that wants what is there shares it", () => {
    apply(shared(alpha, "ours"));
    withoutOwner("infra.prod.nginx", "path /etc/shared.conf");
    rmSync(host.path(sets, "infra.prod.nginx"), { recursive: true });
    host.write(`${sets}/infra.test.nginx/taken`, "path /etc/shared.conf\n");
    expect(apply(shared(beta, "other")).stderr).toContain("the set infra.test.nginx of an earlier version");
    expect(apply(shared(beta, "ours"))).toEqual(succeeded);
  });
});
