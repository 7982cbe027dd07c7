import Big from "big.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDecimal } from "../../../functions/core/basics/decimal.ts";
import { clipText } from "../../../functions/core/basics/safe-text.ts";
import { joinNames } from "../../../functions/core/customer/customer.ts";
import { readOfferAmount } from "../../../functions/core/figures/currency-sums.ts";
import type { OffersByStatus } from "../../../functions/core/figures/customer-figures.ts";
import { calculateFigures } from "../../../functions/core/figures/figures.ts";
import {
  countFigureRow,
  type CustomerScope,
  openFigureCounter,
} from "../../../functions/core/figures/report-totals.ts";
import { type Status, statuses } from "../../../functions/core/offer/offer-status.ts";
import type { Row } from "../../../functions/core/report/report-row.ts";
import { buildRow, makeCustomerList, makeFigures } from "../../support/report-fixtures.ts";

const asOf = "2024-10-04";
const names = [
  ["c1", "Bakkerij De Vries", 0],
  ["c2", null, 0],
] as const;
const { nameCustomer, facts } = joinNames({ customers: names }, null);

const cents = fc.integer({ min: -500, max: 100_000 }).map((units) => (units / 100).toFixed(2));
const row = fc
  .record({
    customerId: fc.constantFrom("c1", "c2", "c3", "c4", "klant-é", "klant-€", "x".repeat(300), null),
    status: fc.constantFrom<Status>(...statuses),
    issuedAt: fc.option(fc.integer({ min: -800, max: 20_100 })),
    currency: fc.oneof(
      { weight: 4, arbitrary: fc.constant("EUR") },
      fc.constantFrom("USD", null, " eur"),
      fc.string({ maxLength: 2 }),
    ),
    amount: fc.oneof(
      { weight: 4, arbitrary: cents },
      fc.bigInt({ min: 0n, max: 10n ** 22n }).map((units) => `${units}.0301`),
      fc.constantFrom(null, "12.5", "7"),
    ),
  })
  .map((given) => buildRow({ ...given, customerName: nameCustomer(given.customerId) }));
const rows = fc.array(row, { maxLength: 80 });

/** The offers by status, calculated with big.js from all rows at once. */
function sumRows(all: Row[], currency: string | null) {
  const sum = (chosen: Row[]) => {
    const own = chosen.filter((one) => currency !== null && readOfferAmount(one)?.currency === currency);
    return own.reduce((total, one) => total.plus(one.amount ?? 0), new Big(0));
  };
  const share = (part: Big, whole: Big) =>
    whole.lte(0) || part.lt(0) || part.gt(whole) ? null : Number(part.div(whole).round(4).toFixed());
  const count = (chosen: Row[]) => ({ offers: chosen.length, value: sum(chosen).toFixed() });
  const having = (status: Status) => all.filter((one) => one.status === status);
  const [accepted, decided] = [having("accepted"), all.filter((one) => one.status !== "open")];
  return {
    statuses: Object.fromEntries(statuses.map((status) => [status, count(having(status))])),
    total: count(all),
    conversion: {
      byCount: share(new Big(accepted.length), new Big(decided.length)),
      byValue: share(sum(accepted), sum(decided)),
    },
  };
}

function showSums({ statuses: parts, total, conversion }: OffersByStatus) {
  const show = ({ offers, value }: OffersByStatus["total"]) => ({
    offers,
    value: new Big(formatDecimal(value)).toFixed(),
  });
  const shown = Object.fromEntries(statuses.map((status) => [status, show(parts[status])]));
  return { statuses: shown, total: show(total), conversion };
}

function countScope(all: Row[], customers: CustomerScope) {
  const counter = openFigureCounter(20_000, { customers });
  for (const one of all) countFigureRow(counter, one);
  return { figures: calculateFigures(counter), facts: facts(counter.customers.listIds()) };
}

describe("a report's customers", () => {
  it("have the figures that a calculation from each customer's rows gives, in the report's currency", () => {
    fc.assert(
      fc.property(rows, (all) => {
        const { currency } = makeFigures(all, asOf);
        const list = makeCustomerList(all, asOf);
        const ids = [...new Set(all.map(({ customerId }) => customerId))];
        const shown = list.listed.map((customer): [unknown, unknown] => [
          customer.customerId,
          { ...showSums(customer), name: customer.customerName, last: customer.lastIssuedAt },
        ]);
        const expected = ids.map((id): [unknown, unknown] => {
          const own = all.filter(({ customerId }) => customerId === id);
          const days = own.flatMap(({ issuedAt }) => issuedAt ?? []);
          const last = days.length === 0 ? null : Math.max(...days);
          return [clipText(id), { ...sumRows(own, currency), name: clipText(nameCustomer(id)), last }];
        });
        expect(new Map(shown)).toEqual(new Map(expected));
        expect([list.customers, list.rest]).toEqual([ids.length, null]);
        expect(showSums(list.total)).toEqual(sumRows(all, currency));
      }),
    );
  });

  it("stand in order of open value, then of their number of offers, then of their name", () => {
    const open = (customerName: string, amount: string | null) =>
      buildRow({ customerId: `id-${customerName}`, customerName, amount });
    const expired = (customerName: string) =>
      buildRow({ customerId: `id-${customerName}`, customerName, status: "expired" });
    const all = [expired("F"), expired("E"), open("D", null), expired("D"), open("C", "-1")];
    const { listed } = makeCustomerList([...all, open("B", "5"), open("A", "5"), open("Z", "5.01")], asOf);
    expect(listed.map(({ customerName }) => customerName)).toEqual(["Z", "A", "B", "D", "E", "F", "C"]);
  });

  it("are all counted when there are more than 5,000, and those with the most open value are listed", () => {
    const all = Array.from({ length: 12_003 }, (_, index) =>
      buildRow({
        customerId: `c${(index * 7) % 12_001}`,
        amount: `${(index * 7) % 12_001}.${index % 100}`,
        status: index % 3 === 0 ? "accepted" : "open",
      }),
    );
    const { customers, listed, rest, total } = makeCustomerList(all, asOf);
    const openValues = listed.map(({ statuses: { open } }) => Number(formatDecimal(open.value)));
    expect([customers, listed.length, rest?.customers]).toEqual([12_001, 5000, 7001]);
    expect(openValues).toEqual(openValues.toSorted((a, b) => b - a));
    const ids = new Set(listed.map(({ customerId }) => customerId));
    const unlisted = all.filter(({ customerId }) => !ids.has(customerId));
    const unlistedOpen = unlisted
      .filter(({ status }) => status === "open")
      .map(({ amount }) => Number(amount));
    expect(Math.max(...unlistedOpen)).toBeLessThanOrEqual(openValues.at(-1) ?? 0);
    expect(rest && showSums(rest)).toEqual(sumRows(unlisted, "EUR"));
    const { statuses: parts, conversion } = makeFigures(all, asOf);
    for (const status of statuses) {
      expect(total.statuses[status].offers).toBe(parts[status].offers);
      expect(formatDecimal(total.statuses[status].value)).toBe(parts[status].value);
    }
    expect(total.conversion).toEqual(conversion);
  });

  it("have their first known name", () => {
    const [first, second, third] = [null, "Jansen", "Janssen"].map((customerName) =>
      buildRow({ customerName }),
    );
    if (!first || !second || !third) throw new Error("no rows");
    expect(makeCustomerList([first, second, third], asOf).listed[0]?.customerName).toBe("Jansen");
  });
});

describe("the ten customers with the most open value", () => {
  it("are those that a calculation from all open offers gives", () => {
    const many = fc.array(
      row.map((one) =>
        buildRow({ ...one, customerId: one.issuedAt === null ? null : `k${one.issuedAt % 25}` }),
      ),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(many, (all) => {
        const { currency, customers } = makeFigures(all, asOf);
        const valued = all.filter(
          (one) => one.status === "open" && currency !== null && readOfferAmount(one)?.currency === currency,
        );
        const ranked = [...new Set(valued.map(({ customerId }) => customerId))]
          .map((customerId) => {
            const own = valued.filter((one) => one.customerId === customerId);
            return { customerId, offers: own.length, value: sumRows(own, currency).total.value };
          })
          .toSorted(
            (a, b) => new Big(b.value).cmp(a.value) || ((a.customerId ?? "") < (b.customerId ?? "") ? -1 : 1),
          );
        const shown = customers.map(({ customerId, offers, value }) => {
          return { customerId, offers, value: new Big(value).toFixed() };
        });
        expect(shown).toEqual(ranked.slice(0, 10));
      }),
    );
  });

  it("and the counts of customers without a name are the same for a file without a sheet of customers", () => {
    fc.assert(
      fc.property(rows, (all) => {
        const every = countScope(all, "every");
        const needed = countScope(all, "needed");
        expect(needed).toEqual(every);
        const nameless = new Set(
          all.map(({ customerId }) => customerId).filter((id) => id !== "c1" && id !== null),
        );
        expect(every.facts.unknown + every.facts.nameless).toBe(nameless.size);
      }),
    );
  });
});
