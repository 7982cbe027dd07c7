import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { makeDemo } from "../../local/portal/data.ts";
import { openTab, see, signIn } from "../support/browser.ts";
import { makeDemoLetter, openLetter } from "../support/mail.ts";
import { openTestPortal } from "../support/portal.ts";
import { openTestStack } from "../support/stack.ts";

/** The README's, when it is to be taken anew. */
const folder = process.env["npm_lifecycle_event"] === "pictures" ? "docs" : ".local/pictures";

const day = "2025-11-21";

/** Gives its size in bytes. */
async function takePicture(page: Page, name: string, fullPage = false): Promise<number> {
  await mkdir(folder, { recursive: true });
  const picture = await page.screenshot({ path: join(folder, name), animations: "disabled", fullPage });
  return picture.length;
}

it("the page looks as in the README's picture, which this takes", async () => {
  const { offers } = makeDemo({ today: day });
  const stack = await openTestStack(await openTestPortal({ offers }));
  const page = await openTab(stack, { viewport: { width: 1000, height: 1245 } });
  await page.goto(`/export?asOf=${day}`);
  await signIn(page);
  await see(page.getByRole("img", { name: "Staafdiagram" }));
  expect(await takePicture(page, "page.png")).toBeGreaterThan(20_000);
});

it("the mail looks as in the README's picture, which this takes", async () => {
  const page = await openLetter(await makeDemoLetter(), { viewport: { width: 680, height: 800 } });
  expect(await takePicture(page, "mail.png", true)).toBeGreaterThan(20_000);
});
