import type { Page } from "playwright-core";
import { describe, expect, it, onTestFinished } from "vitest";
import { captureDownload, openTab, expectVisible, signIn } from "../support/browser.ts";
import { rawOffers } from "../support/offer-fixtures.ts";
import { openTestPortal } from "../support/test-portal.ts";
import { changeShare, makeShare } from "../support/share-requests.ts";
import { openTestStack } from "../support/test-stack.ts";

const openStack = async () => await openTestStack(await openTestPortal({ offers: rawOffers(3) }));

/** Opens a tab, and makes a permanent link to a CSV file there. */
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
  await expectVisible(section.getByText("Geef de link een naam"));
  await section.getByLabel("Naam").fill("Voor de boekhouder");
  expect(await section.getByText("Geef de link een naam").count()).toBe(0);
  await section.getByLabel("Geldig").selectOption("een maand");
  await section.getByRole("button", { name: "Maak een vaste link" }).click();
  const field = section.getByLabel("Je vaste link");
  await expectVisible(field);
  return { stack, page, section, url: await field.inputValue() };
}

/** Visits the URL and ignores the error of `goto`, because Playwright treats a download as a failed navigation. */
const visit = (page: Page, url: string) => page.goto(url).catch(() => null);

describe("a permanent link", () => {
  it("is made for the form's options, shown once to copy, and gives the file without a token", async () => {
    const { stack, page, section, url } = await openWithLink();
    expect(url).toMatch(/\/s\/[\w-]{43}$/);
    await section.getByRole("button", { name: "Kopiëren" }).click();
    await expectVisible(section.getByRole("button", { name: "Gekopieerd" }));
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe(url);
    await section.getByText("In Google Sheets").click();
    expect(await section.getByText("=IMPORTDATA").isVisible()).toBe(true);

    const other = await openTab(stack);
    const file = await captureDownload(other, () => visit(other, url));
    expect(file.toString()).toContain("Offertenummer;");

    await page.reload();
    await page.getByText("Vaste link", { exact: true }).first().click();
    await expectVisible(section.getByText("Voor de boekhouder"));
    expect(await page.content()).not.toContain(url.slice(-43));
  });

  it("stops working as soon as it is revoked, which asks for confirmation", async () => {
    const { stack, page, section, url } = await openWithLink();
    const revoke = section.getByRole("button", { name: "Intrekken: Voor de boekhouder" });
    await revoke.click();
    await expectVisible(page.getByRole("dialog"));
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await revoke.click();
    await page.getByRole("dialog").getByRole("button", { name: "Intrekken" }).click();
    await revoke.waitFor({ state: "detached" });
    const text = "De link “Voor de boekhouder” is ingetrokken en werkt niet meer.";
    await expectVisible(section.getByText(text));
    expect(await page.getByRole("status").textContent()).toBe(text);
    expect(await section.getByText("Kopieer hem nu").count()).toBe(0);
    expect(await page.content()).not.toContain(url.slice(-43));

    const other = await openTab(stack, { statuses: [404] });
    await other.goto(url);
    await expectVisible(other.getByRole("heading", { name: "Deze link werkt niet" }));
  });

  it("that has expired says so, and links to the form for a new one", async () => {
    const stack = await openStack();
    const { id, url } = await makeShare(stack);
    await changeShare(stack, id, { expiresAt: new Date(Date.now() - 1_000).toISOString() });
    const page = await openTab(stack, { statuses: [410], locale: "en-GB" });
    await page.goto(url);
    await expectVisible(page.getByRole("heading", { name: "This link has expired" }));
    await page.getByRole("link", { name: "To the start page" }).click();
    await signIn(page);
    await expectVisible(page.getByRole("heading", { name: "Permanent link" }));
  });

  it("shows the progress until the file is ready, without asking for a token", async () => {
    const hold = Promise.withResolvers<boolean>();
    onTestFinished(() => hold.resolve(false));
    const portal = await openTestPortal({ offers: rawOffers(3), intercept: () => hold.promise });
    const stack = await openTestStack(portal);
    const { url } = await makeShare(stack, { format: "csv" });
    const page = await openTab(stack);
    await page.goto(url);
    await expectVisible(page.getByRole("heading", { name: "Het nieuwste bestand wordt opgehaald" }));
    expect(await page.getByRole("button", { name: "Annuleren" }).count()).toBe(0);
    const file = await captureDownload(page, async () => hold.resolve(false));
    expect(file.toString().split("\r\n")).toHaveLength(5);
    await expectVisible(page.getByRole("heading", { name: "Je spreadsheet is klaar" }));
    await page.getByRole("button", { name: "English" }).click();
    await expectVisible(page.getByRole("heading", { name: "Your spreadsheet is ready" }));
    expect(await page.locator(".begun").count()).toBe(0);
    await captureDownload(page, () => page.getByRole("link", { name: "Download" }).click());
  });

  it("with wrong options shows each error at its field", async () => {
    const page = await openTab(await openStack(), { statuses: [400] });
    await page.goto("/");
    await signIn(page);
    await page.getByRole("radio", { name: "van … tot en met …" }).check();
    await page.getByText("Vaste link", { exact: true }).first().click();
    await page.locator(".shares").getByLabel("Naam").fill("Voor de boekhouder");
    await page.getByRole("button", { name: "Maak een vaste link" }).click();
    await expectVisible(page.getByText("Vul een begindatum of een einddatum in."));
    expect(await page.locator(":focus").getAttribute("name")).toBe("issuedFrom");
  });
});
