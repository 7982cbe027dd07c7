import * as z from "zod";
import { formatDay } from "../basics/calendar.ts";
import { calculateShare, type Decimal, formatDecimal } from "../basics/decimal.ts";
import { wholeNumber } from "../basics/stored-values.ts";
import { type Status, statuses } from "../offer/offer-status.ts";
import { type OfferTotals, readCurrencySum, sumTotals } from "./currency-sums.ts";
import { ageBands, describeHistogram, formatMonth, type TotalsByStatus } from "./distributions.ts";
import type { FollowUpList, FollowUpOffer } from "./follow-up-offers.ts";
import { listRanking, listTopCustomers } from "./rankings.ts";
import type { FigureCounter } from "./report-totals.ts";

/** An exact decimal. */
const value = z.string();
/** From 0 to 1, rounded to four decimals; null where there is no whole to have a share in. */
const share = z.number().nullable();
const text = z.string().nullable();

const Counted = z.object({ offers: wholeNumber, value });
const CountedByStatus = z.record(z.enum(statuses), Counted);
const Part = Counted.extend({ share, valueShare: share });

const DueOffer = z.object({
  offerNumber: text,
  offerId: text,
  customerId: text,
  customerName: text,
  currency: text,
  amount: text,
  expiresAt: text,
  days: z.int(),
});

/** All of them are counted; `rows` are the most valuable. */
const DueOffers = Counted.extend({ rows: z.array(DueOffer) });

const Sum = z.object({ currency: z.string(), value });

/** What a report's rows come to. Numbers of offers are of all rows, values of those in `currency`. */
export const Figures = z.object({
  /** That of the most rows. */
  currency: text,
  statuses: z.record(z.enum(statuses), Part),
  /** Accepted ÷ (accepted + rejected + expired). */
  conversion: z.object({ byCount: share, byValue: share }),
  daysToDecision: z.object({
    offers: wholeNumber,
    median: z.number().nullable(),
    mean: z.number().nullable(),
  }),
  /** Open offers by the days since their issue. */
  ageing: z.array(Part.extend({ days: z.enum(ageBands) })),
  /** By month of issue; `earlier`, `later` and `unknown` are not among those months. */
  months: z.array(z.object({ month: z.string(), statuses: CountedByStatus })),
  /** Those with the most open value. */
  customers: z.array(Counted.extend({ customerId: text, customerName: text, share })),
  followUp: z.object({
    expiring: DueOffers,
    /** Those with at most 7 days to go; null in exports of before they were counted apart. */
    expiringSoon: DueOffers.extend({ otherCurrencies: z.array(Sum) })
      .nullable()
      .default(null),
    expired: DueOffers,
  }),
  /** The same sums in other currencies. */
  otherCurrencies: z.array(
    Counted.extend({ currency: z.string(), statuses: z.record(z.enum(statuses), value) }),
  ),
  /** Offers without an amount that can be read: in no value. */
  withoutAmount: wholeNumber,
});
export type Figures = z.infer<typeof Figures>;

/** Right once the last row has been entered. */
export function calculateFigures(ledger: FigureCounter): Figures {
  const [currency = null, ...others] = rankCurrencies(ledger);
  const { daysToDecision, customers, followUp } = ledger;
  const { count: decided, median, mean } = describeHistogram(daysToDecision);
  const total = sumTotals(Object.values(ledger.statuses));
  const open = ledger.statuses.open;
  return {
    currency,
    statuses: byStatus((status) => describePart(ledger.statuses[status], total, currency)),
    conversion: findConversion(ledger.statuses, currency),
    daysToDecision: { offers: decided, median, mean },
    ageing: ageBands.map((days) =>
      Object.assign(describePart(ledger.ageing[days], open, currency), { days }),
    ),
    months: listMonths(ledger, currency),
    customers: listTopCustomers(customers, currency).map(
      ({ customerId, customerName, offers, value: sum }) => ({
        customerId,
        customerName,
        offers,
        value: formatDecimal(sum),
        share: calculateShare(sum, readCurrencySum(open, currency)),
      }),
    ),
    followUp: {
      expiring: describeDue(followUp.expiring, currency),
      expiringSoon: {
        ...describeDue(followUp.expiringSoon, currency),
        otherCurrencies: listSums(followUp.expiringSoon.total, others),
      },
      expired: describeDue(followUp.expired, currency),
    },
    otherCurrencies: others.map((other) => ({
      currency: other,
      offers: ledger.currencies.get(other) ?? 0,
      value: formatDecimal(readCurrencySum(total, other)),
      statuses: byStatus((status) => formatDecimal(readCurrencySum(ledger.statuses[status], other))),
    })),
    withoutAmount: ledger.unvalued,
  };
}

const maxDueShown = 50;

/** As an answer tells them: the lists of offers are for a sheet, their start will do here. */
export function truncateFigures(figures: Figures): Figures {
  const { expiring, expired, ...rest } = figures.followUp;
  const shorten = (due: Figures["followUp"]["expiring"]) => ({
    ...due,
    rows: due.rows.slice(0, maxDueShown),
  });
  return { ...figures, followUp: { ...rest, expiring: shorten(expiring), expired: shorten(expired) } };
}

function rankCurrencies({ currencies }: FigureCounter): string[] {
  return [...currencies]
    .toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([currency]) => currency);
}

function byStatus<T>(describe: (status: Status) => T): Record<Status, T> {
  const [open, accepted, rejected, expired] = [
    describe("open"),
    describe("accepted"),
    describe("rejected"),
    describe("expired"),
  ];
  return { open, accepted, rejected, expired };
}

function describeCounted(measure: OfferTotals, currency: string | null): z.infer<typeof Counted> {
  return { offers: measure.offers, value: formatDecimal(readCurrencySum(measure, currency)) };
}

function describePart(
  measure: OfferTotals,
  whole: OfferTotals,
  currency: string | null,
): z.infer<typeof Part> {
  return {
    ...describeCounted(measure, currency),
    share: calculateShare(toDecimal(measure.offers), toDecimal(whole.offers)),
    valueShare: calculateShare(readCurrencySum(measure, currency), readCurrencySum(whole, currency)),
  };
}

function findConversion(measures: TotalsByStatus, currency: string | null): Figures["conversion"] {
  const { accepted, rejected, expired } = measures;
  const decided = sumTotals([accepted, rejected, expired]);
  return {
    byCount: calculateShare(toDecimal(accepted.offers), toDecimal(decided.offers)),
    byValue: calculateShare(readCurrencySum(accepted, currency), readCurrencySum(decided, currency)),
  };
}

function listMonths({ months }: FigureCounter, currency: string | null): Figures["months"] {
  const named: [string, TotalsByStatus][] = months.months.map((month, index) => [
    formatMonth(months.first + index),
    month,
  ]);
  const outside: [string, TotalsByStatus][] = [
    ["earlier", months.earlier],
    ["later", months.later],
    ["unknown", months.unknown],
  ];
  return [...named, ...outside].map(([month, measures]) => ({
    month,
    statuses: byStatus((status) => describeCounted(measures[status], currency)),
  }));
}

function describeDue(list: FollowUpList, currency: string | null): z.infer<typeof DueOffers> {
  return {
    ...describeCounted(list.total, currency),
    rows: listRanking(list.ranking, currency).map(formatDue),
  };
}

/** Those of the currencies that there are amounts in. */
function listSums(measure: OfferTotals, currencies: string[]): z.infer<typeof Sum>[] {
  return currencies
    .filter((currency) => measure.sums.has(currency))
    .map((currency) => ({ currency, value: formatDecimal(readCurrencySum(measure, currency)) }));
}

function formatDue(due: FollowUpOffer): z.infer<typeof DueOffer> {
  return { ...due, expiresAt: formatDay(due.expiresAt) };
}

function toDecimal(integer: number): Decimal {
  return { units: BigInt(integer), scale: 0 };
}
