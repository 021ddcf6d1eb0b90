import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";

/** The sizes in which people read a page. */
const sizes = {
  phone: { width: 390, height: 844 },
  tablet: { width: 820, height: 1180 },
  desktop: { width: 1440, height: 900 },
};
const schemes = ["light", "dark"] as const;

/** One look at a page and the browser's reports about it. */
export interface Look {
  /** Name of the screenshot, such as phone-dark. */
  readonly name: string;
  /** Errors and warnings of the console, and errors of scripts. */
  readonly errors: readonly string[];
  /** Addresses that the page asked for, beside itself. */
  readonly requests: readonly string[];
  /** Pixels by which the page is wider than the screen. */
  readonly tooWide: number;
  /** Texts of charts that are cut off by the edge of their chart. */
  readonly cut: readonly string[];
  /** Pairs of texts of a chart that lie on each other. Slanted labels are left out: their boxes are larger than they. */
  readonly overlapping: readonly string[];
}

// A text because the types of this program do not contain `document`.
const measure = `(() => {
const shown = (texts) => texts.map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() })).filter(({ box }) => box.width > 0);
const isSlanted = (text) => /rotate\\((?!0)/.test(text.getAttribute("transform") ?? "");
const isOn = (a, b) => a.left < b.right - 2 && b.left < a.right - 2 && a.top < b.bottom - 2 && b.top < a.bottom - 2;
const pairsOf = (chart) => {
  const texts = shown([...chart.querySelectorAll("text")].filter((text) => !isSlanted(text)));
  return texts.flatMap((one, at) => texts.slice(at + 1).filter((other) => isOn(one.box, other.box)).map((other) => one.text + " on " + other.text));
};
return {
  overlapping: [...document.querySelectorAll("svg")].flatMap(pairsOf),
  tooWide: document.documentElement.scrollWidth - window.innerWidth,
  cut: [...document.querySelectorAll("svg text")].filter((text) => {
    const chart = text.closest("svg").getBoundingClientRect();
    const box = text.getBoundingClientRect();
    return box.width > 0 && (box.left < chart.left - 1 || box.right > chart.right + 1 || box.bottom > chart.bottom + 1 || box.top < chart.top - 1);
  }).map((text) => text.textContent),
};
})()`;

async function look(browser: Browser, file: string, folder: string, name: string, options: object): Promise<Look> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const address = pathToFileURL(file).href;
  const errors: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => errors.push(message.text()));
  page.on("pageerror", ({ message }) => errors.push(message));
  page.on("request", (request) => {
    if (request.url() !== address && !request.url().startsWith("data:")) requests.push(request.url());
  });
  await page.goto(address);
  if (name === "print") await page.emulateMedia({ media: "print" });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  const measured: Pick<Look, "tooWide" | "cut" | "overlapping"> = await page.evaluate(measure);
  await context.close();
  return { name, errors, requests, ...measured };
}

/** Looks at an HTML file in each size, light and dark, and as on paper. Leaves the screenshots in the folder. */
export async function photograph(browser: Browser, file: string, folder: string): Promise<readonly Look[]> {
  const looks: Look[] = [];
  for (const [size, viewport] of Object.entries(sizes))
    for (const colorScheme of schemes)
      looks.push(await look(browser, file, folder, `${size}-${colorScheme}`, { viewport, colorScheme }));
  looks.push(
    await look(browser, file, folder, "print", { viewport: { width: 720, height: 1000 }, colorScheme: "dark" }),
  );
  return looks;
}
