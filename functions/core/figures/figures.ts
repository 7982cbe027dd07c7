import * as z from "zod";
import { formatDay } from "../basics/calendar.ts";
import { addDecimal, calculateShare, type Decimal, formatDecimal, zeroDecimal } from "../basics/decimal.ts";
import { wholeNumber } from "../basics/stored-values.ts";
import { expiringSoonDays, recentlyExpiredDays, type Status, statuses } from "../offer/offer-status.ts";
import { type OfferTotals, readCurrencySum, sumTotals } from "./currency-sums.ts";
import { listTopCustomers } from "./customer-totals.ts";
import { ageBands, describeHistogram, formatMonth, type TotalsByStatus } from "./distributions.ts";
import type { FollowUpList, FollowUpOffer } from "./follow-up-offers.ts";
import { listRanking } from "./rankings.ts";
import type { FigureCounter } from "./report-totals.ts";

/** An exact decimal number, as text. */
const value = z.string();
/**
 * A share of a whole, from 0 to 1, rounded to four decimals. Null when the whole is not positive, or when a negative
 * amount would put the share outside 0 to 1.
 */
const share = z.number().nullable();
const text = z.string().nullable();

const Counted = z.object({ offers: wholeNumber, value });
const CountedByStatus = z.record(z.enum(statuses), Counted);
const Part = Counted.extend({ share, valueShare: share });

const FollowUpRow = z.object({
  offerNumber: text,
  offerId: text,
  customerId: text,
  customerName: text,
  currency: text,
  amount: text,
  expiresAt: text,
  days: z.int(),
});

/**
 * Offers to follow up. The count and the value include all of these offers, and `rows` has the most valuable ones.
 */
const FollowUpOffers = Counted.extend({ rows: z.array(FollowUpRow) });

const Sum = z.object({ currency: z.string(), value });

/**
 * A report's figures. Counts of offers include all rows, and values include only the rows with an amount in
 * `currency`.
 */
export const Figures = z.object({
  /** The most frequent currency of the rows; null when no row has a readable amount. */
  currency: text,
  statuses: z.record(z.enum(statuses), Part),
  /** Conversion is accepted ÷ (accepted + rejected + expired), once for the counts and once for the values. */
  conversion: z.object({ byCount: share, byValue: share }),
  /** `offers` counts the decisions for which the number of days is known, which `median` and `mean` are about. */
  daysToDecision: z.object({
    offers: wholeNumber,
    median: z.number().nullable(),
    mean: z.number().nullable(),
  }),
  /** The open offers, by the number of days since their issue. */
  ageing: z.array(Part.extend({ days: z.enum(ageBands) })),
  /**
   * The offers by month of issue. `month` is `YYYY-MM` for 24 months, and `earlier`, `later` or `unknown` for all
   * other offers.
   */
  months: z.array(z.object({ month: z.string(), statuses: CountedByStatus })),
  /** The customers whose open offers have the highest value in `currency`, at most ten. */
  customers: z.array(Counted.extend({ customerId: text, customerName: text, share })),
  followUp: z.object({
    expiring: FollowUpOffers.describe(
      `The open offers with at most ${expiringSoonDays} days to go, as in the column \`expiringSoon\`, the most valuable ` +
        "50 of them in `rows`. In exports of earlier versions: those with at most 14 days to go.",
    ),
    expiringSoon: FollowUpOffers.extend({ otherCurrencies: z.array(Sum) })
      .nullable()
      .default(null)
      .describe(
        "The same offers as `expiring`, the most valuable ten of them in `rows`, with their value in other currencies. " +
          "Null in exports of the earliest versions.",
      ),
    expired: FollowUpOffers.describe(
      `The offers that expired at most ${recentlyExpiredDays} days before the as-of date.`,
    ),
  }),
  otherCurrencies: z.array(
    Counted.extend({ currency: z.string(), statuses: z.record(z.enum(statuses), value) }),
  ),
  /** The number of offers without a readable amount. No value includes these offers. */
  withoutAmount: wholeNumber,
});
export type Figures = z.infer<typeof Figures>;
export type Conversion = Figures["conversion"];

/** Call this function after the last row has been counted. */
export function calculateFigures(counter: FigureCounter): Figures {
  const [currency = null, ...others] = rankCurrencies(counter);
  const { daysToDecision, customers, followUp } = counter;
  const { count: decided, median, mean } = describeHistogram(daysToDecision);
  const total = sumTotals(Object.values(counter.statuses));
  const open = counter.statuses.open;
  const expiring = describeFollowUp(followUp.expiring, currency);
  return {
    currency,
    statuses: byStatus((status) => describePart(counter.statuses[status], total, currency)),
    conversion: findConversion(counter.statuses, currency),
    daysToDecision: { offers: decided, median, mean },
    ageing: ageBands.map((days) =>
      Object.assign(describePart(counter.ageing[days], open, currency), { days }),
    ),
    months: listMonths(counter, currency),
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
      expiring,
      expiringSoon: {
        ...expiring,
        rows: expiring.rows.slice(0, maxMailRows),
        otherCurrencies: listSums(followUp.expiring.total, others),
      },
      expired: describeFollowUp(followUp.expired, currency),
    },
    otherCurrencies: others.map((other) => ({
      currency: other,
      offers: counter.currencies.get(other) ?? 0,
      value: formatDecimal(readCurrencySum(total, other)),
      statuses: byStatus((status) => formatDecimal(readCurrencySum(counter.statuses[status], other))),
    })),
    withoutAmount: counter.unvalued,
  };
}

const maxMailRows = 10;
const maxAnswerRows = 50;

/** Shortens the lists of follow-up offers for an answer of the API. The sheets of the report show the whole lists. */
export function truncateFigures(figures: Figures): Figures {
  const { expiring, expired, ...rest } = figures.followUp;
  const shorten = (list: Figures["followUp"]["expiring"]) => ({
    ...list,
    rows: list.rows.slice(0, maxAnswerRows),
  });
  return { ...figures, followUp: { ...rest, expiring: shorten(expiring), expired: shorten(expired) } };
}

function rankCurrencies({ currencies }: FigureCounter): string[] {
  return [...currencies]
    .toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([currency]) => currency);
}

/** Makes a record with a value for each status. */
export function byStatus<T>(describe: (status: Status) => T): Record<Status, T> {
  const [open, accepted, rejected, expired] = [
    describe("open"),
    describe("accepted"),
    describe("rejected"),
    describe("expired"),
  ];
  return { open, accepted, rejected, expired };
}

function describeCounted(totals: OfferTotals, currency: string | null): z.infer<typeof Counted> {
  return { offers: totals.offers, value: formatDecimal(readCurrencySum(totals, currency)) };
}

function describePart(
  totals: OfferTotals,
  whole: OfferTotals,
  currency: string | null,
): z.infer<typeof Part> {
  return {
    ...describeCounted(totals, currency),
    share: calculateShare(toDecimal(totals.offers), toDecimal(whole.offers)),
    valueShare: calculateShare(readCurrencySum(totals, currency), readCurrencySum(whole, currency)),
  };
}

function findConversion(totals: TotalsByStatus, currency: string | null): Conversion {
  return calculateConversion(
    byStatus((status) => ({
      offers: totals[status].offers,
      value: readCurrencySum(totals[status], currency),
    })),
  );
}

/** Calculates the conversion of offers whose statuses have these counts, and these values in one currency. */
export function calculateConversion(
  parts: Record<Exclude<Status, "open">, { offers: number; value: Decimal }>,
): Conversion {
  const { accepted, rejected, expired } = parts;
  const decided = { offers: accepted.offers + rejected.offers + expired.offers, value: zeroDecimal() };
  for (const { value: part } of [accepted, rejected, expired]) addDecimal(decided.value, part);
  return {
    byCount: calculateShare(toDecimal(accepted.offers), toDecimal(decided.offers)),
    byValue: calculateShare(accepted.value, decided.value),
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
  return [...named, ...outside].map(([month, totals]) => ({
    month,
    statuses: byStatus((status) => describeCounted(totals[status], currency)),
  }));
}

function describeFollowUp(list: FollowUpList, currency: string | null): z.infer<typeof FollowUpOffers> {
  return {
    ...describeCounted(list.total, currency),
    rows: listRanking(list.ranking, currency).map(formatFollowUpRow),
  };
}

/** Returns the sum in each of the given currencies. Leaves out a currency in which no offer has an amount. */
function listSums(totals: OfferTotals, currencies: string[]): z.infer<typeof Sum>[] {
  return currencies
    .filter((currency) => totals.sums.has(currency))
    .map((currency) => ({ currency, value: formatDecimal(readCurrencySum(totals, currency)) }));
}

function formatFollowUpRow(offer: FollowUpOffer): z.infer<typeof FollowUpRow> {
  return { ...offer, expiresAt: formatDay(offer.expiresAt) };
}

function toDecimal(integer: number): Decimal {
  return { units: BigInt(integer), scale: 0 };
}
