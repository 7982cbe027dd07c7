import { describe, expect, it } from "vitest";
import { captureDownload, expectVisible, openTab, signIn, tabTo } from "../support/browser.ts";
import { openDemoStack } from "../support/page-walk.ts";
import { accessToken } from "../support/test-stack.ts";
import { columnNumber } from "../support/workbook-reader.ts";

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
