import { describe, expect, test } from "vitest";
import { certificate } from "../../../provider/resources/certificate";
import { certificateInputsSchema } from "../../../host/certificate/inputs";
import { HostError } from "../../../host/host-error";
import { FakeHost } from "../../support/fake-host";

const day = 24 * 60 * 60 * 1000;

const inputs = certificateInputsSchema.parse({
  connection: { host: "203.0.113.7", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" },
  name: "app.example.com",
  domains: ["app.example.com"],
  webroot: "/var/www/acme",
  email: "you@example.com",
});

const at = (days: number): Date => new Date(Math.floor((Date.now() + days * day) / 1000) * 1000);
const opensslTime = (time: Date): string => `${time.toISOString().slice(0, 19).replace("T", " ")} GMT`;

const answer = ({ end = 90, names = "app.example.com", renewBefore = "", authenticator = "webroot" } = {}): string =>
  [
    `notBefore=${opensslTime(at(end - 90))}`,
    `notAfter=${opensslTime(at(end))}`,
    "issuer=CN=R1",
    "sha256 Fingerprint=AB:CD",
    "key=id-ecPublicKey",
    `names=${names}`,
    "responder=",
    `server=${inputs.server}`,
    `authenticator=${authenticator}`,
    "webroot=/var/www/acme",
    `renewBefore=${renewBefore}`,
  ].join("\n");

/** A host where certbot changes what is read from one answer to another. */
function hostWhere(before: string, after = before): FakeHost {
  const host: FakeHost = new FakeHost({
    "certificate/read.sh": () => (host.scripts.includes("certificate/issue.sh") ? after : before),
  });
  return host;
}

describe("certificate", () => {
  test("create asks certbot once, and sets the day of renewal", async () => {
    const host = hostWhere("", answer());
    const { id, state } = await certificate.create(inputs, host);
    expect(id).toBe("app.example.com");
    expect(state).toMatchObject({ ...inputs, issuer: "CN=R1", fingerprint: "abcd", renewBeforeDays: 45 });
    expect(Date.parse(state.expiresAt)).toBeCloseTo(at(90).getTime(), -4);
    expect(host.commands.map(({ script, args }) => [script, ...args])).toEqual([
      ["certificate/read.sh", "app.example.com"],
      [
        "certificate/issue.sh",
        "app.example.com",
        "certonly",
        "--non-interactive",
        "--agree-tos",
        "--webroot",
        "--webroot-path=/var/www/acme",
        "--cert-name=app.example.com",
        "--server=https://acme-v02.api.letsencrypt.org/directory",
        "--key-type=ecdsa",
        "--email=you@example.com",
        "--renew-with-new-domains",
        "--keep-until-expiring",
        "--domain=app.example.com",
      ],
      ["certificate/read.sh", "app.example.com"],
      ["certificate/schedule.sh", "app.example.com", "45"],
    ]);
  });

  test("a valid one on the host is taken over without asking the authority", async () => {
    const host = hostWhere(answer({ renewBefore: "45 days" }));
    await certificate.create(inputs, host);
    expect(host.scripts).toEqual(["certificate/read.sh"]);
  });

  test("one that runs short is renewed by force", async () => {
    const host = hostWhere(answer({ end: 29 }), answer({ renewBefore: "45 days" }));
    await certificate.update({} as never, inputs, host);
    expect(host.scripts).toEqual(["certificate/read.sh", "certificate/issue.sh", "certificate/read.sh"]);
    expect(host.commands[1]?.args).toContain("--force-renewal");
  });

  test("a new certificate that is valid for too few days is an error", async () => {
    const host = hostWhere("", answer({ end: 6 }));
    await expect(certificate.create(inputs, host)).rejects.toThrow(
      /check certificate app.example.com: the new certificate is not suitable: it has 5 days to run/,
    );
  });

  test("remains of a lineage are never issued over: the command that removes them is named", async () => {
    const host = hostWhere("remains=/etc/letsencrypt/renewal/app.example.com.conf");
    await expect(certificate.create(inputs, host)).rejects.toThrow(
      /certbot still has .*\n {2}next: on the server: certbot delete --non-interactive --cert-name app\.example\.com;/,
    );
    expect(host.scripts).toEqual(["certificate/read.sh"]);
  });

  test("one that certbot renews by standalone is issued once through nginx, and shows as drift before", async () => {
    const foreign = answer({ authenticator: "standalone", renewBefore: "45 days" });
    const host = hostWhere(foreign, answer({ renewBefore: "45 days" }));
    const { state } = await certificate.create(inputs, host);
    expect(host.scripts).toEqual(["certificate/read.sh", "certificate/issue.sh", "certificate/read.sh"]);
    expect(host.commands[1]?.args).toEqual(expect.arrayContaining(["--webroot", "--force-renewal"]));
    expect((await certificate.read(state, hostWhere(foreign)))?.webroot).toBe("");
  });

  test("a refusal is told with what to check, and not tried again", async () => {
    const cause = "Type:   dns\nDetail: NXDOMAIN";
    const failure = { operation: "issue certificate", target: "app.example.com", cause, hint: "" };
    const host = new FakeHost({ "certificate/issue.sh": new HostError(failure) });
    await expect(certificate.create(inputs, host)).rejects.toThrow(/NXDOMAIN\n {2}next: check that each name points/);
    expect(host.scripts).toEqual(["certificate/read.sh", "certificate/issue.sh"]);
  });

  test("read shows what is there, and nothing when it is gone", async () => {
    const { state } = await certificate.create(inputs, hostWhere(answer({ renewBefore: "45 days" })));
    const renewed = hostWhere(answer({ names: "b.example.com a.example.com", renewBefore: "30 days" }));
    expect(await certificate.read(state, renewed)).toMatchObject({
      domains: ["a.example.com", "b.example.com"],
      renewBeforeDays: 30,
    });
    expect(await certificate.read(state, hostWhere(""))).toBeUndefined();
  });

  test("read keeps the order of the names while they are the same", async () => {
    const two = { ...inputs, domains: ["z.example.com", "a.example.com"] };
    const host = hostWhere(answer({ names: "a.example.com z.example.com", renewBefore: "45 days" }));
    const { state } = await certificate.create(two, host);
    expect(await certificate.read(state, host)).toEqual(state);
  });

  test("delete leaves the host as it is", async () => {
    const host = new FakeHost();
    await certificate.delete({} as never, host);
    expect(host.commands).toEqual([]);
  });
});
