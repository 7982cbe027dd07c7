import { describe, expect, it } from "vitest";
import { parseDay } from "../../functions/core/basics/calendar.ts";
import { parseOptions } from "../../functions/core/options/export-request.ts";
import { describeExport, describeRequest } from "../../functions/web/components/request-summary.ts";
import { createPageLocale } from "../../functions/web/words/page-format.ts";

const dutch = createPageLocale("nl");
const english = createPageLocale("en");

describe("a period that is counted from a day", () => {
  it.each([
    ["this-month", "deze maand (januari 2026)", "this month (January 2026)"],
    ["last-month", "vorige maand (december 2025)", "last month (December 2025)"],
    ["last-quarter", "vorig kwartaal (oktober t/m december 2025)", "last quarter (October to December 2025)"],
    ["this-year", "dit jaar (2026)", "this year (2026)"],
  ])("is described with its months: %s", (period, inDutch, inEnglish) => {
    expect(describeRequest({ period }, dutch, "2026-01-31")).toContain(` · ${inDutch} · `);
    expect(describeRequest({ period }, english, "2026-01-31")).toContain(` · ${inEnglish} · `);
  });

  it("is counted from the day of the report, not from today, in the description of an export", () => {
    const { options } = parseOptions(
      { period: "last-month", asOf: "2026-03-02" },
      parseDay("2026-09-01") ?? 0,
    );
    for (const createdAt of ["2026-03-02T12:00:00.000Z", "2026-09-01T12:00:00.000Z"])
      expect(describeExport({ options, createdAt }, dutch)).toContain("vorige maand (februari 2026)");
  });

  it("has no months in the description of a link that moves along with the days", () => {
    expect(describeRequest({ period: "last-month" }, dutch)).toContain(" · vorige maand · ");
    expect(describeRequest({ period: "last-month", asOf: "2026-03-02" }, dutch)).toContain(
      "vorige maand (februari 2026)",
    );
  });

  it("has no months as long as the day is not valid", () => {
    expect(describeRequest({ period: "last-month" }, dutch, "")).toContain(" · vorige maand · ");
  });
});
