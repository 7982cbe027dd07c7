import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { makeDemo } from "../../local/portal/demo-data.ts";
import { captureDownload, openTab, expectVisible, signIn } from "../support/browser.ts";
import { renderSheet } from "../support/sheet-html.ts";
import { composeDemoMail, openMailTab } from "../support/mail-tab.ts";
import { openTestPortal } from "../support/test-portal.ts";
import { openTestStack } from "../support/test-stack.ts";

/** The folder for the pictures. Only `npm run pictures` replaces the README's pictures, which are in docs/. */
const folder = process.env["npm_lifecycle_event"] === "pictures" ? "docs" : ".local/pictures";

const day = "2025-11-21";

/** Takes a picture of the page. Returns the picture's size in bytes. */
async function takePicture(page: Page, name: string, fullPage = false): Promise<number> {
  await mkdir(folder, { recursive: true });
  const picture = await page.screenshot({ path: join(folder, name), animations: "disabled", fullPage });
  return picture.length;
}

it("takes the README's pictures of the page and its spreadsheet", async () => {
  const stack = await openTestStack(await openTestPortal(makeDemo({ today: day })));
  const page = await openTab(stack, { viewport: { width: 1000, height: 1245 } });
  await page.goto(`/export?asOf=${day}`);
  const workbook = await captureDownload(page, () => signIn(page));
  await expectVisible(page.getByRole("img", { name: "Staafdiagram" }));
  expect(await takePicture(page, "page.png")).toBeGreaterThan(20_000);

  const sheet = await openTab(stack, { viewport: { width: 1840, height: 550 } });
  await sheet.setContent(await renderSheet(workbook, "Offertes"));
  await expectVisible(sheet.getByRole("cell", { name: "geaccepteerd" }).first());
  expect(await takePicture(sheet, "spreadsheet.png")).toBeGreaterThan(20_000);
});

it("takes the README's picture of the mail", async () => {
  const page = await openMailTab(await composeDemoMail(), { viewport: { width: 680, height: 800 } });
  expect(await takePicture(page, "mail.png", true)).toBeGreaterThan(20_000);
});
