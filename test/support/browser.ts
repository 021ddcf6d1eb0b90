import { join } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";
import { run } from "../../rehearsal/world/run";
import { repositoryRoot } from "../../repository";
import { requestOptions, type Target } from "../../rehearsal/driver/load/target";

const installSeconds = 300;
const stepMilliseconds = 30_000;

/** Runs as root in a container, and sends nothing to the servers of others. */
const switches = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Chrome's rule that resolves the site's name to the target. */
function resolverRule(target: Target): string {
  const { host, port, servername } = requestOptions(target);
  return `--host-resolver-rules=MAP ${servername}:443 ${host}:${port}`;
}

/** A browser that resolves the site's name to the target. Without a target it is for files. */
export async function launchBrowser(target?: Target): Promise<Browser> {
  const script = join(repositoryRoot, "test", "support", "chromium.sh");
  const executablePath = (await run(["sh", script], { seconds: installSeconds })).trim();
  const args = target === undefined ? switches : [...switches, resolverRule(target)];
  return chromium.launch({ executablePath, args, timeout: stepMilliseconds });
}

/** A page and the browser's reports about it. */
export interface Visit {
  readonly page: Page;
  /** Directives of the content security policy that were violated, in order. */
  readonly violations: readonly string[];
  /** Errors of scripts and of the console. */
  readonly errors: readonly string[];
}

// The script is a text because the types of this program do not contain `document`.
const listen = `document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => violated(effectiveDirective))`;

/** Opens a page. It does not check the certificate, because the browser does not know the world's authority. */
export async function visit(browser: Browser, url: string): Promise<Visit> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  page.setDefaultTimeout(stepMilliseconds);
  const violations: string[] = [];
  const errors: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  page.on("pageerror", ({ message }) => errors.push(message));
  await page.exposeFunction("violated", (directive: string) => violations.push(directive));
  await page.addInitScript({ content: listen });
  await page.goto(url);
  return { page, violations, errors };
}
