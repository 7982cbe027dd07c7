import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import {
  captureDownload,
  expectVisible,
  findAccessibilityViolations,
  openTab,
  signIn,
} from "../support/browser.ts";
import { rawOffer } from "../support/offer-fixtures.ts";
import { openTestPortal } from "../support/test-portal.ts";
import { openTestStack } from "../support/test-stack.ts";

const decided = { acceptedAt: "2025-11-20T10:00:00+01:00" };

/**
 * Makes offers of 2019 and one without a date, of which two are accepted and two are rejected, and other offers of 2025.
 */
function makeOffers(): Record<string, unknown>[] {
  const changes = [
    { issuedAt: "2019-05-02", ...decided },
    { issuedAt: null, ...decided },
    { issuedAt: "2019-06-02", rejectedAt: "2019-07-02T10:00:00+02:00" },
    { issuedAt: "2019-06-03", rejectedAt: "2019-07-02T10:00:00+02:00" },
    { issuedAt: "2025-11-01", expiresAt: "2025-12-24" },
    { issuedAt: "2025-11-02", expiresAt: "2025-12-24" },
    { issuedAt: "2025-01-02", expiresAt: "2025-12-22", currency: "USD" },
    { issuedAt: "2025-10-02", ...decided, currency: "USD" },
  ];
  return changes.map((change, index) =>
    rawOffer({ id: `off_${index}`, offerNumber: String(index), ...change }),
  );
}

/** Opens the report with these options, and returns the texts of its result. */
async function openReport(page: Page, query: string): Promise<string> {
  await page.goto(`/export?${query}`);
  await expectVisible(page.locator(".ready"));
  return (await page.locator("main").innerText()).replaceAll(/\s+/g, " ");
}

it("says of each selection what is true of it, gets the newest data, and deletes what was made", async () => {
  const portal = await openTestPortal({ offers: makeOffers() });
  const page = await openTab(await openTestStack(portal));
  await page.goto("/");
  await signIn(page);
  await expectVisible(page.locator(".sheet"));

  const whole = await openReport(page, "asOf=2025-11-29");
  expect(whole).not.toContain("selectie:");
  expect(whole).toContain("Conversie 60% op aantal");
  expect(whole).toContain("De twaalf maanden tot en met november 2025");
  const drawing = page.getByRole("img", { name: /^Staafdiagram: 4 offertes in twaalf maanden/ });
  expect(await drawing.getAttribute("aria-label")).toMatch(/het hoogste aantal, 2, in november 2025\.$/);

  const year = await openReport(page, "asOf=2025-11-29&period=2019");
  expect(year).toContain("In deze selectie: 4 offertes");
  expect(year).toContain("Conversie 2 van de 4 geaccepteerd; te weinig voor een percentage");
  expect(year).toContain("In het bestand staat 1 offerte zonder leesbare datum");
  expect(year).toContain("Van januari 2019 tot en met december 2019");
  await expectVisible(page.getByRole("img", { name: /^Staafdiagram: 3 offertes in twaalf maanden/ }));
  expect(year).not.toContain("%");

  await openReport(page, "asOf=2025-11-29&period=this-year&status=open,accepted");
  await expectVisible(page.getByRole("heading", { name: "Van januari 2025 tot en met november 2025" }));
  expect(await page.locator(".legend li").allTextContents()).toEqual(["Geaccepteerd", "Open"]);
  await page.getByText("Als tabel").click();
  expect(await page.locator(".as-table thead th").allInnerTexts()).toEqual([
    "Maand",
    "Open",
    "Geaccepteerd",
    "Totaal",
  ]);
  expect(await page.locator(".as-table tbody tr").count()).toBe(11);

  await page.setViewportSize({ width: 320, height: 800 });
  await expectVisible(page.getByText("Schuif de tabel opzij voor de rest."));
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByText("Schuif de tabel opzij voor de rest.").waitFor({ state: "hidden" });

  const nothing = await openReport(page, "asOf=2025-11-29&period=2018&status=rejected");
  expect(nothing).toMatch(/^Geen enkele offerte past bij deze keuze Excel · 2018 · alleen afgewezen/);
  expect(nothing).not.toContain("klaar");
  expect(await page.locator(".ready").getByRole("button", { name: "Downloaden" }).isVisible()).toBe(true);
  const background = "getComputedStyle(document.querySelector('a.primary')).backgroundColor";
  expect(await page.evaluate(background)).toBe("rgb(18, 92, 82)");
  const undated = await openReport(page, "asOf=2025-11-29&period=2018&status=accepted");
  expect(undated).toMatch(
    /^Geen enkele offerte heeft een datum in deze periode .*In het bestand staat 1 offerte/,
  );
  expect(undated).not.toContain("2018 tot en met");
  await page.goBack();
  await page.getByRole("link", { name: "Keuzes aanpassen" }).click();
  await expectVisible(page.locator(".sheet .sentence").getByText("Excel · 2018 · alleen afgewezen"));
  expect(new URL(page.url()).search).toBe("?period=2018&status=rejected&asOf=2025-11-29&language=nl");

  const accepted = await openReport(page, "asOf=2025-11-29&status=accepted&language=en");
  expect(accepted).toContain("Conversie wordt alleen berekend over een selectie met alle geaccepteerde");
  expect(accepted).not.toMatch(/Conversie \d/);
  expect(accepted).toContain("In de taal van het bestand: Engels.");

  const past = await openReport(page, "asOf=2025-12-20&period=2025");
  expect(past).toMatch(/In deze selectie: 3 offertes, samen € 26 \+ US\$ 13, verlopen binnen 7 dagen\./);
  expect(past).toContain("Gerekend vanaf de peildatum, 20 dec 2025.");

  await expectVisible(page.locator(".ready").getByText(/^Opgehaald op \d+ \w+\.? \d{4}/));
  const [address, requests] = [page.url(), portal.requests.length];
  await captureDownload(page, () => page.getByRole("button", { name: "Opnieuw ophalen" }).click());
  await expectVisible(page.locator(".ready"));
  expect(page.url()).not.toBe(address);
  expect(portal.requests.length).toBeGreaterThan(requests);

  await page.getByRole("link", { name: "Nog een spreadsheet" }).click();
  const items = page.locator(".recent li");
  await page.getByRole("button", { name: "Toon alle 8" }).click();
  const remove = items.filter({ hasText: "Engels" }).getByRole("button", { name: "Verwijderen" });
  const path = await items.filter({ hasText: "Engels" }).getByRole("link").getAttribute("href");
  await remove.click();
  await page.keyboard.press("Escape");
  expect(await items.count()).toBe(8);
  await remove.click();
  expect(await findAccessibilityViolations(page)).toEqual([]);
  await page.getByRole("dialog").getByRole("button", { name: "Verwijderen" }).click();
  await remove.waitFor({ state: "detached" });
  expect(await page.getByRole("status").textContent()).toBe("De export is verwijderd.");
  expect(await page.locator(":focus").textContent()).toBe("Eerder gemaakt");
  await page.reload();
  await expectVisible(items.first());
  await expectVisible(page.getByRole("button", { name: "Toon alle 7" }));
  await page.goto(path ?? "");
  await expectVisible(page.getByRole("heading", { name: "Dit bestand is er niet meer" }));
  expect(await page.getByText("Dit bestand is verwijderd, door jou of").isVisible()).toBe(true);
});
