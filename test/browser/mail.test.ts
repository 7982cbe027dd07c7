import { describe, expect, it } from "vitest";
import type { Mail } from "../../functions/core/mail/compose-mail.ts";
import { sanitizeText } from "../../functions/core/basics/safe-text.ts";
import { findAccessibilityViolations } from "../support/browser.ts";
import { composeMailOf } from "../support/mail-fixtures.ts";
import { composeDemoMail, openMailTab } from "../support/mail-tab.ts";
import { rawOffer } from "../support/offer-fixtures.ts";

const widths = [640, 375, 320];
const nasty = `</td></tr></table><script>document.title = "x"</script><b>'"&lt;${"W".repeat(80)}`;

/** Composes a mail with hostile and very long names and currencies. */
function writeHostileMail(): Mail {
  const expiresAt = "2026-07-02";
  const offers = ["EUR", "USD", "<i>", "WWWWWWWWWWWWWW", "GBP", "CHF", "SEK"].map((currency) =>
    rawOffer({ expiresAt, currency, offerNumber: nasty, customerId: nasty, amount: "99999999.99" }),
  );
  return composeMailOf(offers, "2026-06-30", { result: { remarks: [nasty], completeness: "uncertain" } });
}

describe("the mail", () => {
  it.each([
    ["a demo month", composeDemoMail],
    ["offers that are up to no good", async () => writeHostileMail()],
  ])("with %s fits screens of any width, in light and dark, and is accessible", async (_, make) => {
    const letter = await make();
    for (const width of widths)
      for (const colorScheme of ["light", "dark"] as const) {
        const page = await openMailTab(letter, { viewport: { width, height: 800 }, colorScheme });
        expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
        expect(await findAccessibilityViolations(page)).toEqual([]);
      }
  });

  it("keeps an amount in one line on a phone, however long the customer's name is", async () => {
    const customerId = "Koninklijke Nederlandsche Maatschappij tot Nut";
    const offer = rawOffer({ expiresAt: "2026-07-02", customerId, amount: "1250000.00" });
    const page = await openMailTab(composeMailOf([offer], "2026-06-30"), {
      viewport: { width: 375, height: 800 },
    });
    const box = await page.locator("td", { hasText: "1.250.000,00" }).last().boundingBox();
    // The amount stands in one line only if the cell is wider than 100 pixels.
    expect(box?.width).toBeGreaterThan(100);
  });

  it("shows a stranger's markup as text in a browser", async () => {
    const page = await openMailTab(writeHostileMail(), { viewport: { width: 640, height: 800 } });
    expect(await page.title()).toBe("Alle offertes per 30 juni 2026");
    expect(await page.locator("script, b, i").count()).toBe(0);
    expect(await page.locator("li").allInnerTexts()).toEqual([sanitizeText(nasty, 160)]);
    const cells = await page.locator("th[scope=row]").allInnerTexts();
    const offer = [sanitizeText(nasty, 40), sanitizeText(nasty, 24)].join("\n");
    expect(cells.filter((text) => text === offer)).toHaveLength(7);
  });
});
