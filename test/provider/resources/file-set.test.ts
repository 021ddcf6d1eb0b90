import { describe, expect, test } from "vitest";
import { fileSet } from "../../../provider/resources/file-set";
import { fileSetInputsSchema } from "../../../host/file-set/inputs";
import { HostError } from "../../../host/host-error";
import { FakeHost } from "../../support/fake-host";

const connection = { host: "vps", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
const inputs = fileSetInputsSchema.parse({
  connection,
  set: "app.prod.site",
  owner: "app/prod/app",
  entries: { "/etc/a": { kind: "file", content: "text\n" } },
  units: { "a.timer": { enabled: true, active: true } },
  validate: [["nginx", "-t"]],
});

describe("fileSet", () => {
  test("create is one command, named by the set, with the content on standard input", async () => {
    const host = new FakeHost();
    expect(await fileSet.create(inputs, host)).toEqual({ id: "app.prod.site", state: inputs });
    expect(host.commands).toMatchObject([
      {
        script: "file-set/apply.sh",
        args: ["app.prod.site", "app/prod/app"],
        stdin: "file\t/etc/a\t0644\troot:root\tdGV4dAo=\nunit\ta.timer\ttrue\ttrue\nvalidate\t'nginx' '-t'\n",
      },
    ]);
  });

  test("update applies the inputs, whatever the state was", async () => {
    const host = new FakeHost();
    expect(await fileSet.update({ ...inputs, entries: {} }, inputs, host)).toEqual(inputs);
    expect(host.scripts).toEqual(["file-set/apply.sh"]);
  });

  test("read gives back the state when the host is as asked", async () => {
    const answer = "file\t/etc/a\t644\troot:root\t0:0\tdGV4dAo=\nunit\ta.timer\ttrue\ttrue\n";
    expect(await fileSet.read(inputs, new FakeHost({ "file-set/read.sh": answer }))).toEqual(inputs);
  });

  test("read tells a missing file and a stopped timer, so that the next update repairs them", async () => {
    const host = new FakeHost({ "file-set/read.sh": "absent\t/etc/a\nunit\ta.timer\ttrue\tfalse\n" });
    expect(await fileSet.read(inputs, host)).toEqual({
      ...inputs,
      entries: { "/etc/a": { kind: "absent" } },
      units: { "a.timer": { enabled: true, active: false } },
    });
  });

  test("delete releases everything, with the same validators", async () => {
    const host = new FakeHost();
    await fileSet.delete(inputs, host);
    expect(host.commands).toMatchObject([
      { script: "file-set/apply.sh", stdin: "adopt\tpath /etc/a\nadopt\tunit a.timer\nvalidate\t'nginx' '-t'\n" },
    ]);
  });

  test("a refusal reaches the caller in the validator's words", async () => {
    const words = 'nginx: [emerg] unknown directive "foo" in /etc/nginx/nginx.conf:3';
    const failure = { operation: "apply file set", target: "site", cause: words, hint: "-" };
    const host = new FakeHost({ "file-set/apply.sh": new HostError(failure) });
    await expect(fileSet.create(inputs, host)).rejects.toThrow(words);
  });
});

describe("fileSetInputsSchema", () => {
  const reasons = (entries: object): string[] =>
    (fileSetInputsSchema.safeParse({ connection, set: "s", owner: "a/b/c", entries }).error?.issues ?? []).map(
      (issue) => `${issue.path.join(".")}: ${issue.message}`,
    );

  test("fills in mode, owner and ownership", () => {
    const entries = { "/a": { kind: "file", content: "" }, "/b": { kind: "directory" } };
    expect(fileSetInputsSchema.parse({ connection, set: "s", owner: "a/b/c", entries }).entries).toEqual({
      "/a": { kind: "file", content: "", mode: "0644", owner: "root:root" },
      "/b": { kind: "directory", mode: "0755", owner: "root:root", ownership: "enforced" },
    });
  });

  test.each(["relative", "/", "/a/", "/a//b", "/a/../b", "/a/.", "/a\tb", "/a%b"])("refuses the path %j", (path) => {
    expect(reasons({ [path]: { kind: "absent" } })).not.toEqual([]);
  });

  test.each(["/a", "/a/.hidden", "/a/x@.service", "/a/..b"])("takes the path %j", (path) => {
    expect(reasons({ [path]: { kind: "absent" } })).toEqual([]);
  });

  test("says which mode and owner are wrong", () => {
    expect(reasons({ "/a": { kind: "file", content: "", mode: "644", owner: "root" } })).toEqual([
      'entries./a.mode: four octal digits, such as "0644"',
      'entries./a.owner: user and group, such as "root:root"',
    ]);
  });
});
