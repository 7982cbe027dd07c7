import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDay, parseDay } from "../../functions/core/basics/calendar.ts";
import { byStatus } from "../../functions/core/figures/figures.ts";
import { resolveRange } from "../../functions/core/options/export-options.ts";
import { parseOptions } from "../../functions/core/options/export-request.ts";
import { findPeriodMonths } from "../../functions/web/components/period-months.ts";
import { chooseMonths, type ReportMonth } from "../../functions/web/components/report-months.ts";

const makeOptions = (given: object) => parseOptions(given, parseDay("2026-11-22") ?? 0).options;

/** The figures of 24 months to November 2026. `issued` are the months with an offer. */
function makeFigures(...issued: string[]): { months: ReportMonth[] } {
  const counted = (month: string) => ({ offers: issued.includes(month) ? 1 : 0, value: "0" });
  const names = Array.from({ length: 24 }, (_, index) =>
    new Date(Date.UTC(2024, 11 + index)).toISOString().slice(0, 7),
  );
  return {
    months: [...names, "earlier", "later", "unknown"].map((month) => ({
      month,
      statuses: byStatus((status) => (status === "open" ? counted(month) : { offers: 0, value: "0" })),
    })),
  };
}

const choose = (given: object, ...issued: string[]) => {
  const chosen = chooseMonths(makeFigures(...issued), makeOptions(given));
  if (chosen === null || chosen.type === "old") return chosen;
  return { ...chosen, months: [chosen.months.at(0)?.month, chosen.months.at(-1)?.month] };
};

const day = fc.integer({ min: 0, max: 40_000 }).map(formatDay);
const year = fc.integer({ min: 0, max: 9999 }).map((number) => String(number).padStart(4, "0"));
const month = fc.integer({ min: 1, max: 12 }).map((number) => String(number).padStart(2, "0"));
const period = fc.oneof(
  fc.constantFrom("this-month", "last-month", "last-quarter", "this-year"),
  year,
  fc.tuple(year, month).map((parts) => parts.join("-")),
);

it("a period has the months that the report has, on any day", () => {
  fc.assert(
    fc.property(period, day, (name, asOf) => {
      const options = { ...makeOptions({}), period: name, asOf };
      const { from, to } = resolveRange(options);
      const months = { first: formatDay(from ?? 0).slice(0, 7), last: formatDay(to ?? 0).slice(0, 7) };
      expect(findPeriodMonths(name, asOf)).toEqual(months);
    }),
  );
});

describe("the months of a result", () => {
  it("are the last twelve of a report of all years", () => {
    expect(choose({}, "2025-01")).toEqual({ type: "last", months: ["2025-12", "2026-11"], older: 0 });
  });

  it("are those of the period, as far as they have begun", () => {
    expect(choose({ period: "this-year" }, "2026-02")).toMatchObject({ months: ["2026-01", "2026-11"] });
    expect(choose({ period: "2025" }, "2025-02")).toMatchObject({ months: ["2025-01", "2025-12"], older: 0 });
    expect(choose({ issuedFrom: "2026-03-31", issuedTo: "2026-05-01" }, "2026-04")).toMatchObject({
      months: ["2026-03", "2026-05"],
    });
  });

  it("tell how many offers of the period are older than the figures", () => {
    expect(choose({ issuedTo: "2025-03-31" }, "2025-02", "earlier")).toEqual({
      type: "period",
      months: ["2024-12", "2025-03"],
      older: 1,
    });
  });

  it("are none in an export of an earlier version whose period is older than its figures", () => {
    const old = { type: "old", since: "2024-12", older: 1 };
    expect(choose({ period: "2019" }, "earlier")).toEqual(old);
    expect(choose({ period: "2024" }, "2024-12", "earlier")).toEqual(old);
    expect(choose({ period: "2019" })).toBeNull();
  });

  it("are none when the period has no dated offers", () => {
    expect(choose({ period: "2025" }, "unknown")).toBeNull();
    expect(choose({ status: ["open"] }, "unknown")).toMatchObject({ type: "last" });
  });

  it("are none for a period within one month", () => {
    for (const given of [
      { period: "last-month" },
      { period: "2019-03" },
      { issuedFrom: "2026-03-02", issuedTo: "2026-03-09" },
    ])
      expect(choose(given, "2026-10", "2026-03", "earlier")).toBeNull();
  });
});
