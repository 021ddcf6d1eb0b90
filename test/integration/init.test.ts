import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { ensureGithub, githubRepository } from "../../rehearsal/github";
import { pulumiEnvironment } from "../../rehearsal/engine/pulumi-environment";
import { ensurePulumi } from "../../rehearsal/pulumi";
import { buildRelease } from "../../rehearsal/release/release";
import { getFromSite } from "../../rehearsal/site";
import { repository, worldConfig } from "../../rehearsal/stack";
import { run } from "../../rehearsal/world/run";
import { ensureWorld, removeWorld, type World } from "../../rehearsal/world/world";
import { repositoryRoot } from "../../repository";
import { Terminal } from "../support/terminal";

// The guide in a real terminal, from a clone to a served site, against a fresh server, an empty repository and an empty
// account of B2.

const options = { checkout: repositoryRoot, suffix: "init" };
const quiet = (): void => undefined;
const tag = "c0ffee0";

let world: World;
let clone: string;
let environment: Record<string, string>;
let session: Terminal | undefined;

/** The parts of a stack file that only a rehearsal has: addresses of its services. No question is about them. */
function rehearsalKeys(): string {
  const { image, certificate, backups, pipeline } = worldConfig(world);
  const sections = {
    app: { memoryMb: 512, writable: { "/app/.next/cache": "256m" } },
    image: { registry: image?.["registry"] },
    certificate,
    rollout: { soakSeconds: 0 },
    backups: { endpoint: backups?.["endpoint"], rclone: backups?.["rclone"] },
    pipeline: { infra: pipeline?.["infra"], baseUrl: pipeline?.["baseUrl"], writeDelayMs: 0 },
  };
  const config = Object.entries(sections).map(([name, value]) => [`memoryloop-infra:${name}`, value] as const);
  return stringify({ config: Object.fromEntries(config) });
}

const stackFile = (): string => join(clone, "Pulumi.live.yaml");

/** A clone with this checkout's packages: their download is no part of the measured time. */
async function cloneCheckout(): Promise<string> {
  const folder = join(mkdtempSync(join(tmpdir(), "init-")), "clone");
  await run(["git", "clone", "--quiet", "--local", repositoryRoot, folder], { seconds: 60 });
  await run(["cp", "-al", join(repositoryRoot, "node_modules"), join(folder, "node_modules")], { seconds: 120 });
  return folder;
}

beforeAll(async () => {
  await removeWorld(options, quiet);
  world = await ensureWorld(options, quiet);
  await ensureGithub(world);
  await buildRelease({ tag, behaviour: "normal", registry: world.registry.address, repository }, quiet);
  const { settings } = await ensurePulumi(world, quiet);
  mkdirSync(settings.stateFolder, { recursive: true });
  writeFileSync(settings.passphraseFile, "a passphrase of the rehearsal", { mode: 0o600 });
  environment = { ...(pulumiEnvironment(settings, process.env) as Record<string, string>), CI: "" };
  // The guide works on the clone's own stack file.
  Reflect.deleteProperty(environment, "PULUMI_OPTION_CONFIG_FILE");
  clone = await cloneCheckout();
  writeFileSync(stackFile(), rehearsalKeys());
});

afterAll(async () => {
  session?.kill();
  rmSync(join(clone, ".."), { recursive: true, force: true });
  await removeWorld(options, quiet);
});

/** A wrong answer, the part of the problem that names it, and the part of the next step that helps. */
type Wrong = readonly [answer: string, problem: string, next: string];

/** The wrong answers to each question, in the order of the guide, and the good answer with which the guide continues. */
function wrongAnswers(): readonly (readonly [question: string, wrong: readonly Wrong[], good: string | undefined])[] {
  const image = `${world.registry.address}/${repository}`;
  const { owner, name } = githubRepository;
  return [
    [
      "Server:",
      [
        ["", "needs a server", "the address that the provider shows"],
        ["https://10.0.0.1", "is a URL or a path", "the address that the provider shows"],
        ["203.0.113.7", "is an example of documentation", "provider"],
        ["my server", "is not a name or an address", "provider"],
        ["10.20.30.40:99999", "99999 is not a TCP port", "from 1 to 65535"],
        ["a!b@127.0.0.1", "a!b cannot be a user's name", "root or admin"],
        ["127.0.0.1:1", "refuses connections to port 1", "ssh"],
      ],
      `127.0.0.1:${world.vps.sshPort}`,
    ],
    [
      "Public name",
      [
        ["https://memoryloop.test/", "is an address", "give the name alone"],
        ["10.0.0.1", "is an IP address", "give the name alone"],
        ["*.memoryloop.test", "a wildcard", "give the name alone"],
        ["memoryloop.test:8443", "a name with a port", "give the name alone"],
        ["shop.example.com", "is an example of documentation", "that you own"],
      ],
      world.domain,
    ],
    [
      "Image with the tag",
      [
        [`${image}:latest`, "the tag latest changes its content", "its commit as tag"],
        [image, "the answer has no tag", tag],
        [`${image}:fffffff`, `its last tags are ${tag}`, "push"],
        ["https://ghcr.io/me/app", "is a URL", "leave out https://"],
        [`${image}@sha256:11`, "names a digest", "give a tag instead"],
        ["app", "is not an image with its registry", "ghcr.io/owner/app"],
        ["127.0.0.1:2/me/app:1", "does not answer", "your network"],
      ],
      `${image}:${tag}`,
    ],
    [
      "health endpoint",
      [
        ["health", "no path that begins with /", "/api/health"],
        ["https://a.org/health", "is a URL", "leave out the site's name"],
        ["/health?full=1", "has a query", "/api/health"],
      ],
      "",
    ],
    [
      "Directories",
      [
        ["/data:mysql", "no kind of data is called mysql", "sqlite"],
        ["data:files", "an absolute path", "/app/data:files"],
        ["/data:files /data/a:files", "inside another directory", "<path>:<kind>"],
      ],
      "/app/data:lancedb:lancedb",
    ],
    [
      "Variables",
      [
        ["MY-NAME=a", "cannot be a variable's name", "NAME=value"],
        ["A=1 A=2", "A has two values", "once"],
        [`KEY=sk-ant-${"a".repeat(40)}`, "looks like", "hidden"],
      ],
      "NODE_ENV=production NEXTAUTH_URL=https://memoryloop.test NEXTAUTH_SECRET!",
    ],
    [
      "E-mail",
      [
        ["me", "is no e-mail address", "ops@mysite.org"],
        ["a@example.com", "documentation", "that you read"],
      ],
      "ops@memoryloop.test",
    ],
    [
      "Name of a new bucket",
      [
        ["abc", "6 to 63 letters", "no other customer"],
        ["set-this-backups", "the example", "no other"],
      ],
      "init-backups-1",
    ],
    [
      "dead-man",
      [
        ["https://ping.example.com/a", "documentation", "uuid"],
        ["http://a.org/b", "not encrypted", "https://a.org/b"],
      ],
      `${world.b2.endpoint}/emulator/ping`,
    ],
    [
      "repository on GitHub",
      [
        [`https://github.com/${owner}/${name}.git`, "an address", `give ${owner}/${name}`],
        ["app", "is no repository", "you/shop"],
        ["someone/else", "exist", "someone/else"],
      ],
      undefined,
    ],
  ];
}

test("37 wrong answers are each refused at once, with the next step, and nothing is written", async () => {
  const before = readFileSync(stackFile(), "utf8");
  const terminal = Terminal.start("npm run -s setup", clone, environment);
  session = terminal;
  const seconds: number[] = [];
  for (const [question, wrong, good] of wrongAnswers()) {
    for (const [answer, problem, next] of wrong) {
      await terminal.answer(question, answer, 180);
      const from = performance.now();
      await terminal.see(problem);
      await terminal.see("next:");
      await terminal.see(next);
      seconds.push((performance.now() - from) / 1000);
    }
    if (good === undefined) break;
    await terminal.answer(question, good);
    if (question !== "Server:") continue;
    await terminal.press("Is it the key", "n");
    await terminal.see("the host key is not confirmed");
    await terminal.press("Is it the key", "y");
  }
  await terminal.see("repository on GitHub");
  terminal.interrupt();
  await terminal.see("nothing was changed");
  expect(await terminal.ended).toBe(1);
  expect(readFileSync(stackFile(), "utf8")).toBe(before);
  const slowest = Math.max(...seconds).toFixed(1);
  process.stderr.write(`npm run setup: ${seconds.length + 1} wrong answers refused, the slowest in ${slowest} s\n`);
  expect(seconds).toHaveLength(37);
});

test("from a clone to a served site in two commands and twelve answers", async () => {
  const start = performance.now();
  const terminal = Terminal.start("npm run -s setup", clone, environment);
  session = terminal;
  const { port, endpoint } = { port: world.vps.sshPort, endpoint: world.b2.endpoint };
  await terminal.answer("Server:", `127.0.0.1:${port}`, 180);
  await terminal.press("Is it the key", "y");
  await terminal.answer("Public name", world.domain);
  await terminal.answer("Image with the tag", `${world.registry.address}/${repository}:${tag}`);
  await terminal.answer("health endpoint", "");
  await terminal.answer("Directories", "/app/data:lancedb:lancedb");
  await terminal.answer("Variables", "NODE_ENV=production NEXTAUTH_URL=https://memoryloop.test NEXTAUTH_SECRET!");
  await terminal.answer("E-mail", "ops@memoryloop.test");
  await terminal.answer("Name of a new bucket", "init-backups-1");
  await terminal.answer("dead-man", `${endpoint}/emulator/ping ${endpoint}/emulator/alert`);
  await terminal.answer("repository on GitHub", `${githubRepository.owner}/${githubRepository.name}`);
  await terminal.press("Deploy c0ffee0", "y", 240);
  expect(await terminal.ended, terminal.shown).toBe(0);
  const seconds = Math.round((performance.now() - start) / 1000);
  process.stderr.write(`npm run setup: ${terminal.answers} answers, ${seconds} s to a served site\n`);
  expect(terminal.answers).toBe(12);
  const { status, body } = await getFromSite(world, "/api/health");
  expect({ status, version: (JSON.parse(body) as { version: string }).version }).toEqual({ status: 200, version: tag });
  expect(terminal.shown).toContain(`https://${world.domain} serves ${tag}`);
});

test("the stack file is untracked, has comments, and no secret", async () => {
  const text = readFileSync(stackFile(), "utf8");
  expect(text).toContain("# Public host key as in known_hosts");
  expect(text).not.toContain("/emulator/alert");
  expect(await run(["git", "-C", clone, "status", "--porcelain"], { seconds: 30 })).toBe("");
  expect(existsSync(join(clone, "Pulumi.prod.yaml"))).toBe(true);
});

test("the guide can be run again without a terminal: the stack file has the answers", async () => {
  const words = [
    "dist/ops.cjs",
    "init",
    "--yes",
    "--deploy",
    "no",
    "--image",
    `${world.registry.address}/${repository}:${tag}`,
  ];
  const text = await run([process.execPath, ...words, "--json"], { cwd: clone, environment, seconds: 240 });
  expect(JSON.parse(text)).toMatchObject({ stack: "live", domain: world.domain, tag, deployed: false });
});
