// A page that a browser opened before a cutover asks for the files of its own release (`site.keepAssets`).
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";
import type { PulumiRun } from "../../rehearsal/pulumi";
import { builtAssets } from "../../rehearsal/release/release";
import { siteOf } from "../../rehearsal/site";
import { keysIn, publicKey } from "../../rehearsal/world/keys";
import { run } from "../../rehearsal/world/run";
import { restartVps } from "../../rehearsal/world/world";
import { repositoryRoot } from "../../repository";

const tags = ["a00001a", "b00002a", "c00003a", "d00004a"] as const;
const [first, second, third, fourth] = tags;

let system: DeployedWorld;
let checkout: PulumiRun;

beforeAll(async () => {
  system = await DeployedWorld.open();
  await Promise.all(tags.map((tag) => system.release(tag)));
  const key = publicKey(keysIn(system.world.folder).client);
  checkout = system.otherCheckout({ "host.deployKeys": [`${key} ci@rehearsal`] });
  await system.deploy(fourth, checkout);
  await system.deploy(first, checkout);
});

afterAll(async () => {
  await system.deploy();
});

/** A file that only the release with this tag has. */
function assetOf(tag: string): { readonly path: string; readonly content: string } {
  const [name = "", content = ""] = Object.entries(builtAssets(tag)).find(([, text]) => text.includes(tag)) ?? [];
  return { path: `/_next/static/${name}`, content };
}

/** Status and body for the file of a release. */
async function answerFor(tag: string): Promise<string> {
  const { status, body } = await system.get(assetOf(tag).path);
  return status === 200 && body === assetOf(tag).content ? "its file" : `${status}`;
}

function headersFor(tag: string): Promise<string> {
  const { url, curl } = siteOf(system.world);
  return run(["curl", "--silent", "--head", ...curl, `${url}${assetOf(tag).path}`], { seconds: 30 });
}

const serving = async (): Promise<unknown> => (await system.health()).body["version"];

function ops(...words: string[]): Promise<string> {
  const file = checkout.environment?.["PULUMI_OPTION_CONFIG_FILE"] ?? "";
  const environment = { PATH: "/nowhere", SSH_AUTH_SOCK: system.world.agentSocket };
  return run([process.execPath, "dist/ops.cjs", ...words, "--config-file", file], {
    cwd: repositoryRoot,
    environment,
    seconds: 120,
  });
}

/** Answers for the file of a release while the work runs. */
async function askedWhile(tag: string, work: () => Promise<unknown>) {
  const { path } = assetOf(tag);
  const { lost, statuses, byRelease } = await system.underLoad({ clients: 20, pauseMs: 20, postShare: 0, path }, work);
  return { lost, statuses: Object.keys(statuses), releases: Object.keys(byRelease).toSorted() };
}

describe("a file that only the previous release has", () => {
  test("answers during and after a cutover by pulumi up", async () => {
    expect(await answerFor(first)).toBe("its file");
    const seen = await askedWhile(first, () => system.deploy(second, checkout));
    // After the cutover nginx itself answers.
    expect(seen).toEqual({ lost: [], statuses: ["200"], releases: [first, "none"] });
    expect([await serving(), await answerFor(first), await answerFor(second)]).toEqual([
      second,
      "its file",
      "its file",
    ]);
  });

  test("has the headers that the app would send", async () => {
    const headers = await headersFor(first);
    expect(headers).toMatch(/^HTTP\/\S+ 200/);
    expect(headers).toMatch(/^content-type: application\/javascript; charset=utf-8\r$/im);
    expect(headers).toMatch(/^cache-control: public, max-age=31536000, immutable\r$/im);
    expect(headers).toMatch(/^x-content-type-options: nosniff\r$/im);
  });

  test("belongs to root on the server, and no file of a half-done copy is left", async () => {
    const strange = "find /var/lib/memoryloop/assets \\( ! -user root -o -perm /0022 -o -type l -o -name '.*' \\)";
    expect(await system.onVps(strange)).toBe("");
  });

  test("answers after a restart of the server", async () => {
    await restartVps(system.world);
    await expect.poll(() => serving().catch(() => ""), { timeout: 60_000 }).toBe(second);
    expect(await answerFor(first)).toBe("its file");
  });

  test("answers after ops rollback --now, for the release that was rolled back", async () => {
    const seen = await askedWhile(second, () => ops("rollback", "--now"));
    expect(seen).toEqual({ lost: [], statuses: ["200"], releases: [second, "none"] });
    expect([await serving(), await answerFor(second)]).toEqual([first, "its file"]);
  });

  test("answers after ops deploy", async () => {
    const tag = `e${Date.now().toString(16).slice(-6)}`;
    await system.release(tag);
    const seen = await askedWhile(first, async () => {
      expect(await ops("deploy", tag)).toMatch(/^keep: 3 files, 0\.0 MB, \d+\.\d s$/m);
    });
    expect(seen).toEqual({ lost: [], statuses: ["200"], releases: [first, "none"] });
    expect([await serving(), await answerFor(first)]).toEqual([tag, "its file"]);
    await system.deploy(first, checkout);
  });
});

describe("a release that is pruned", () => {
  test("takes its files with it; a file that a kept release has, too, stays", async () => {
    await system.deploy(second, checkout);
    expect(await answerFor(first)).toBe("its file");
    await system.deploy(third, checkout);
    expect([await answerFor(first), await answerFor(second), await answerFor(third)]).toEqual([
      "404",
      "its file",
      "its file",
    ]);
    await system.deploy(fourth, checkout);
    expect([await answerFor(first), await answerFor(second), await answerFor(third)]).toEqual([
      "404",
      "404",
      "its file",
    ]);
    const releases = await system.onVps("ls /var/lib/memoryloop/assets/releases | wc -l");
    const vendor = await system.onVps("find /var/lib/memoryloop/assets/served -name 'vendor-*' | wc -l");
    expect([releases, vendor]).toEqual(["2", "1"]);
  });
});

describe("a folder that the image does not have", () => {
  test("costs a warning and not the deployment", async () => {
    const keepAssets = { "/_next/static/": "/app/.next/static", "/fonts/": "/app/fonts" };
    const output = await system.deploy(first, system.otherCheckout({ "site.keepAssets": keepAssets }));
    expect(output).toMatch(
      /warning: the assets of release [0-9a-f]+ are not kept, so a page that is open now may need a reload after the next deployment: Docker cannot read \/app\/fonts of the image: /,
    );
    expect([await serving(), await answerFor(first), await answerFor(fourth)]).toEqual([first, "its file", "its file"]);
  });
});

describe("a stack without the key", () => {
  test("has the answers of the app alone, and the next deployments remove the files", async () => {
    const without = system.otherCheckout({ "site.keepAssets": undefined });
    await system.deploy(second, without);
    expect([await answerFor(first), await answerFor(second)]).toEqual(["404", "its file"]);
    await system.deploy(third, without);
    expect(await system.onVps("find /var/lib/memoryloop/assets -type f")).toBe("");
  });
});
