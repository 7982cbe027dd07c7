import Big from "big.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDay, parseDay } from "../../../functions/core/basics/calendar.ts";
import { Figures, truncateFigures } from "../../../functions/core/figures/figures.ts";
import { statuses } from "../../../functions/core/offer/offer-status.ts";
import { resolveRange } from "../../../functions/core/options/export-options.ts";
import { parseOptions } from "../../../functions/core/options/export-request.ts";
import { fortyAsOf, fortyOffers } from "../../fixtures/forty.ts";
import { makeFigures, makeRows } from "../../support/report-fixtures.ts";
import { rawOffer } from "../../support/offer-fixtures.ts";

const forty = makeFigures(makeRows(fortyOffers, fortyAsOf), fortyAsOf);

function counted(offers: number, value: string) {
  return { offers, value };
}

const none = counted(0, "0.00");

describe("the figures of forty offers", () => {
  it("count the offers of each status, and sum their amounts in the most frequent currency", () => {
    expect(forty.currency).toBe("EUR");
    expect(forty.statuses).toEqual({
      open: { offers: 14, share: 0.35, value: "11800.855", valueShare: 0.3819 },
      accepted: { offers: 12, share: 0.3, value: "10001.00", valueShare: 0.3236 },
      rejected: { offers: 6, share: 0.15, value: "2999.00", valueShare: 0.0971 },
      expired: { offers: 8, share: 0.2, value: "6100.00", valueShare: 0.1974 },
    });
  });

  it("list other currencies separately, and count the offers without an amount", () => {
    const values = { open: "9999.00", accepted: "1000.00", rejected: "0.00", expired: "500.00" };
    expect(forty.otherCurrencies).toEqual([
      { currency: "USD", offers: 3, value: "11499.00", statuses: values },
    ]);
    expect(forty.withoutAmount).toBe(2);
  });

  it("have the conversion: 12 of 26 offers, and 10,001 of 19,100 euros", () => {
    expect(forty.conversion).toEqual({ byCount: 0.4615, byValue: 0.5236 });
  });

  it("have the days to decision: 140 days for 17 offers, and a median of 5", () => {
    expect(forty.daysToDecision).toEqual({ offers: 17, median: 5, mean: 8.2353 });
  });

  it("count the open offers by age", () => {
    expect(forty.ageing).toEqual([
      { days: "0-7", offers: 2, share: 0.1429, value: "3500.50", valueShare: 0.2966 },
      { days: "8-14", offers: 3, share: 0.2143, value: "950.255", valueShare: 0.0805 },
      { days: "15-30", offers: 4, share: 0.2857, value: "780.00", valueShare: 0.0661 },
      { days: "31-60", offers: 2, share: 0.1429, value: "1510.10", valueShare: 0.128 },
      { days: "61+", offers: 2, share: 0.1429, value: "5020.00", valueShare: 0.4254 },
      { days: "later", offers: 0, share: 0, value: "0.00", valueShare: 0 },
      { days: "unknown", offers: 1, share: 0.0714, value: "40.00", valueShare: 0.0034 },
    ]);
  });

  it.each([
    ["without bounds", {}, "2024-07", "2026-06"],
    ["that has passed", { period: "2023-03" }, "2021-04", "2023-03"],
    ["that ends now", { period: "last-month" }, "2024-06", "2026-05"],
    ["that goes on", { period: "this-year" }, "2024-07", "2026-06"],
    ["with a first day", { issuedFrom: "2026-06-01" }, "2024-07", "2026-06"],
    ["that has not begun", { issuedFrom: "2026-07-01" }, "2026-07", "2028-06"],
    ["of a year that has not begun", { period: "2027" }, "2026-01", "2027-12"],
  ])("count 24 months, up to the end of a period %s", (_, options, first, last) => {
    const range = resolveRange(
      parseOptions({ asOf: fortyAsOf, ...options }, parseDay(fortyAsOf) ?? 0).options,
    );
    const months = makeFigures([], fortyAsOf, range).months.map(({ month }) => month);
    expect([months[0], months.at(-4), months.length]).toEqual([first, last, 27]);
  });

  it("count each of the last 24 months, and the offers outside of them", () => {
    const names = forty.months.map(({ month }) => month);
    expect(names).toHaveLength(27);
    expect([names[0], ...names.slice(-4)]).toEqual(["2024-07", "2026-06", "earlier", "later", "unknown"]);
    const busy = forty.months.filter(({ statuses: measures }) =>
      Object.values(measures).some(({ offers }) => offers > 0),
    );
    const month = (name: string, open = none, accepted = none, rejected = none, expired = none) => ({
      month: name,
      statuses: { open, accepted, rejected, expired },
    });
    expect(busy).toEqual([
      month("2024-07", none, counted(1, "400.40")),
      month("2025-01", counted(1, "20.00"), none, none, counted(1, "0.00")),
      month("2025-06", none, none, counted(1, "50.00")),
      month("2025-09", none, none, none, counted(2, "600.00")),
      month("2025-12", none, counted(2, "500.50")),
      month("2026-01", none, none, counted(1, "150.00")),
      month("2026-02", none, counted(2, "750.00")),
      month("2026-03", none, counted(2, "1750.00")),
      month("2026-04", counted(1, "5000.00"), none, counted(1, "600.00")),
      month(
        "2026-05",
        counted(3, "1590.10"),
        counted(2, "3100.10"),
        counted(1, "800.00"),
        counted(4, "4600.00"),
      ),
      month("2026-06", counted(8, "5150.755"), counted(2, "3000.00"), counted(1, "400.00")),
      month("earlier", none, counted(1, "500.00"), counted(1, "999.00"), counted(1, "900.00")),
      month("unknown", counted(1, "40.00")),
    ]);
  });

  it("name the ten customers with the most open value", () => {
    expect(
      forty.customers.map(({ customerId, offers, value, share }) => [customerId, offers, value, share]),
    ).toEqual([
      ["I", 1, "5000.00", 0.4237],
      ["B", 1, "2500.50", 0.2119],
      ["A", 2, "1200.005", 0.1017],
      ["G", 1, "900.00", 0.0763],
      ["E", 1, "700.00", 0.0593],
      ["H", 1, "610.10", 0.0517],
      ["D", 1, "450.25", 0.0382],
      ["C", 1, "300.00", 0.0254],
      ["F", 1, "80.00", 0.0068],
      ["K", 1, "40.00", 0.0034],
    ]);
  });

  it("list the offers that expire soon or expired lately, the most valuable first", () => {
    const { expiring, expired } = forty.followUp;
    expect([expiring.offers, expiring.value]).toEqual([3, "2950.75"]);
    expect(expiring.rows.map(({ offerNumber, days, amount }) => [offerNumber, days, amount])).toEqual([
      ["O-02", 0, "2500.50"],
      ["O-04", 1, "450.25"],
      ["O-12", 5, "9999.00"],
    ]);
    expect(forty.followUp.expiringSoon).toEqual({
      ...expiring,
      otherCurrencies: [{ currency: "USD", value: "9999.00" }],
    });
    expect([expired.offers, expired.value]).toEqual([3, "4500.00"]);
    expect(expired.rows).toEqual([
      {
        offerNumber: "E-02",
        offerId: "off_E-02",
        customerId: "H",
        customerName: null,
        currency: "EUR",
        amount: "3300.00",
        expiresAt: "2026-06-16",
        days: 14,
      },
      expect.objectContaining({ offerNumber: "E-01", days: 1, amount: "1200.00" }),
      expect.objectContaining({ offerNumber: "E-04", days: 2, amount: "500.00", currency: "USD" }),
    ]);
  });
});

describe("figures", () => {
  it("are in one currency where its name differs only in case, blanks and line ends", () => {
    const names = ["EUR", "eur", " EUR", "EUR\n", "EUR\u200b"];
    const soon = { expiresAt: "2024-05-22", amount: "10" };
    const offers = names.map((currency, index) => rawOffer({ ...soon, currency, offerNumber: `n${index}` }));
    const figures = makeFigures(
      makeRows([...offers, rawOffer({ ...soon, currency: "usd" })], "2024-05-20"),
      "2024-05-20",
    );
    expect(figures).toMatchObject({
      currency: "EUR",
      otherCurrencies: [{ currency: "USD", offers: 1, value: "10.00" }],
    });
    expect(figures.statuses.open).toMatchObject({ offers: 6, value: "50.00" });
    expect(figures.customers).toMatchObject([{ offers: 5, value: "50.00" }]);
    expect(figures.followUp.expiring.rows.map(({ currency }) => currency)).toEqual([
      ...Array(5).fill("EUR"),
      "USD",
    ]);
  });

  it("name as expiring the offers with the flag `expiringSoon`, and no others", () => {
    const expiresAt = fc.integer({ min: -3, max: 20 }).map((days) => formatDay(20_000 + days));
    const acceptedAt = fc.option(fc.constant("2024-09-30T12:00:00Z"), { nil: null });
    fc.assert(
      fc.property(fc.array(fc.record({ expiresAt, acceptedAt }), { maxLength: 30 }), (given) => {
        const offers = given.map((offer, index) => rawOffer({ ...offer, offerNumber: `n${index}` }));
        const rows = makeRows(offers, formatDay(20_000));
        const flagged = rows.filter(({ expiringSoon }) => expiringSoon === true);
        const { expiring, expiringSoon } = makeFigures(rows, formatDay(20_000)).followUp;
        const listNumbers = (list: { offerNumber: string | null }[]) =>
          list.map(({ offerNumber }) => offerNumber ?? "").toSorted();
        expect(listNumbers(expiring.rows)).toEqual(listNumbers(flagged));
        expect([expiring.offers, expiringSoon?.offers]).toEqual([flagged.length, flagged.length]);
        expect(expiringSoon?.rows).toEqual(expiring.rows.slice(0, 10));
      }),
    );
  });

  it("are empty without offers", () => {
    const figures = makeFigures([], fortyAsOf);
    expect(Figures.parse(figures)).toEqual(figures);
    expect(figures).toMatchObject({
      currency: null,
      statuses: { open: { offers: 0, share: null, value: "0.00", valueShare: null } },
      conversion: { byCount: null, byValue: null },
      daysToDecision: { offers: 0, median: null, mean: null },
      customers: [],
      followUp: {
        expiring: { ...none, rows: [] },
        expiringSoon: { ...none, rows: [], otherCurrencies: [] },
        expired: { ...none, rows: [] },
      },
    });
  });

  it("count every offer that expires, and keep the 500 most valuable", () => {
    const offers = Array.from({ length: 1200 }, (_, index) =>
      rawOffer({ offerNumber: `n${index}`, expiresAt: fortyAsOf, amount: `${(index * 7) % 1200}.50` }),
    );
    const { expiring } = makeFigures(makeRows(offers, fortyAsOf), fortyAsOf).followUp;
    const highest = Array.from({ length: 500 }, (_, index) => `${1199 - index}.50`);
    expect([expiring.offers, expiring.value]).toEqual([1200, "720000.00"]);
    expect(expiring.rows.map(({ amount }) => amount)).toEqual(highest);
    const short = truncateFigures(makeFigures(makeRows(offers, fortyAsOf), fortyAsOf)).followUp.expiring;
    expect(short.rows).toHaveLength(50);
    expect(short.offers).toBe(1200);
  });

  it("count all offers that expire soon, and keep the ten most valuable", () => {
    const offers = Array.from({ length: 600 }, (_, index) => [
      rawOffer({ expiresAt: "2026-07-07", amount: `${index}.50` }),
      rawOffer({ expiresAt: "2026-07-08", amount: "9000.00" }),
    ]);
    const { followUp } = truncateFigures(makeFigures(makeRows(offers.flat(), fortyAsOf), fortyAsOf));
    expect(followUp.expiringSoon).toMatchObject({ offers: 600, value: "180000.00", otherCurrencies: [] });
    const highest = Array.from({ length: 10 }, (_, index) => `${599 - index}.50`);
    expect(followUp.expiringSoon?.rows.map(({ amount }) => amount)).toEqual(highest);
  });

  it("of earlier versions, without `expiringSoon`, can still be read", () => {
    const { expiringSoon: _, ...followUp } = forty.followUp;
    expect(Figures.parse({ ...forty, followUp }).followUp.expiringSoon).toBeNull();
  });

  it("have no share when negative amounts make it meaningless", () => {
    const offers = [
      rawOffer({ amount: "100", acceptedAt: "2024-05-01T12:00:00Z" }),
      rawOffer({ amount: "-60" }),
    ];
    const { statuses: parts, conversion } = makeFigures(makeRows(offers, fortyAsOf), fortyAsOf);
    expect(parts.accepted).toMatchObject({ share: 0.5, valueShare: null });
    expect(conversion).toEqual({ byCount: 0.5, byValue: null });
  });

  it("cut long texts", () => {
    const long = "x".repeat(50_000);
    const offer = rawOffer({ offerNumber: long, id: long, customerId: long, expiresAt: fortyAsOf });
    const figures = makeFigures(makeRows([offer], fortyAsOf), fortyAsOf);
    expect(JSON.stringify(figures).length).toBeLessThan(10_000);
    expect(figures.customers[0]?.customerId).toBe(`${"x".repeat(99)}…`);
  });
});

const day = fc.integer({ min: -900, max: 40 }).map((days) => {
  return new Date(Date.parse(fortyAsOf) + days * 86_400_000).toISOString().slice(0, 10);
});
const amount = fc.oneof(
  fc.integer({ min: 0, max: 100_000_000 }).map((cents) => (cents / 100).toFixed(2)),
  fc.bigInt({ min: 0n, max: 10n ** 20n }).map((units) => `${units}.0301`),
  fc.constantFrom("onbekend", null, "1e3"),
);
const decided = fc.oneof(
  fc.constant(null),
  day.map((at) => `${at}T12:00:00Z`),
);
const offer = fc
  .record({
    customerId: fc.constantFrom("a", "b", "c", null),
    issuedAt: fc.oneof(day, fc.constantFrom("ooit", null)),
    expiresAt: fc.oneof(day, fc.constant(null)),
    currency: fc.constantFrom("EUR", "EUR", "USD", null),
    amount,
    acceptedAt: decided,
    rejectedAt: decided,
  })
  .map(rawOffer);

function sumOf(values: string[]): Big {
  return values.reduce((sum, value) => sum.plus(value), new Big(0));
}

describe("figures of any offers", () => {
  it("sum up exactly to the rows' amounts, however they are split", () => {
    fc.assert(
      fc.property(fc.array(offer, { maxLength: 60 }), (offers) => {
        const rows = makeRows(offers, fortyAsOf);
        const figures = makeFigures(rows, fortyAsOf);
        const { currency } = figures;
        const inMain = rows.filter((row) => row.amount !== null && (row.currency ?? "XXX") === currency);
        for (const status of statuses) {
          const { offers: count, value } = figures.statuses[status];
          const amounts = inMain.filter((row) => row.status === status).map((row) => row.amount ?? "");
          const months = figures.months.map(({ statuses: measures }) => measures[status]);
          expect(count).toBe(rows.filter((row) => row.status === status).length);
          expect(months.reduce((sum, month) => sum + month.offers, 0)).toBe(count);
          expect(sumOf(amounts).eq(value)).toBe(true);
          expect(sumOf(months.map((month) => month.value)).eq(value)).toBe(true);
        }
        const { open } = figures.statuses;
        expect(sumOf(figures.ageing.map(({ value }) => value)).eq(open.value)).toBe(true);
        expect(sumOf(figures.customers.map(({ value }) => value)).eq(open.value)).toBe(true);
        const others = figures.otherCurrencies.reduce((sum, other) => sum + other.offers, 0);
        expect(inMain.length + others + figures.withoutAmount).toBe(rows.length);
      }),
    );
  });

  it("give shares between 0 and 1, of the statuses 1 together, and a conversion only of what is decided", () => {
    fc.assert(
      fc.property(fc.array(offer, { maxLength: 60 }), (offers) => {
        const { conversion, statuses: parts } = makeFigures(makeRows(offers, fortyAsOf), fortyAsOf);
        const shares = Object.values(parts).map(({ share }) => share ?? 0);
        expect(Math.abs(shares.reduce((a, b) => a + b, 0) - Number(offers.length > 0))).toBeLessThan(0.001);
        for (const share of [...shares, conversion.byCount ?? 0, conversion.byValue ?? 0]) {
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(1);
        }
        const { accepted, rejected, expired } = parts;
        expect(conversion.byCount === null).toBe(accepted.offers + rejected.offers + expired.offers === 0);
      }),
    );
  });

  it("give the median and the mean of the rows' days to decision", () => {
    fc.assert(
      fc.property(fc.array(offer, { maxLength: 60 }), (offers) => {
        const rows = makeRows(offers, fortyAsOf);
        const days = rows.flatMap((row) => row.daysToDecision ?? []).toSorted((a, b) => a - b);
        const middle = [days[Math.floor((days.length - 1) / 2)] ?? 0, days[Math.floor(days.length / 2)] ?? 0];
        const { offers: count, median, mean } = makeFigures(rows, fortyAsOf).daysToDecision;
        expect(count).toBe(days.length);
        if (days.length === 0) return;
        expect(median).toBe(((middle[0] ?? 0) + (middle[1] ?? 0)) / 2);
        expect(mean).toBeCloseTo(days.reduce((a, b) => a + b, 0) / days.length, 3);
      }),
    );
  });
});
