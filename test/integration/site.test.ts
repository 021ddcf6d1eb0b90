import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRepositoryFile, repositoryRoot } from "../../repository";
import { nginxSet } from "../../host/sets/nginx";
import { scriptsSet } from "../../host/sets/scripts";
import { siteCommands, siteEntries } from "../../host/sets/site";
import { webroot, type SiteSettings } from "../../host/nginx/configuration";
import { certificate } from "../../provider/resources/certificate";
import { certificateInputsSchema, type CertificateState } from "../../host/certificate/inputs";
import { fileSet } from "../../provider/resources/file-set";
import { fileSetInputsSchema, type FileSetInputs } from "../../host/file-set/inputs";
import { SshShell } from "../../host/ssh/ssh-shell";
import { siteSettings } from "../support/site-settings";
import { run } from "../../rehearsal/world/run";
import { ensureWorld, removeWorld, sshCommand, type World } from "../../rehearsal/world/world";

const place = { checkout: repositoryRoot, suffix: "site-test" };
const domain = "site.test";
const quietly = (): void => undefined;

let world: World;
let host: SshShell;
let shared: FileSetInputs;
let siteWith: (change: Partial<SiteSettings>) => FileSetInputs;
let site: FileSetInputs;
let issued: CertificateState;

const onVps = (script: string): Promise<string> =>
  run([...sshCommand(world), "bash", "-euo", "pipefail", "-s"], { seconds: 120, input: script }).then((text) =>
    text.trim(),
  );

const lineageInputs = (change: object = {}) =>
  certificateInputsSchema.parse({
    connection: shared.connection,
    name: domain,
    domains: [domain],
    webroot,
    server: world.acme.directoryUrl,
    ...change,
  });

const ask = (path: string, options = ""): Promise<string> =>
  onVps(`curl -s --resolve ${domain}:443:127.0.0.1 --resolve ${domain}:80:127.0.0.1 ${options} ${path}`);

const served = (): Promise<string> =>
  onVps(
    `openssl s_client -connect 127.0.0.1:443 -servername ${domain} </dev/null 2>/dev/null |
     openssl x509 -noout -fingerprint -sha256 | cut -d = -f 2 | tr -d : | tr A-Z a-z`,
  );

const onDisk = (): Promise<string> =>
  onVps(
    `openssl x509 -in /etc/letsencrypt/live/${domain}/cert.pem -noout -fingerprint -sha256 |
     cut -d = -f 2 | tr -d : | tr A-Z a-z`,
  );

beforeAll(async () => {
  world = await ensureWorld(place, quietly);
  process.env["SSH_AUTH_SOCK"] = world.agentSocket;
  const { address, sshPort, user, hostKey } = world.vps;
  const owner = "infra/prod/app";
  const connection = { host: address, port: sshPort, user, hostKey };
  host = new SshShell(connection);
  await onVps(readRepositoryFile("host", "bootstrap", "install-packages.sh"));
  await onVps("mkdir -p /opt/app /var/lib/app");
  const nginxVersion = (await onVps("nginx -v 2>&1")).replace("nginx version: nginx/", "");
  const settings = siteSettings("app", domain, { uploadLimit: "1m", connectionsPerAddress: 30, nginxVersion });
  await fileSet.create(fileSetInputsSchema.parse({ connection, set: "scripts", owner, ...scriptsSet() }), host);
  shared = fileSetInputsSchema.parse({ connection, set: "shared", owner, ...nginxSet("modern") });
  siteWith = (change) =>
    fileSetInputsSchema.parse({
      connection,
      set: "site",
      owner,
      entries: siteEntries({ ...settings, ...change }),
      ...siteCommands(domain),
    });
  site = siteWith({});
});
afterAll(async () => {
  await host.close();
  await removeWorld(place, quietly);
});

/** Every header of the response, by name. A header that appears twice has both values. */
async function headersOf(path: string, options = ""): Promise<Record<string, string>> {
  const [status = "", ...lines] = (await ask(path, `--output /dev/null --dump-header - ${options}`)).split(/\r?\n/);
  const headers: Record<string, string> = { status: status.split(" ")[1] ?? "" };
  for (const line of lines.filter(Boolean)) {
    const [name = "", value = ""] = line.split(/: (.*)/);
    const known = headers[name.toLowerCase()];
    headers[name.toLowerCase()] = known === undefined ? value : `${known} and ${value}`;
  }
  return headers;
}

/** Another nginx as the app: the path selects the status. It also sends headers that the site should replace. */
const app = `
  pid /run/stub.pid;
  # nginx gives its folders for temporary files to its user. They are also the folders of the site's nginx.
  user www-data;
  events {}
  http {
    add_header Content-Security-Policy "default-src 'self' app:" always;
    add_header Strict-Transport-Security max-age=1 always;
    add_header X-Frame-Options SAMEORIGIN always;
    add_header X-Powered-By Next.js always;
    add_header X-Told $http_content_security_policy always;
    add_header X-Asked-For "[$http_accept_encoding]" always;
    add_header X-Upgrade "[$http_upgrade] [$http_connection]" always;
    add_header X-Uri "[$request_method $request_uri]" always;
    client_max_body_size 0;
    server {
      listen unix:/var/lib/app/current.sock;
      location = /404 { return 404; }
      location = /503 { return 503; }
      location = /page { default_type text/html; return 200 "${"page ".repeat(400)}"; }
      location = /slow { limit_rate 20; return 200 "${"slow ".repeat(400)}"; }
      location / { return 200; }
    }
  }`;
const startApp = () =>
  onVps(`
    cat >/run/stub.conf <<'END'\n${app}\nEND
    systemd-run --quiet --unit=stub nginx -c /run/stub.conf -g 'daemon off;'
    until [ -S /var/lib/app/current.sock ]; do sleep 0.1; done`);
const stopApp = () => onVps("systemctl stop stub.service; rm -f /var/lib/app/current.sock");

/** A certificate that names an OCSP responder, and the responder. */
const certificateWithResponder = `
  mkdir -p /etc/letsencrypt/live/stapled.test
  cd /etc/letsencrypt/live/stapled.test
  key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
  openssl req -x509 "\${key[@]}" -days 1 -subj /CN=authority -keyout authority.pem -out chain.pem 2>/dev/null
  openssl req "\${key[@]}" -subj /CN=${domain} -keyout privkey.pem -out request.pem 2>/dev/null
  printf 'subjectAltName=DNS:${domain}\nauthorityInfoAccess=OCSP;URI:http://127.0.0.1:2560\n' >extensions
  openssl x509 -req -in request.pem -CA chain.pem -CAkey authority.pem -set_serial 1 -days 1 -extfile extensions \
    -out cert.pem 2>/dev/null
  cat cert.pem chain.pem >fullchain.pem
  printf 'V\t491231235959Z\t\t01\tunknown\t/CN=${domain}\n' >index
  systemd-run --quiet --unit=responder --working-directory="$PWD" \
    openssl ocsp -port 2560 -index index -CA chain.pem -rsigner chain.pem -rkey authority.pem -ndays 1`;

/** The OCSP response in the site's TLS handshake. */
const staple = (): Promise<string> =>
  onVps(
    `openssl s_client -connect 127.0.0.1:443 -servername ${domain} -status </dev/null 2>/dev/null |
     sed -n 's/^ *\\(OCSP response: no.*\\|Cert Status: .*\\)/\\1/p'`,
  );

const always = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "deny",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
  "x-permitted-cross-domain-policies": "none",
  "x-dns-prefetch-control": "off",
  "permissions-policy": expect.stringContaining("camera=(), ") as unknown,
  server: "nginx",
};
const strict = { "strict-transport-security": "max-age=63072000" };
const nothingAllowed = "default-src 'none'; frame-ancestors 'none'";

/** Each status, the program that sends it, and a request for it. nginx refuses TRACE before it reads the site's policy. */
const answers = [
  ["200", "app", `https://${domain}/`, ""],
  ["200", "app", `https://${domain}/`, "--header 'Sec-Fetch-Site: cross-site'"],
  ["301", "nginx", `http://${domain}/a?b`, ""],
  ["404", "app", `https://${domain}/404`, ""],
  ["405", "nginx, early", `https://${domain}/`, "--request TRACE"],
  ["413", "nginx", `https://${domain}/`, "--data-binary @/run/upload"],
  ["503", "app", `https://${domain}/503`, ""],
  ["502", "nginx", `https://${domain}/`, ""],
] as const;

describe("a site, step by step on a server", () => {
  test("nginx accepts the shared configuration and answers only the certificate authority", async () => {
    await fileSet.create(shared, host);
    expect(await onVps("nginx -t 2>&1")).toBe(
      "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\n" +
        "nginx: configuration file /etc/nginx/nginx.conf test is successful",
    );
    await expect(onVps("curl -s http://127.0.0.1/")).rejects.toThrow();
    await expect(onVps("curl -sk https://127.0.0.1/")).rejects.toThrow();
  });

  test("the message quotes a refusal of the authority and says what to check", async () => {
    const inputs = lineageInputs({ webroot: "/srv", name: "refused", domains: ["refused.test"] });
    await expect(certificate.create(inputs, host)).rejects.toThrow(
      /issue certificate refused:[^]*refused\.test[^]*unauthorized[^]*next: another server answers/,
    );
    expect(await onVps("ls /etc/letsencrypt/live 2>/dev/null | grep refused || true")).toBe("");
  });

  test("the certificate is issued, and its renewal is more than 30 days before its end", async () => {
    ({ state: issued } = await certificate.create(lineageInputs(), host));
    expect(issued.fingerprint).toBe(await onDisk());
    expect(issued.renewBeforeDays).toBeGreaterThan(30);
    expect(await onVps(`grep renew_before /etc/letsencrypt/renewal/${domain}.conf`)).toBe(
      `renew_before_expiry = ${String(issued.renewBeforeDays)} days`,
    );
  });

  test("an existing certificate is adopted unchanged", async () => {
    expect((await certificate.create(lineageInputs(), host)).state).toEqual(issued);
    expect(await certificate.read(issued, host)).toEqual(issued);
  });

  test("the site is served over TLS 1.3, and http redirects to it", async () => {
    await fileSet.create(site, host);
    expect(await served()).toBe(issued.fingerprint);
    expect(await ask(`https://${domain}/`, "-o /dev/null -w '%{http_code} %{http_version}'")).toBe("502 2");
    expect(await ask(`http://${domain}/a?b`, "-o /dev/null -w '%{redirect_url}'")).toBe(`https://${domain}/a?b`);
    await expect(ask(`https://${domain}/`, "--tls-max 1.2")).rejects.toThrow();
  });

  test.each(["static", "nonce", "app"] as const)(
    "every response has every header once, with the policy of mode %s",
    async (mode) => {
      await fileSet.update(site, siteWith({ contentSecurityPolicy: mode }), host);
      await startApp();
      await onVps("head --bytes 2M /dev/zero >/run/upload");
      const own = {
        static: expect.stringMatching(/^default-src 'self'; script-src 'self' 'unsafe-inline';/) as unknown,
        nonce: expect.stringMatching(/^default-src 'self'; script-src 'self' 'nonce-[0-9a-f]{32}' 'strict-/) as unknown,
        app: nothingAllowed,
      }[mode];
      for (const [status, who, address, options] of answers) {
        if (status === "502") await stopApp();
        const policyOfApp = mode === "app" ? "default-src 'self' app:" : own;
        const policy = { app: policyOfApp, nginx: own, "nginx, early": nothingAllowed }[who];
        const headers = await headersOf(address, options);
        const secure = address.startsWith("https:") ? strict : {};
        expect(headers).toMatchObject({ status, ...always, ...secure, "content-security-policy": policy });
        expect(Object.keys(headers)).not.toContain("x-powered-by");
        expect(Object.keys(headers).includes("strict-transport-security")).toBe(address.startsWith("https:"));
      }
    },
  );

  test("app and browser get the same nonce, a new one for each request", async () => {
    const nonce = siteWith({ contentSecurityPolicy: "nonce" });
    await fileSet.update(siteWith({ contentSecurityPolicy: "app" }), nonce, host);
    await startApp();
    const [first, second] = [await headersOf(`https://${domain}/`), await headersOf(`https://${domain}/`)];
    expect(first["x-told"]).toBe(first["content-security-policy"]);
    expect(second["x-told"]).not.toBe(first["x-told"]);
    await stopApp();
    await fileSet.update(nonce, site, host);
  });

  test("a page is compressed, except for a request from another site (BREACH)", async () => {
    await startApp();
    const compressed = async (header: string): Promise<boolean> => {
      const accept = "--header 'Accept-Encoding: gzip' --output /dev/null";
      const headers = await headersOf(`https://${domain}/page`, `${accept} --header '${header}'`);
      expect(headers).toMatchObject({ status: "200", "x-asked-for": "[]" });
      return headers["content-encoding"] === "gzip";
    };
    for (const own of ["A: b", "Sec-Fetch-Site: none", "Sec-Fetch-Site: same-origin", `Referer: https://${domain}/a`])
      expect([own, await compressed(own)]).toEqual([own, true]);
    for (const other of ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Referer: https://elsewhere.test/"])
      expect([other, await compressed(other)]).toEqual([other, false]);
    await stopApp();
  });

  test("if the certificate names an OCSP responder, its response is stapled, and nginx prints no warning", async () => {
    await onVps(certificateWithResponder);
    const found = await certificate.read({ ...issued, name: "stapled.test" }, host);
    expect([issued.ocspResponder, found?.ocspResponder]).toEqual(["", "http://127.0.0.1:2560"]);
    // nginx does not serve the certificate of the domain now.
    const stapled = { ...siteWith({ certificate: "stapled.test", staples: true }), inForce: [] };
    await fileSet.update(site, stapled, host);
    expect(await onVps("nginx -q -t 2>&1")).toBe("");
    // nginx asks the responder after the first client has asked for the response.
    await expect.poll(staple, { timeout: 20_000, interval: 500 }).toContain("Cert Status: good");
    await fileSet.update(stapled, site, host);
    await onVps("systemctl stop responder.service; rm -r /etc/letsencrypt/live/stapled.test");
    expect(await staple()).toBe("OCSP response: no response sent");
  });

  /** Runs a request many times at once and counts the status codes. */
  const statusesOf = async (count: number, path: string, options: string): Promise<Record<string, number>> => {
    const curl = `curl -s --resolve ${domain}:443:127.0.0.1 --max-time 30 -o /dev/null -w '%{http_code}\n' ${options} https://${domain}${path}`;
    const codes = await onVps(`for i in $(seq ${count}); do { ${curl} || true; } & done; wait`);
    const counts: Record<string, number> = {};
    for (const code of codes.split("\n")) counts[code] = (counts[code] ?? 0) + 1;
    return counts;
  };

  test("a request with the site's name in TLS and another name in the header gets no response", async () => {
    await startApp();
    for (const version of ["--http1.1", "--http2"]) {
      const other = `curl -s ${version} --resolve ${domain}:443:127.0.0.1 -H 'Host: elsewhere.test' https://${domain}/`;
      await expect(onVps(other)).rejects.toThrow();
    }
  });

  test("only WebSocket is passed on as an upgrade", async () => {
    const told = async (upgrade: string): Promise<string | undefined> =>
      (await headersOf(`https://${domain}/`, `--http1.1 -H 'Connection: Upgrade' -H 'Upgrade: ${upgrade}'`))[
        "x-upgrade"
      ];
    expect(await told("h2c")).toBe("[] []");
    expect(await told("TLS/1.2, websocket")).toBe("[] []");
    expect(await told("WebSocket")).toBe("[websocket] [upgrade]");
  });

  test("the app receives each request as the client sent it, over both versions of HTTP", async () => {
    for (const version of ["--http1.1", "--http2"])
      for (const method of ["GET", "DELETE", "POST", "HEAD"]) {
        const options = `${version} ${method === "HEAD" ? "--head" : `-X ${method}`}`;
        const headers = await headersOf(`'https://${domain}/a%2Fb//c?d=%20e'`, options);
        expect(headers).toMatchObject({ status: "200", "x-uri": `[${method} /a%2Fb//c?d=%20e]` });
      }
  });

  test("one address can have 30 requests at one time, as configured", async () => {
    expect(await statusesOf(34, "/slow", "--http1.1")).toEqual({ 200: 30, 429: 4 });
  });

  test("one address can store 20 uploads at one time, and small bodies do not count", async () => {
    await onVps("head --bytes 100000 /dev/zero >/run/medium; head --bytes 50000 /dev/zero >/run/small");
    const slowly = (file: string) => `--limit-rate 1k --data-binary @/run/${file}`;
    // An upload that is not finished after 30 seconds has no status.
    expect(await statusesOf(23, "/", slowly("medium"))).toEqual({ "000": 20, 429: 3 });
    expect(await statusesOf(23, "/", slowly("small"))).toEqual({ "000": 23 });
    expect(await statusesOf(23, "/", "--data-binary @/run/medium")).toMatchObject({
      200: expect.any(Number) as number,
    });
  });

  test("a body that is not announced is small, unless the method is for bodies", async () => {
    const send = (method: string, kilobytes: number, version = "--http2") =>
      onVps(
        `head --bytes ${kilobytes}K /dev/zero |
         curl -s ${version} -o /dev/null -w '%{http_code}' -X ${method} -T - --resolve ${domain}:443:127.0.0.1 https://${domain}/ || true`,
      );
    expect(await send("GET", 200)).toBe("413");
    expect(await send("DELETE", 200)).toBe("413");
    expect(await send("GET", 50)).toBe("200");
    expect(await send("POST", 200)).toBe("200");
    expect(await send("POST", 200, "--http1.1")).toBe("200");
    expect(await send("GET", 200, "--http1.1")).toBe("200");
    await stopApp();
  });

  test("a client that sends nothing loses its connection after 15 seconds", async () => {
    const started = performance.now();
    await onVps("exec 3<>/dev/tcp/127.0.0.1/80; timeout 110 cat <&3 >/dev/null");
    const seconds = (performance.now() - started) / 1000;
    expect(seconds).toBeGreaterThan(10);
    expect(seconds).toBeLessThan(40);
  });

  test("reloads at the same time all succeed, through the unit, and leave nothing behind", async () => {
    await onVps(
      "systemctl reload nginx.service & /usr/local/lib/vps/nginx-reload & /usr/local/lib/vps/nginx-reload; wait -n; wait -n",
    );
    expect(await onVps("systemctl show --property ExecReload nginx.service | grep --only-matching 'path=[^ ]*'")).toBe(
      "path=/usr/local/lib/vps/nginx-replace-workers",
    );
    expect(await onVps("ls /run/nginx-closing 2>/dev/null || true; nft list tables | grep reload || true")).toBe("");
  });

  test("nginx starts again after each kill of its master process", async () => {
    for (let kill = 0; kill < 8; kill += 1) {
      await onVps("kill -KILL $(cat /run/nginx.pid)");
      await expect.poll(served, { timeout: 30_000, interval: 200 }).toBe(issued.fingerprint);
    }
    expect(await onVps("systemctl is-active nginx.service")).toBe("active");
  });

  test("afterwards nothing differs, and an update changes nothing", async () => {
    expect(await fileSet.read(shared, host)).toEqual(shared);
    expect(await fileSet.read(site, host)).toEqual(site);
    const workers = "stat -c %Z /etc/nginx/nginx.conf; pgrep -P $(cat /run/nginx.pid)";
    const before = await onVps(workers);
    await fileSet.update(shared, shared, host);
    expect(await onVps(workers)).toBe(before);
  });

  test("manual changes are reported, and the next update reverts them", async () => {
    await onVps(`
      echo '# by hand' >>/etc/nginx/nginx.conf
      chmod 0600 /etc/nginx/snippets/ssl-params.conf
      chown www-data /etc/nginx/snippets/security-headers.conf
      rm /etc/letsencrypt/renewal-hooks/deploy/reload-nginx
      ln -s ../sites-available/default /etc/nginx/sites-enabled/default
      systemctl disable --quiet --now certbot.timer
      systemctl stop nginx`);
    const found = await fileSet.read(shared, host);
    const differing = Object.entries(found?.entries ?? {}).filter(
      ([path, entry]) => JSON.stringify(entry) !== JSON.stringify(shared.entries[path]),
    );
    expect(differing.map(([path]) => path).sort()).toEqual([
      "/etc/letsencrypt/renewal-hooks/deploy/reload-nginx",
      "/etc/nginx/nginx.conf",
      "/etc/nginx/sites-enabled/default",
      "/etc/nginx/snippets/security-headers.conf",
      "/etc/nginx/snippets/ssl-params.conf",
    ]);
    expect(found?.units).toEqual({
      "nginx.service": { enabled: true, active: false },
      "certbot.timer": { enabled: false, active: false },
    });
    await fileSet.update(found ?? shared, shared, host);
    expect(await fileSet.read(shared, host)).toEqual(shared);
    expect(await served()).toBe(issued.fingerprint);
  });

  test("a file that nginx refuses is reported in nginx's words, and nothing changes", async () => {
    const path = "/etc/nginx/sites-available/app.conf";
    const broken = {
      ...site,
      entries: { ...site.entries, [path]: { ...site.entries[path], content: "server {\nfoo;\n" } },
    };
    await expect(fileSet.update(site, broken as FileSetInputs, host)).rejects.toThrow(
      /apply file set site: validate `nginx -t` failed[^]*unknown directive "foo" in \/etc\/nginx\/sites-enabled\/app\.conf:2/,
    );
    expect(await fileSet.read(site, host)).toEqual(site);
  });

  test("a renewal by certbot's timer is served at once, and renewed early again", async () => {
    await onVps("certbot -q renew --force-renewal --no-random-sleep-on-renew");
    const renewed = await certificate.read(issued, host);
    expect(renewed?.fingerprint).not.toBe(issued.fingerprint);
    expect(renewed?.renewBeforeDays).toBe(issued.renewBeforeDays);
    await expect.poll(served, { timeout: 10_000, interval: 500 }).toBe(renewed?.fingerprint);
  });

  test("a certificate with another key type is served at once", async () => {
    const updated = await certificate.update(issued, lineageInputs({ keyType: "rsa" }), host);
    expect((await certificate.read(updated, host))?.keyType).toBe("rsa");
    await expect.poll(served, { timeout: 10_000, interval: 500 }).toBe(updated.fingerprint);
    expect(updated.renewBeforeDays).toBe(issued.renewBeforeDays);
  });

  test("the removal of the site restores Debian's files and keeps the certificate", async () => {
    await fileSet.delete(site, host);
    await certificate.delete(issued, host);
    await fileSet.delete(shared, host);
    expect(await onVps("readlink /etc/nginx/sites-enabled/default; nginx -t 2>/dev/null && echo fine")).toBe(
      "/etc/nginx/sites-available/default\nfine",
    );
    expect(await onVps("dpkg --verify nginx-common | grep nginx.conf || true")).toBe("");
    expect(await certificate.read(issued, host)).toBeDefined();
    expect(await onVps("ls /var/lib/vps-plugin/sets")).toBe("scripts@app");
  });
});
