import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { makeDemo } from "../../local/portal/demo-data.ts";
import {
  captureDownload,
  desktop,
  expectVisible,
  findAccessibilityViolations,
  openTab,
  phone,
  signIn,
  tabTo,
} from "../support/browser.ts";
import { openTestPortal } from "../support/test-portal.ts";
import { accessToken, openTestStack } from "../support/test-stack.ts";
import { columnNumber } from "../support/workbook-reader.ts";

/**
 * Opens a stack with the demo portal's offers. `hold` makes the portal delay its answers, until the test calls the
 * function that `hold` returns.
 */
async function openDemoStack() {
  const { offers } = makeDemo({ today: "2026-11-22" });
  let answer: () => Promise<boolean> = async () => false;
  const portal = await openTestPortal({ offers, intercept: () => answer() });
  return {
    stack: await openTestStack(portal),
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      answer = () => promise;
      return () => resolve(false);
    },
  };
}

type Visit = {
  page: Page;
  hold: () => () => void;
  clean: () => Promise<void>;
  look: (state: string) => Promise<void>;
};

/**
 * Visits every state of the page and calls `look` in each. Finds fields by their values, because the fields' labels
 * depend on the language.
 */
async function walk({ page, hold, clean, look }: Visit): Promise<void> {
  await page.goto("/");
  await page.locator("[name=token]").fill("a wrong one");
  await page.keyboard.press("Enter");
  await expectVisible(page.locator("[aria-invalid=true]"));
  await look("a wrong token");
  await signIn(page);
  await expectVisible(page.locator(".praise"));
  await page.locator(".advanced > summary").click();
  await page.locator("[name=evidence]").check();
  await page.locator("[value=own]").check();
  await look("a choice of columns");
  await page.locator("[name=columnSet][value=all]").check();
  await page.locator("[name=evidence]").uncheck();
  await page.locator("[value=csv]").check();
  await page.locator("[value=days]").check();
  await page.locator(".sheet .primary").click();
  await expectVisible(page.locator("[name=issuedFrom][aria-invalid=true]"));
  await look("a form with a mistake");
  await page.locator("[value=month]").check();
  await page.locator("[value=xlsx]").check();
  await look("a form of a month");
  await page.locator("[name=span][value=all]").check();
  const letGo = hold();
  await page.locator(".sheet .primary").click();
  await expectVisible(page.locator(".running"));
  await look("a running export");
  await page.locator(".running a").click();
  await expectVisible(page.locator(".recent + .sheet"));
  await look("a form beside a running export");
  await page.locator(".recent a").click();
  await expectVisible(page.locator(".running"));
  await captureDownload(page, async () => letGo());
  await expectVisible(page.locator(".ready"));
  await page.locator(".as-table > summary").click();
  await look("a result");
  await clean();
  await page.locator(".ready .primary").click();
  await expectVisible(page.locator(".ready .complaint"));
  await page.locator(".shares > summary").click();
  await page.locator("[name=name]").fill("Boekhouder");
  await page.locator(".shares [type=submit]").click();
  await expectVisible(page.locator("#made-link"));
  for (const guide of await page.locator(".guides summary").all()) await guide.click();
  await look("a file that is gone, and a new link");
  await page.locator(".share-list button").click();
  await expectVisible(page.getByRole("dialog"));
  await look("a question");
  await page.keyboard.press("Escape");
  await page.locator(".brand").click();
  await expectVisible(page.locator(".recent li").first());
  await look("a list");
  await page.goto("/s/nobody");
  await expectVisible(page.locator(".notice"));
  await look("a notice");
}

const statuses = [400, 401, 404, 410];

describe("every state of the page", () => {
  const looks = [
    { ...phone, colorScheme: "light", locale: "nl-NL" },
    { ...phone, colorScheme: "dark", locale: "en-GB" },
    { ...desktop, colorScheme: "dark", locale: "nl-NL" },
    { ...desktop, colorScheme: "light", locale: "en-GB" },
  ] as const;

  it.each(looks)("is accessible and fits on $viewport.width pixels, $colorScheme, $locale", async (how) => {
    const { stack, hold } = await openDemoStack();
    const page = await openTab(stack, { ...how, statuses, reducedMotion: "reduce" });
    const clean = () => stack.app.bucket.removeAll("files/");
    const found: { state: string; violations: string[]; width: unknown }[] = [];
    const look = async (state: string) => {
      const width = await page.evaluate("document.documentElement.scrollWidth");
      found.push({ state, violations: await findAccessibilityViolations(page), width });
    };
    await walk({ page, hold, clean, look });
    const { width } = how.viewport;
    expect(found).toEqual(found.map(({ state }) => ({ state, violations: [], width })));
  });
});

describe("on paper", () => {
  it("shows the result, black on white, without buttons", async () => {
    const { stack } = await openDemoStack();
    const page = await openTab(stack, { colorScheme: "dark" });
    await page.goto("/export");
    await captureDownload(page, () => signIn(page));
    await expectVisible(page.locator(".ready"));
    await page.emulateMedia({ media: "print" });
    for (const answer of [".tiles", ".drawing svg", ".verdict"])
      expect(await page.locator(answer).isVisible()).toBe(true);
    for (const control of await page.locator("button, summary, .actions a, .begun").all())
      expect(await control.isVisible()).toBe(false);
    const style =
      "(({ color, backgroundColor }) => [color, backgroundColor])(getComputedStyle(document.documentElement))";
    expect(await page.evaluate(style)).toEqual(["rgb(0, 0, 0)", "rgb(255, 255, 255)"]);
  });
});

describe("the keyboard alone", () => {
  it("is enough to make a file and to come back", async () => {
    const { stack } = await openDemoStack();
    const page = await openTab(stack);
    await page.goto("/");
    await tabTo(page, /Naar de inhoud/);
    await tabTo(page, /Toegangscode/);
    await page.keyboard.type(accessToken);
    await page.keyboard.press("Enter");
    await expectVisible(page.locator(".sheet"));
    await tabTo(page, /Excel/);
    await page.keyboard.press("ArrowRight");
    await tabTo(page, /alle jaren/);
    await tabTo(page, /Afgewezen/);
    await page.keyboard.press("Space");
    await tabTo(page, /Maak de spreadsheet/);
    const file = await captureDownload(page, () => page.keyboard.press("Enter"));
    const [, ...rows] = file.toString().trim().split("\r\n");
    expect(new Set(rows.map((row) => row.split(";")[columnNumber("status") - 1]))).toEqual(
      new Set(["open", "geaccepteerd", "verlopen"]),
    );
    await expectVisible(page.locator(".ready"));
    expect(await page.locator(":focus").textContent()).toBe("Je spreadsheet is klaar");
    await captureDownload(page, async () => {
      await tabTo(page, /Downloaden/);
      await page.keyboard.press("Enter");
    });
    await tabTo(page, /Nog een spreadsheet/);
    await page.keyboard.press("Enter");
    await expectVisible(page.locator(".sheet"));
  });
});
