import { describe, expect, it } from "vitest";
import { createCalendar, parseDay } from "../../../functions/core/basics/calendar.ts";
import { noNameJoin } from "../../../functions/core/customer/customer.ts";
import {
  countOmitted,
  countReportRow,
  emptyReportTotals,
  listStatusCounts,
  listCurrencyTotals,
  type ReportTotals,
} from "../../../functions/core/figures/report-totals.ts";
import { locales } from "../../../functions/core/language/locales.ts";
import { parseOffer } from "../../../functions/core/offer/offer.ts";
import { parseQuery } from "../../../functions/core/options/export-request.ts";
import { selectByOptions, selectRow } from "../../../functions/core/report/report-row.ts";
import { listRemarks, listRemarksWithOffers } from "../../../functions/core/sheets/report-wording.ts";
import { rawOffer } from "../../support/offer-fixtures.ts";

const calendar = createCalendar("Europe/Amsterdam");
const today = parseDay("2024-06-30") ?? Number.NaN;

function select(changes: Record<string, unknown>, query: string) {
  const { options } = parseQuery(new URLSearchParams(query), today);
  return selectRow(parseOffer(rawOffer(changes), calendar), selectByOptions(options, calendar));
}

function totalsOf(...offers: Record<string, unknown>[]): ReportTotals {
  const totals = emptyReportTotals(today);
  for (const changes of offers) {
    const row = select(changes, "");
    if (row !== null) countReportRow(totals, row);
  }
  return totals;
}

describe("selectRow", () => {
  it.each([
    ["2024-04-01", true],
    ["2024-04-30", true],
    ["2024-03-31", false],
    ["2024-05-01", false],
  ])("with period=2024-04 an offer issued on %s is in: %s", (issuedAt, isIn) => {
    expect(select({ issuedAt }, "period=2024-04") !== null).toBe(isIn);
  });

  it.each([
    ["issuedFrom=2024-04-29&issuedTo=2024-04-29", true],
    ["issuedFrom=2024-04-30", false],
    ["issuedTo=2024-04-28", false],
  ])("with %s an offer of 29 April is in: %s", (query, isIn) => {
    expect(select({}, query) !== null).toBe(isIn);
  });

  it.each([null, "2024-04-31"])("keeps an offer issued at %j in any period, with a remark", (issuedAt) => {
    const row = select({ issuedAt }, "period=2020");
    expect(row?.remarks.map(({ code }) => code)).toContain("periodUnknown");
    expect(select({ issuedAt }, "")?.remarks.map(({ code }) => code)).not.toContain("periodUnknown");
  });

  it("includes only the requested statuses, as of the requested day", () => {
    const accepted = { acceptedAt: "2024-05-14T21:00:00+02:00" };
    expect(select(accepted, "status=accepted")?.status).toBe("accepted");
    expect(select(accepted, "status=open,rejected,expired")).toBeNull();
    expect(select(accepted, "status=open&asOf=2024-05-13")?.status).toBe("open");
  });

  it("leaves out an offer that was created and issued after asOf", () => {
    expect(select({}, "asOf=2024-04-28")).toBeNull();
    expect(select({}, "asOf=2024-04-29")).not.toBeNull();
  });
});

describe("report totals", () => {
  it("sums amounts exactly, per currency", () => {
    const tenths = Array.from({ length: 10 }, () => ({ amount: "0.10" }));
    const totals = totalsOf(
      ...tenths,
      { amount: "9007199254740993.01" },
      { amount: "1.2345", currency: "USD" },
      { amount: "-2", currency: "USD" },
    );
    expect(listCurrencyTotals(totals)).toEqual({ EUR: "9007199254740994.01", USD: "-0.7655" });
  });

  it("gives a sum two decimals at least", () => {
    expect(listCurrencyTotals(totalsOf({ amount: "12.50" }, { amount: "7.50" }))).toEqual({ EUR: "20.00" });
  });

  it("keeps amounts without a currency apart and leaves unreadable ones out", () => {
    expect(
      listCurrencyTotals(totalsOf({ currency: null, amount: "5" }, { amount: "five" }, { amount: "1" })),
    ).toEqual({ EUR: "1.00", XXX: "5.00" });
  });

  it("treats currencies that differ in case, blanks and line ends as one", () => {
    const texts = ["EUR", "eur", " Eur", "EUR\n", "EUR\r\n", "EUR\u200b", "\ufeffEUR"];
    const rows = texts.map((currency) => select({ currency, amount: "1" }, ""));
    expect(rows.map((row) => row?.currency)).toEqual(texts);
    expect(listCurrencyTotals(totalsOf(...texts.map((currency) => ({ currency, amount: "1" }))))).toEqual({
      EUR: "7.00",
    });
  });

  it("counts rows by status", () => {
    const totals = totalsOf({}, { expiresAt: "2024-07-30" }, { acceptedAt: "2024-05-14T21:00:00+02:00" });
    expect(totals.rows).toBe(3);
    expect(listStatusCounts(totals)).toEqual({ open: 1, accepted: 1, rejected: 0, expired: 1 });
  });

  it("counts an offer once for each kind of remark, however many it has", () => {
    const totals = totalsOf({ issuedAt: "x", expiresAt: "y" }, { issuedAt: "x", currency: null });
    const facts = { isPast: true, doubts: ["restless" as const], notes: [], names: noNameJoin.facts([]) };
    expect(listRemarks(totals, locales.en, facts)).toEqual([
      locales.en.doubts.restless,
      locales.en.pastState,
      "2 offers: a date or an amount cannot be read",
      "1 offer: a field is missing",
    ]);
  });

  describe("of offers after the report's day", () => {
    const later = { createdAt: "2025-01-05T10:00:00+01:00", issuedAt: "2025-01-05" };
    const facts = { isPast: false, doubts: [], notes: [], names: noNameJoin.facts([]) };

    function omit(query: string, ...offers: Record<string, unknown>[]): ReportTotals {
      const totals = emptyReportTotals(today);
      const { options } = parseQuery(new URLSearchParams(query), today);
      const selection = selectByOptions(options, calendar);
      for (const changes of offers) {
        const offer = parseOffer(rawOffer(changes), calendar);
        if (selectRow(offer, selection) === null) countOmitted(totals, offer, selection);
      }
      return totals;
    }

    it("count the offers that are left out", () => {
      const totals = omit("", later, { ...later, offerNumber: null, id: "off_2" }, {});
      expect(listRemarks(totals, locales.en, facts)).toEqual([
        "2 offers were created and issued after the as-of date and are left out",
      ]);
      expect(listRemarksWithOffers(totals, locales.nl, facts)).toEqual([
        "2 offertes zijn aangemaakt én uitgebracht na de peildatum en staan niet in dit rapport (2024-001, off_2)",
      ]);
      expect(listRemarks(omit("", later), locales.nl, facts)).toEqual([
        "1 offerte is aangemaakt én uitgebracht na de peildatum en staat niet in dit rapport",
      ]);
    });

    it("count nothing when other options leave the offers out", () => {
      for (const query of ["period=2024", "issuedTo=2024-12-31", "status=accepted"])
        expect(listRemarks(omit(query, query.startsWith("status") ? {} : later), locales.en, facts)).toEqual(
          [],
        );
    });
  });

  it("names the first twenty offers of a kind of remark, by their ids where they have no number", () => {
    const odd = Array.from({ length: 25 }, (_, index) => ({ currency: null, offerNumber: `n${index}` }));
    const { remarks } = totalsOf({ offerNumber: null }, ...odd, {
      offerNumber: "x".repeat(50_000),
      amount: "?",
    });
    expect(remarks.get("missing")).toEqual({
      offers: 26,
      named: ["off_abc12345def678", ...odd.slice(0, 19).map(({ offerNumber }) => offerNumber)],
    });
    const named = listRemarksWithOffers(totalsOf(...odd), locales.nl, {
      isPast: true,
      doubts: [],
      notes: [],
      names: noNameJoin.facts([]),
    });
    expect(named).toEqual([
      locales.nl.pastState,
      expect.stringMatching(/^25 offertes: een veld ontbreekt \(n0, n1, .*, n19 en nog 5\)$/),
    ]);
    expect(remarks.get("unreadable")?.named).toEqual([`${"x".repeat(99)}…`]);
  });
});
