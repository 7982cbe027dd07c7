import { describe, expect, it } from "vitest";
import { formatMoney, locales } from "../../../functions/core/language/locales.ts";

function write(value: string, currency: string | null = "EUR", decimals: 0 | 2 = 2): string[] {
  return [locales.nl, locales.en].map((locale) =>
    formatMoney({ value, currency }, locale, { decimals }).replaceAll("\u00a0", " "),
  );
}

describe("formatMoney", () => {
  it("writes money as the language does, to the cent", () => {
    expect(write("34500.5")).toEqual(["€ 34.500,50", "€34,500.50"]);
    expect(write("-34500.5", "USD")).toEqual(["US$ -34.500,50", "-US$34,500.50"]);
    expect(write("0.125")).toEqual(["€ 0,13", "€0.13"]);
    expect(write("500", "JPY")).toEqual(["JP¥ 500,00", "JP¥500.00"]);
  });

  it("rounds the exact decimal, which no float can hold", () => {
    expect(write("123456789012345678.235")).toEqual([
      "€ 123.456.789.012.345.678,24",
      "€123,456,789,012,345,678.24",
    ]);
  });

  it("writes whole units when cents are unwanted", () => {
    expect(write("34500.50", "EUR", 0)).toEqual(["€ 34.501", "€34,501"]);
  });

  it("shows an unknown currency, shortened and without unsafe characters", () => {
    expect(write("5", "XXX")).toEqual(["5,00 zonder valuta", "5.00 no currency"]);
    expect(write("5", "euro\r\n\u202e")).toEqual(["5,00 euro", "5.00 euro"]);
    expect(write("5", "evil.example/")).toEqual(["5,00 evil.\u200cexam…", "5.00 evil.\u200cexam…"]);
    expect(write("5", null)).toEqual(["5,00", "5.00"]);
  });

  it("shortens a number that is too long for a line", () => {
    expect(write(`1${"0".repeat(999)}`)).toEqual(["1.00e+999 EUR", "1.00e+999 EUR"]);
    expect(write(`${"9".repeat(99)}…`)).toEqual([`${"9".repeat(23)}… EUR`, `${"9".repeat(23)}… EUR`]);
  });
});
