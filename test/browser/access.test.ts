import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { makeDemo } from "../../local/portal/data.ts";
import { findViolations } from "../support/axe.ts";
import { desktop, downloadBy, openTab, phone, signIn } from "../support/browser.ts";
import { openTestPortal } from "../support/portal.ts";
import { accessToken, openTestStack } from "../support/stack.ts";

/** A portal that can be held, and one that can lose its key. */
async function openDemoStack() {
  const { offers } = makeDemo({ today: "2026-11-22" });
  let answer: () => Promise<boolean> = async () => false;
  const portal = await openTestPortal({ offers, intercept: () => answer() });
  return {
    stack: await openTestStack(portal),
    hold() {
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

/** Goes through the page and looks at every state of it; the choices are found by their values, in any language. */
async function walk({ page, hold, clean, look }: Visit): Promise<void> {
  await page.goto("/");
  await page.locator("[name=token]").fill("a wrong one");
  await page.keyboard.press("Enter");
  await page.locator("[aria-invalid=true]").waitFor();
  await look("a wrong token");
  await signIn(page);
  await page.locator(".praise").waitFor();
  await page.locator(".advanced > summary").click();
  await page.locator("[value=csv]").check();
  await page.locator("[value=days]").check();
  await page.locator(".sheet .primary").click();
  await page.locator("[name=issuedFrom][aria-invalid=true]").waitFor();
  await look("a form with a mistake");
  await page.locator("[value=month]").check();
  await page.locator("[value=xlsx]").check();
  await look("a form of a month");
  await page.locator("[value=all]").check();
  const letGo = hold();
  await page.locator(".sheet .primary").click();
  await page.locator(".running").waitFor();
  await look("a running export");
  await downloadBy(page, async () => letGo());
  await page.locator(".ready").waitFor();
  await page.locator(".as-table > summary").click();
  await look("a result");
  await clean();
  await page.locator(".ready .primary").click();
  await page.locator(".ready .complaint").waitFor();
  await page.locator(".shares > summary").click();
  await page.locator("[name=name]").fill("Boekhouder");
  await page.locator(".shares [type=submit]").click();
  await page.locator("#made-link").waitFor();
  for (const guide of await page.locator(".guides summary").all()) await guide.click();
  await look("a file that is gone, and a new link");
  await page.locator(".share-list button").click();
  await page.getByRole("dialog").waitFor();
  await look("a question");
  await page.keyboard.press("Escape");
  await page.locator(".brand").click();
  await page.locator(".recent li").first().waitFor();
  await look("a list");
  await page.goto("/s/nobody");
  await page.locator(".notice").waitFor();
  await look("a notice");
}

const statuses = [400, 401, 404, 410];

describe("every state of the page", () => {
  const looks = [
    { size: "a phone", ...phone, colorScheme: "light", locale: "nl-NL" },
    { size: "a phone", ...phone, colorScheme: "dark", locale: "en-GB" },
    { size: "a desktop", ...desktop, colorScheme: "dark", locale: "nl-NL" },
    { size: "a desktop", ...desktop, colorScheme: "light", locale: "en-GB" },
  ] as const;

  it.each(looks)("is accessible and fits on $size, $colorScheme, $locale", async ({ size: _, ...look }) => {
    const { stack, hold } = await openDemoStack();
    const page = await openTab(stack, { ...look, statuses, reducedMotion: "reduce" });
    const clean = () => stack.world.bucket.removeAll("files/");
    await walk({
      page,
      hold,
      clean,
      async look(state) {
        expect(await findViolations(page), state).toEqual([]);
        const width = await page.evaluate("document.documentElement.scrollWidth");
        expect(width, state).toBeLessThanOrEqual(look.viewport.width);
      },
    });
  });
});

describe("the keyboard alone", () => {
  /** Goes on from control to control to the one of that name. */
  async function tabTo(page: Page, name: RegExp): Promise<void> {
    for (let steps = 0; steps < 60; steps += 1) {
      await page.keyboard.press("Tab");
      const [focused] = await page.locator(":focus").all();
      const text = focused && (await focused.ariaSnapshot());
      if (text !== undefined && name.test(text)) return;
    }
    throw new Error(`no control was reached of the name ${name}`);
  }

  it("is enough, from the address to the file and back", async () => {
    const { stack } = await openDemoStack();
    const page = await openTab(stack);
    await page.goto("/");
    await tabTo(page, /Naar de inhoud/);
    await tabTo(page, /Toegangscode/);
    await page.keyboard.type(accessToken);
    await page.keyboard.press("Enter");
    await page.locator(".sheet").waitFor();
    await tabTo(page, /Excel/);
    await page.keyboard.press("ArrowRight");
    await tabTo(page, /alle jaren/);
    await tabTo(page, /Afgewezen/);
    await page.keyboard.press("Space");
    await tabTo(page, /Maak de spreadsheet/);
    const file = await downloadBy(page, () => page.keyboard.press("Enter"));
    const [, ...rows] = file.toString().trim().split("\r\n");
    expect(new Set(rows.map((row) => row.split(";")[6]))).toEqual(
      new Set(["open", "geaccepteerd", "verlopen"]),
    );
    await page.locator(".ready").waitFor();
    expect(await page.locator(":focus").textContent()).toBe("Je spreadsheet is klaar");
    await downloadBy(page, async () => {
      await tabTo(page, /Downloaden/);
      await page.keyboard.press("Enter");
    });
    await tabTo(page, /Nog een spreadsheet/);
    await page.keyboard.press("Enter");
    await page.locator(".sheet").waitFor();
  });
});
