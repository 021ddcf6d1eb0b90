import { randomBytes } from "node:crypto";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Github } from "../../github/rest";
import { newAccount, nextId, type Account } from "../../rehearsal/emulators/github/account";
import { newKeys } from "../../rehearsal/emulators/github/sealed-box";
import { Emulator } from "../../rehearsal/emulators/github/server";
import { ensureWorld } from "../../rehearsal/world/world";
import { repositoryRoot } from "../../repository";
import { inUseByDeployments } from "../../ops/retention/in-use";
import { kept, renderPlan, type InUse } from "../../ops/retention/plan";
import { carryOut, prepareRetention } from "../../ops/retention/run";
import { isPullable, pushIndex, type PushedIndex } from "../support/image-index";

const count = 12;
const tagOf = (number: number): string => number.toString(16).padStart(40, "0");

let registry: string;
let server: Server;
let account: Account;
let github: Github;
let name: string;
let images: PushedIndex[];

beforeAll(async () => {
  const world = await ensureWorld({ checkout: repositoryRoot, suffix: "test" }, () => undefined);
  registry = `http://${world.registry.address}`;
});

const at = (minute: number): string => new Date(Date.UTC(2026, 10, 1, 0, minute)).toISOString();
const place = (): string => `${registry}/v2/owner/${name}`;

/** GHCR's list of versions: every manifest is a version. Parts have no tag and are older than their index. */
function list(image: PushedIndex, number: number): void {
  const versions = (account.packages[name] ??= []);
  for (const digest of image.parts) {
    versions.push({ id: nextId(account), name: digest, created_at: at(number), tags: [] });
  }
  const tags = number === count ? [tagOf(number), "latest"] : [tagOf(number)];
  versions.push({ id: nextId(account), name: image.digest, created_at: at(number), tags });
}

beforeEach(async () => {
  account = newAccount("owner", "app", await newKeys());
  account.tokens["t"] = { login: "owner", role: "write", scopes: ["packages", "deployments"] };
  server = await new Emulator(account).listen(0);
  github = new Github({ apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v3`, token: "t" });
  name = `app-${randomBytes(4).toString("hex")}`;
  images = await Promise.all(Array.from({ length: count }, (_, index) => pushIndex(place(), tagOf(index + 1))));
  images.forEach((image, index) => {
    list(image, index + 1);
  });
});

afterAll(() => server.close());

const left = (): string[] => (account.packages[name] ?? []).map((version) => version.name).sort();
const wholeOf = (...numbers: number[]): string[] =>
  numbers.flatMap((number) => [images[number - 1]?.digest ?? "", ...(images[number - 1]?.parts ?? [])]).sort();
const prepare = (inUse: InUse) => prepareRetention({ github, repository: { registry, name: `owner/${name}` }, inUse });
const run = async (inUse: InUse): Promise<number> => (await carryOut(github, await prepare(inUse))).deleted;
const faults = (...planned: object[]) =>
  fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/emulator/faults`, {
    method: "POST",
    body: JSON.stringify({ faults: planned }),
  });
const use = (...numbers: number[]): InUse =>
  numbers.map((number) => ({ reference: tagOf(number), reason: "deployed" }));

/** GHCR deletes the manifest together with its version. The rehearsal's registry needs its own request. */
async function forgetDeleted(): Promise<void> {
  const deleted = wholeOf(...images.map((_, index) => index + 1)).filter((digest) => !left().includes(digest));
  for (const digest of deleted) await fetch(`${place()}/manifests/${digest}`, { method: "DELETE" });
}

describe("retention over 12 multi-arch images with attestations", () => {
  test("keeps exactly the newest five, complete, and every part can be pulled by digest", async () => {
    expect(left()).toHaveLength(count * 5);
    expect(await run(use(12, 11))).toBe((count - kept) * 5);
    expect(left()).toEqual(wholeOf(8, 9, 10, 11, 12));
    await forgetDeleted();
    expect(await isPullable(place(), images[0]?.digest ?? "")).toBe(false);
    for (const digest of left()) expect(await isPullable(place(), digest)).toBe(true);
    expect(await run(use(12, 11))).toBe(0);
  });

  test("keeps the oldest image while it is deployed, and the previous image", async () => {
    await run(use(1, 2));
    expect(left()).toEqual(wholeOf(1, 2, 8, 9, 10, 11, 12));
    expect(await run(use(1, 2))).toBe(0);
  });

  test("keeps the images of the last two successful deployments on GitHub", async () => {
    for (const [number, state] of [
      [3, "success"],
      [4, "success"],
      [5, "failure"],
    ] as const) {
      const made = (await github.call("POST", "/repos/owner/app/deployments", { ref: tagOf(number) })) as {
        id: number;
      };
      await github.call("POST", `/repos/owner/app/deployments/${made.id}/statuses`, { state });
    }
    await run(await inUseByDeployments(github, "owner/app"));
    expect(left()).toEqual(wholeOf(3, 4, 8, 9, 10, 11, 12));
  });

  test("deletes nothing if no deployed image is known", async () => {
    expect(await run([])).toBe(0);
    expect(renderPlan(await prepare([]), false)).toContain("nothing is deleted: no deployed image is known");
    expect(left()).toHaveLength(count * 5);
  });

  test("deletes nothing if the list is incomplete", async () => {
    account.packages[name]?.push(
      ...Array.from({ length: 100 }, (_, index) => ({
        id: nextId(account),
        name: images[0]?.digest ?? "",
        created_at: at(-index),
        tags: [],
      })),
    );
    const before = left().length;
    await faults({ call: "page=2", times: 1, status: 502, message: "Bad Gateway" });
    await expect(run(use(12))).rejects.toThrow("page=2: 502 Bad Gateway");
    expect(left()).toHaveLength(before);
  });

  test("keeps an image that cannot be read, and every part that may be its own; old images go", async () => {
    await fetch(`${place()}/manifests/${images[3]?.digest ?? ""}`, { method: "DELETE" });
    const whole = wholeOf(...images.map((_, index) => index + 1));
    expect(await run(use(12))).toBe(6);
    const gone = [1, 2, 3, 5, 6, 7].map((number) => images[number - 1]?.digest ?? "");
    expect(left()).toEqual(whole.filter((digest) => !gone.includes(digest)));
  });

  test("deletes nothing if many manifests cannot be read", async () => {
    for (const image of images.slice(0, 4)) await fetch(`${place()}/manifests/${image.digest}`, { method: "DELETE" });
    await expect(run(use(12))).rejects.toThrow("more than 3 manifests cannot be read");
    expect(left()).toHaveLength(count * 5);
  });

  test("continues when GitHub asks for a pause", async () => {
    const headers = { "retry-after": "0" };
    await faults(
      { call: "GET .*versions", times: 2, status: 429, message: "Too Many Requests", headers },
      { call: "DELETE", times: 3, status: 403, message: "You have exceeded a secondary rate limit", headers },
    );
    expect(await run(use(12, 11))).toBe((count - kept) * 5);
    expect(left()).toEqual(wholeOf(8, 9, 10, 11, 12));
  });

  test("an image that GitHub does not delete stays complete, and the others go", async () => {
    const id = account.packages[name]?.find((version) => version.name === images[2]?.digest)?.id ?? 0;
    const message = "Publicly visible package versions with more than 5000 downloads cannot be deleted.";
    await faults({ call: `DELETE .*/${id}$`, times: 1, status: 400, message });
    const { deleted, refused } = await carryOut(github, await prepare(use(12, 11)));
    expect(deleted).toBe((count - kept - 1) * 5);
    expect(refused).toMatchObject([{ version: { id }, cause: expect.stringContaining(message) as string }]);
    expect(left()).toEqual(wholeOf(3, 8, 9, 10, 11, 12));
  });
});
