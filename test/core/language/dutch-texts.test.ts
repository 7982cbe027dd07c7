import { describe, expect, it } from "vitest";
import { dutchLocale } from "../../../functions/core/language/report-dutch.ts";
import { dutchWords } from "../../../functions/web/words/page-dutch.ts";

/** Lists all texts of an object. A function counts as its source, which contains its texts. */
function listTexts(value: unknown): string[] {
  if (typeof value === "string" || typeof value === "function") return [String(value)];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(listTexts) : [];
}

describe.each([
  ["a report", dutchLocale],
  ["the page", dutchWords],
])("the Dutch texts of %s", (_, words) => {
  it("use Dutch words where there are some", () => {
    const texts = listTexts(words);
    expect(texts.length).toBeGreaterThan(100);
    const english = /\b(portal|scope|snapshot|request|report|crawl|refresh|vragen per minuut)\b/i;
    expect(texts.filter((text) => english.test(text))).toEqual([]);
  });
});
