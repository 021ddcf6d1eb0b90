// A real nginx with the files of the program, on its real ports and paths, in a separate network namespace, process tree and
// file system. The app is a server in this process at the app's socket. Needs root on Debian or Ubuntu.
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Entry } from "../../host/file-set/inputs";
import { hasUsers, usersFile, usersText } from "../../host/nginx/access";
import type { SiteSettings } from "../../host/nginx/configuration";
import { scriptFolder } from "../../host/sets/file-set-spec";
import { nginxSet } from "../../host/sets/nginx";
import { siteEntries } from "../../host/sets/site";
import { cached } from "../../rehearsal/cache";
import { repositoryRoot } from "../../repository";

const enter = `
root=$1
ip link set lo up
for folder in etc/nginx etc/letsencrypt var/lib var/log var/www; do mkdir -p "/$folder"; mount --bind "$root/$folder" "/$folder"; done
mount -t tmpfs tmpfs /run
"$root/usr/sbin/nginx" -t -q
touch "$root/tested"
exec "$root/usr/sbin/nginx" -g 'daemon off;'`;

const installed = (): Promise<string> =>
  cached("nginx-and-nft", async (folder) => {
    execFileSync("sh", [join(repositoryRoot, "test", "support", "nginx.sh"), folder], { stdio: "pipe" });
    await Promise.resolve();
  });

/** A response, from the output of curl. A header with several values has one text, separated by " and ". */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export class PrivateNginx {
  readonly root = mkdtempSync(join(tmpdir(), "private-nginx-"));
  private process: ChildProcess | undefined;
  private readonly apps: Server[] = [];
  private output = "";

  /**
   * Starts nginx with its shared files and these sites, and waits until it listens.
   * @throws Error with nginx's message when it refuses the files.
   */
  static async start(...sites: readonly SiteSettings[]): Promise<PrivateNginx> {
    const nginx = new PrivateNginx();
    cpSync(await installed(), nginx.root, { recursive: true });
    for (const folder of ["etc/letsencrypt", "var/lib/nginx", "var/log/nginx", "var/www/acme"])
      mkdirSync(nginx.path(folder), { recursive: true });
    nginx.write(nginxSet("modern", sites.find(({ place }) => place)?.place).entries);
    for (const site of sites) {
      nginx.write({ ...siteEntries(site), ...usersEntry(site) });
      nginx.certify(site);
    }
    nginx.run();
    await nginx.listens();
    return nginx;
  }

  path(...parts: string[]): string {
    return join(this.root, ...parts);
  }

  /** Starts the app at its socket. */
  async serve(app: string, listener: RequestListener): Promise<void> {
    const socket = this.path("var/lib", app, "current.sock");
    mkdirSync(dirname(socket), { recursive: true });
    const server = createServer({ maxHeaderSize: 65_536 }, listener);
    this.apps.push(server);
    await new Promise<void>((resolve) => server.listen({ path: socket, writableAll: true }, resolve));
  }

  /** Runs a program in nginx's network. */
  async inside(program: string, args: readonly string[], input: string | Buffer = ""): Promise<string> {
    const child = spawn("nsenter", ["--target", String(this.pid()), "--mount", "--net", "--pid", program, ...args]);
    const texts = [readAll(child.stdout), readAll(child.stderr)] as const;
    child.stdin.on("error", () => undefined).end(input);
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    const [stdout, stderr] = await Promise.all(texts);
    if (code !== 0) throw new Error(`${program} ended with ${String(code)}: ${stderr}`);
    return stdout;
  }

  /** Sends a request like a visitor, without a check of the certificate. @throws Error with curl's exit code without an answer. */
  async ask(url: string, args: readonly string[] = [], input: string | Buffer = ""): Promise<Answer> {
    const resolve = ["--resolve", "*:443:127.0.0.1", "--resolve", "*:80:127.0.0.1"];
    const text = await this.inside("curl", ["-sSk", "-i", "-m", "20", ...resolve, ...args, url], input);
    return parseAnswer(text);
  }

  /** Reloads nginx as its unit does. */
  async reload(): Promise<void> {
    const variables = [
      `PATH=${this.path("usr/sbin")}:${process.env["PATH"] ?? ""}`,
      `LD_LIBRARY_PATH=${this.path("usr/lib/of-nft")}`,
    ];
    const script = join(repositoryRoot, "rootfs/scripts", scriptFolder, "nginx-replace-workers");
    await this.inside("env", [...variables, "bash", script]);
  }

  /** nginx's log of requests, or of errors. */
  log(name: "access" | "error"): string {
    return readFileSync(this.path("var/log/nginx", `${name}.log`), "utf8");
  }

  async dispose(): Promise<void> {
    for (const app of this.apps) {
      app.closeAllConnections();
      app.close();
    }
    const { process: child } = this;
    if (child?.exitCode === null) {
      const ended = new Promise((resolve) => child.on("close", resolve));
      child.kill("SIGKILL");
      await ended;
    }
    rmSync(this.root, { recursive: true, force: true });
  }

  private write(entries: Readonly<Record<string, Entry>>): void {
    for (const [path, entry] of Object.entries(entries)) {
      const at = this.path(path);
      mkdirSync(dirname(at), { recursive: true });
      if (entry.kind === "absent") rmSync(at, { force: true });
      if (entry.kind === "file") writeFileSync(at, entry.content, { mode: Number.parseInt(entry.mode, 8) });
      if (entry.kind === "link") symlinkSync(entry.target, at);
    }
  }

  /** A self-signed certificate, where certbot would put it. */
  private certify({ certificate, domains }: SiteSettings): void {
    const folder = this.path("etc/letsencrypt/live", certificate);
    mkdirSync(folder, { recursive: true });
    const key = [
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-keyout",
      join(folder, "privkey.pem"),
    ];
    const alternatives = `subjectAltName=${domains.map((name) => `DNS:${name}`).join(",")}`;
    const what = ["-subj", `/CN=${certificate}`, "-addext", alternatives, "-out", join(folder, "fullchain.pem")];
    execFileSync("openssl", ["req", "-x509", "-days", "9", ...key, ...what], { stdio: "pipe" });
  }

  private run(): void {
    const isolation = ["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"];
    const child = spawn("unshare", [...isolation, "bash", "-euc", enter, "-", this.root]);
    child.stderr.on("data", (chunk: Buffer) => (this.output += chunk.toString()));
    this.process = child;
  }

  private async listens(): Promise<void> {
    for (let attempt = 0; attempt < 200; attempt += 1) {
      if (this.process?.exitCode !== null) throw new Error(`nginx ended: ${this.output}`);
      // The test of the files opens the ports, too, for a moment.
      const isTested = existsSync(this.path("tested"));
      const found = await this.inside("ss", ["-lntH"]).catch(() => "");
      if (isTested && found.includes(":443")) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`nginx does not listen: ${this.output}`);
  }

  /** Process id of nginx's master process on this machine. */
  private pid(): number {
    const parent = String(this.process?.pid);
    return Number(readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8").trim().split(" ")[0]);
  }
}

/** As components/nginx-site.ts installs it. Here nobody else reads it. */
const usersEntry = ({ app, access }: SiteSettings): Record<string, Entry> =>
  hasUsers(access)
    ? { [usersFile(app)]: { kind: "file", content: usersText(access), mode: "0644", owner: "root:root" } }
    : {};

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}

/** Reads the whole body of a request and returns its length. */
export async function bodyLength(request: IncomingMessage): Promise<number> {
  let length = 0;
  for await (const chunk of request) length += (chunk as Buffer).length;
  return length;
}

function parseAnswer(text: string): Answer {
  const parts = text.split("\r\n\r\n");
  // curl prints interim answers (1xx) first.
  const last = parts.findIndex((part) => !/^HTTP\/\S+ 1\d\d/.test(part));
  const [first = "", ...lines] = (parts[last] ?? "").split("\r\n");
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const [name = "", value = ""] = line.split(/: ?(.*)/s);
    const known = headers[name.toLowerCase()];
    headers[name.toLowerCase()] = known === undefined ? value : `${known} and ${value}`;
  }
  return { status: Number(first.split(" ")[1]), headers, body: parts.slice(last + 1).join("\r\n\r\n") };
}
