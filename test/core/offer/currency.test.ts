import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foldCurrency } from "../../../functions/core/offer/offer.ts";

describe("foldCurrency", () => {
  it.each([
    "EUR",
    "eur",
    "Eur",
    " EUR ",
    "EUR\n",
    "EUR\r\n",
    "\tEUR",
    "E U R",
    "EUR\u00a0",
    "\ufeffEUR",
    "EU\u200bR",
    "ＥＵＲ",
    "EUR\u0000",
    "EUR\u202e",
  ])("takes %j for EUR", (text) => {
    expect(foldCurrency(text)).toBe("EUR");
  });

  it.each([null, "", " ", "\u200b", "\r\n"])("returns null for %j", (text) => {
    expect(foldCurrency(text)).toBeNull();
  });

  it.each(["USD", "€", "EURO", "EUR0"])("keeps %s apart from EUR", (text) => {
    expect(foldCurrency(text)).not.toBe("EUR");
  });

  it("gives two texts the same name only if they have the same letters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const folded = foldCurrency(text);
        expect(foldCurrency(`\n ${text}\u200b `)).toBe(folded);
        expect(folded).not.toBe("");
      }),
    );
  });
});
