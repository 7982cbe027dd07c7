import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from "playwright-core";
import { afterAll, expect, inject, onTestFinished } from "vitest";
import * as z from "zod";
import { accessToken, type TestStack } from "./test-stack.ts";

let launched: Promise<Browser> | undefined;

/** Launches the browser, only once for all tests of a file. */
function launch(): Promise<Browser> {
  launched ??= chromium.launch(inject("chromium"));
  return launched;
}

afterAll(async () => (await launched)?.close());

export const desktop = { viewport: { width: 1280, height: 900 } };

type Visit = BrowserContextOptions & {
  /** The statuses of answers that the test expects. The browser reports such an answer as an error in its console. */
  statuses?: number[];
  /** True when the test takes the browser offline, so that errors about the network are expected. */
  isOffline?: boolean;
};

/**
 * Opens a tab without any stored data. The test fails when the page breaks its content security policy, throws, or
 * logs an error or warning that the test does not expect.
 */
export async function openTab(
  stack: Pick<TestStack, "url">,
  { statuses = [], isOffline = false, ...options }: Visit = {},
): Promise<Page> {
  const browser = await launch();
  const context = await browser.newContext({
    ...desktop,
    baseURL: stack.url,
    locale: "nl-NL",
    timezoneId: "Europe/Amsterdam",
    ...options,
  });
  const complaints: string[] = [];
  context.on("weberror", (error) => complaints.push(String(error.error())));
  context.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  onTestFinished(async () => {
    await context.close();
    const isMeant = (text: string) =>
      statuses.some((status) => text.includes(`responded with a status of ${status} `)) ||
      (isOffline && text.includes("net::ERR_INTERNET_DISCONNECTED"));
    expect(complaints.filter((text) => !isMeant(text))).toEqual([]);
  });
  return await context.newPage();
}

/** Types the access token into the sign-in form. */
export async function signIn(page: Page): Promise<void> {
  await page.getByLabel(/Toegangscode|Access token/).fill(accessToken);
  await page.keyboard.press("Enter");
}

/** Presses Tab until a control whose role and name match has the focus. */
export async function tabTo(page: Page, control: RegExp): Promise<void> {
  for (let steps = 0; steps < maxSteps; steps += 1) {
    await page.keyboard.press("Tab");
    const [focused] = await page.locator(":focus").all();
    const text = focused && (await focused.ariaSnapshot());
    if (text !== undefined && control.test(text)) return;
  }
  throw new Error(`no control was reached of the name ${control}`);
}

const maxSteps = 120;

/** Waits until the element is visible. Throws when it does not become visible. */
export async function expectVisible(locator: Locator): Promise<void> {
  await locator.waitFor();
}

/** Returns the file that the page downloads during `act`. */
export async function captureDownload(page: Page, act: () => Promise<unknown>): Promise<Buffer> {
  const begun = page.waitForEvent("download");
  await act();
  return await readFile(await (await begun).path());
}

const Violations = z.array(
  z.object({
    id: z.string(),
    nodes: z.array(z.object({ target: z.array(z.unknown()), failureSummary: z.string() })),
  }),
);

const require = createRequire(import.meta.url);
const axe = readFile(require.resolve("axe-core/axe.min.js"), "utf8");
const codeSniffer = readFile(require.resolve("@pa11y/html_codesniffer/build/HTMLCS.js"), "utf8");

/** Runs the script in the page. The page's content security policy does not apply to a script of the debugger. */
async function runInPage(page: Page, script: string): Promise<void> {
  await page.evaluate(`${script}; undefined`);
}

/**
 * Lists what axe and HTML CodeSniffer report about the page, by rule and element. All rules of axe are on, best
 * practices and the size of targets too. Of HTML CodeSniffer only errors count, because its warnings ask for a look by
 * a person.
 */
export async function findAccessibilityViolations(page: Page): Promise<string[]> {
  return [...(await runAxe(page)), ...(await runCodeSniffer(page))];
}

async function runAxe(page: Page): Promise<string[]> {
  await runInPage(page, await axe);
  const options = JSON.stringify({ rules: { "target-size": { enabled: true } } });
  const found: unknown = await page.evaluate(`axe.run(${options}).then(({ violations }) => violations)`);
  return Violations.parse(found).flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(" ")}: ${failureSummary}`),
  );
}

async function runCodeSniffer(page: Page): Promise<string[]> {
  await runInPage(page, await codeSniffer);
  const run = 'new Promise((resolve, reject) => HTMLCS.process("WCAG2AA", document, resolve, reject))';
  // A table for the layout of a mail has the role of presentation, and its cells have content with a meaning.
  const isMeant = '({ code, element }) => code.endsWith(".F92,ARIA4") && element.matches("table")';
  const list = `HTMLCS.getMessages().filter(({ type }) => type === HTMLCS.ERROR).filter((found) => !(${isMeant})(found))`;
  const describe = `({ code, element, msg }) => [code, "at", element.cloneNode?.().outerHTML, msg].join(" ")`;
  return Messages.parse(await page.evaluate(`${run}.then(() => ${list}.map(${describe}))`));
}

const Messages = z.array(z.string());
