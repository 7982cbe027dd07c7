import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { captureDownload, expectVisible, openTab, signIn, tabTo } from "../support/browser.ts";
import { rawOffers } from "../support/offer-fixtures.ts";
import { openTestPortal } from "../support/test-portal.ts";
import { openTestStack } from "../support/test-stack.ts";

const openStack = async () => await openTestStack(await openTestPortal({ offers: rawOffers(3) }));
const readHeadings = (file: Buffer) => file.toString().replace("\ufeff", "").split("\r\n")[0];
const readSentence = (page: Page) => page.locator(".sheet .sentence").textContent();
const readFocus = (page: Page) => page.locator(":focus").getAttribute("aria-label");

/** Opens the form, and chooses a CSV file and an own choice of columns that begins with the short set. */
async function chooseByKeyboard(page: Page): Promise<void> {
  await page.goto("/");
  await signIn(page);
  await tabTo(page, /radio "Excel/);
  await page.keyboard.press("ArrowRight");
  expect(await readSentence(page)).not.toContain("kolom");
  await tabTo(page, /Meer keuzes/);
  await page.keyboard.press("Enter");
  await tabTo(page, /radio "alle"/);
  await page.keyboard.press("ArrowRight");
  expect(await readSentence(page)).toMatch(/ · 8 kolommen$/);
  await page.keyboard.press("ArrowRight");
}

it("chooses and orders the columns of a file by keyboard, on a narrow screen, and keeps the choice", async () => {
  const page = await openTab(await openStack(), { viewport: { width: 320, height: 800 } });
  await chooseByKeyboard(page);
  expect(await page.locator(".columns li:visible").count()).toBe(18);
  expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(320);

  const announced = page.getByRole("status");
  await tabTo(page, /checkbox "Klant"/);
  await page.keyboard.press("Space");
  await tabTo(page, /Bedrag: omhoog/);
  for (const place of [3, 2, 1, 1]) {
    await page.keyboard.press("Enter");
    expect(await announced.textContent()).toBe(`Bedrag staat op plaats ${place} van 18.`);
    expect(await readFocus(page)).toBe("Bedrag: omhoog");
  }
  await tabTo(page, /Offertenummer: omlaag/);
  await page.keyboard.press("Space");
  expect(await announced.textContent()).toBe("Offertenummer staat op plaats 3 van 18.");
  expect(await readFocus(page)).toBe("Offertenummer: omlaag");
  const bookmark = page.url();
  await tabTo(page, /Maak de spreadsheet/);
  const file = await captureDownload(page, () => page.keyboard.press("Enter"));
  expect(readHeadings(file)).toBe("Bedrag;Offertenummer;Offertedatum;Valuta;Status;Geldig t/m;Besloten op");

  await expectVisible(page.locator(".ready").getByText(/ · 7 kolommen$/));
  await tabTo(page, /Nog een spreadsheet/);
  await page.keyboard.press("Enter");
  await expectVisible(page.locator(".sheet"));
  expect(await page.locator("[name=column]:checked").first().getAttribute("value")).toBe("amount");
  expect(await readSentence(page)).toMatch(/ · 7 kolommen$/);
  await page.goto(bookmark);
  await expectVisible(page.locator(".sheet .sentence").getByText(/^CSV voor Excel .* · 7 kolommen$/));
  expect(await page.locator("[name=column]:checked").first().getAttribute("value")).toBe("amount");
});

it("offers the columns of the evidence with the evidence only, and asks for at least one column", async () => {
  const page = await openTab(await openStack(), { statuses: [400] });
  await page.goto("/");
  await signIn(page);
  await page.getByText("Meer keuzes").click();
  await page.getByRole("radio", { name: "eigen keuze" }).check();
  const evidence = page.getByRole("checkbox", { name: "Geaccepteerd via IP-adres" });
  expect(await evidence.count()).toBe(0);
  await page.getByRole("checkbox", { name: "Bewijs van acceptatie" }).check();
  expect(await evidence.isChecked()).toBe(true);
  expect(await readSentence(page)).not.toContain("kolom");
  for (const box of await page.locator(".columns input").all()) await box.uncheck();
  expect(await readSentence(page)).toContain("geen kolommen");
  await page.getByText("Meer keuzes").click();
  await page.getByRole("button", { name: "Maak de spreadsheet" }).click();
  await expectVisible(page.getByText("Kies ten minste één kolom."));
});

it("puts the columns of the evidence behind the chosen ones, wherever other columns were moved", async () => {
  const page = await openTab(await openStack());
  await page.goto("/?columns=signed,remarks");
  await signIn(page);
  const up = page.getByRole("button", { name: "Bedrag: omhoog" });
  await page.getByRole("checkbox", { name: "Bedrag" }).check();
  for (let step = 0; step < 20; step += 1) await up.click();
  await page.getByRole("checkbox", { name: "Bewijs van acceptatie" }).check();
  const listChosen = '[...document.querySelectorAll("[name=column]:checked")].map(({ value }) => value)';
  expect(await page.evaluate(listChosen)).toEqual([
    "amount",
    "signed",
    "remarks",
    "acceptedViaIp",
    "acceptedViaUserAgent",
  ]);
});

it("takes columns from an address, and gives them to a permanent link", async () => {
  const page = await openTab(await openStack());
  await page.goto("/export?format=csv&columns=status,offerNumber&redirect=true");
  const file = await captureDownload(page, () => signIn(page));
  expect(readHeadings(file)).toBe("Status;Offertenummer");
  await expectVisible(page.locator(".ready").getByText(/ · 2 kolommen$/));
  await page.locator(".shares > summary").click();
  await page.locator("[name=name]").fill("Boekhouder");
  await page.locator(".shares [type=submit]").click();
  await expectVisible(page.locator(".share-list").getByText(/ · 2 kolommen$/));
  const url = await page.locator("#made-link").inputValue();
  const shared = await captureDownload(page, () => page.goto(url).catch(() => null));
  expect(readHeadings(shared)).toBe("Status;Offertenummer");
});
