import type { Page } from "playwright-core";
import { describe, expect, it, onTestFinished } from "vitest";
import { downloadBy, openTab, signIn } from "../support/browser.ts";
import { rawOffers } from "../support/offer.ts";
import { openTestPortal } from "../support/portal.ts";
import { changeShare, makeShare } from "../support/share.ts";
import { openTestStack } from "../support/stack.ts";

const openStack = async () => await openTestStack(await openTestPortal({ offers: rawOffers(3) }));

/** A tab in which a permanent link for CSV has just been made. */
async function openWithLink() {
  const stack = await openStack();
  const page = await openTab(stack, { permissions: ["clipboard-read", "clipboard-write"], statuses: [400] });
  await page.goto("/");
  await signIn(page);
  await page.getByRole("radio", { name: "CSV" }).check();
  await page.getByText("Vaste link", { exact: true }).first().click();
  const section = page.locator(".shares");
  expect(await section.getByText("CSV voor Excel · alle jaren").isVisible()).toBe(true);
  await section.getByRole("button", { name: "Maak een vaste link" }).click();
  await section.getByText("Geef de link een naam").waitFor();
  await section.getByLabel("Naam").fill("Voor de boekhouder");
  await section.getByLabel("Geldig").selectOption("een maand");
  await section.getByRole("button", { name: "Maak een vaste link" }).click();
  const field = section.getByLabel("Je vaste link");
  await field.waitFor();
  return { stack, page, section, url: await field.inputValue() };
}

/** Somebody else, who has the link and no token. */
async function visit(page: Page, url: string): Promise<void> {
  // A file instead of a page ends the navigation.
  await page
    .goto(url)
    .catch((error: unknown) => expect(String(error)).toMatch(/Download is starting|ERR_ABORTED/));
}

describe("a permanent link", () => {
  it("is made for the present choices, shown once to copy, and gives the file to whoever has it", async () => {
    const { stack, page, section, url } = await openWithLink();
    expect(url).toMatch(/\/s\/[\w-]{43}$/);
    await section.getByRole("button", { name: "Kopiëren" }).click();
    await section.getByRole("button", { name: "Gekopieerd" }).waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe(url);
    await section.getByText("In Google Sheets").click();
    expect(await section.getByText("=IMPORTDATA").isVisible()).toBe(true);

    const other = await openTab(stack);
    const file = await downloadBy(other, () => visit(other, url));
    expect(file.toString()).toContain("Offertenummer;");

    await page.reload();
    await page.getByText("Vaste link", { exact: true }).first().click();
    await section.getByText("Voor de boekhouder").waitFor();
    expect(await page.content()).not.toContain(url.slice(-43));
  });

  it("stops working as soon as it is revoked, after asking", async () => {
    const { stack, page, section, url } = await openWithLink();
    const revoke = section.getByRole("button", { name: "Intrekken: Voor de boekhouder" });
    await revoke.click();
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await revoke.click();
    await page.getByRole("dialog").getByRole("button", { name: "Intrekken" }).click();
    await revoke.waitFor({ state: "detached" });

    const other = await openTab(stack, { statuses: [404] });
    await other.goto(url);
    await other.getByRole("heading", { name: "Deze link werkt niet" }).waitFor();
  });

  it("that has expired says so", async () => {
    const stack = await openStack();
    const { id, url } = await makeShare(stack);
    await changeShare(stack, id, { expiresAt: new Date(Date.now() - 1_000).toISOString() });
    const page = await openTab(stack, { statuses: [410], locale: "en-GB" });
    await page.goto(url);
    await page.getByRole("heading", { name: "This link has expired" }).waitFor();
  });

  it("shows how far the file is as long as it is not there, without asking for a token", async () => {
    const hold = Promise.withResolvers<boolean>();
    onTestFinished(() => hold.resolve(false));
    const portal = await openTestPortal({ offers: rawOffers(3), intercept: () => hold.promise });
    const stack = await openTestStack(portal);
    const { url } = await makeShare(stack, { format: "csv" });
    const page = await openTab(stack);
    await page.goto(url);
    await page.getByRole("heading", { name: "Het nieuwste bestand wordt opgehaald" }).waitFor();
    expect(await page.getByRole("button", { name: "Annuleren" }).count()).toBe(0);
    const file = await downloadBy(page, async () => hold.resolve(false));
    expect(file.toString().split("\r\n")).toHaveLength(5);
    await page.getByRole("heading", { name: "Je spreadsheet is klaar" }).waitFor();
    await downloadBy(page, () => page.getByRole("link", { name: "Downloaden" }).click());
  });
});
