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

/** Actions that an attacker wants from the page: send its secrets elsewhere, and run a script of the attacker's. */
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

  test("works in a browser, all of it, and nothing is reported", async () => {
    const { page, violations, errors } = await visit(browser, `https://${system.world.domain}/`);
    await expect.poll(() => page.locator("dd").allTextContents(), patiently).toEqual(Array(5).fill("works"));
    const look = `[getComputedStyle(document.querySelector("h1")).color, getComputedStyle(document.body).fontFamily]`;
    expect(await page.evaluate(look)).toEqual(["rgb(102, 51, 153)", "sans-serif"]);
    expect(await page.locator("#version").textContent()).toBe(tag);
    expect({ violations, errors }).toEqual({ violations: [], errors: [] });
    await page.context().close();
  });

  test("what the mode forbids is reported", async () => {
    const { page, violations } = await visit(browser, `https://${system.world.domain}/`);
    await page.evaluate(attack);
    await expect.poll(() => violations.toSorted(), patiently).toEqual(forbidden);
    await page.context().close();
  });
});
