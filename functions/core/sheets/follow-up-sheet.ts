import { type Day, parseDay } from "../basics/calendar.ts";
import { noCurrency } from "../figures/currency-sums.ts";
import type { Figures } from "../figures/figures.ts";
import type { Locale } from "../language/locale.ts";
import { findScope, type OfferFilter } from "../options/offer-filter.ts";
import {
  amountCell,
  emptyTable,
  type SheetCell,
  integerCell,
  type SheetPage,
  type SheetTable,
  textCell,
} from "./sheet-table.ts";

type FollowUpOffers = Figures["followUp"]["expiring"];
type Given = { currency: string | null; options: OfferFilter; locale: Locale };
type Facts = { asOf: Day; selection: string; options: OfferFilter };

/**
 * Describes the follow-up sheet: the open offers that expire soon, and the offers that expired in the last
 * `recentlyExpiredDays` days.
 */
export function describeFollowUpSheet(
  { followUp, currency }: Figures,
  { asOf, selection, options }: Facts,
  locale: Locale,
): SheetPage {
  const { followUp: words } = locale;
  const given = { currency, options, locale };
  const { expiring, expired } = followUp;
  return {
    name: words.sheetName,
    title: words.title,
    facts: [
      { label: locale.about.labels.asOf, field: { type: "day", day: asOf } },
      { label: locale.about.labels.selection, field: textCell(selection) },
    ],
    tables: [
      options.status.includes("open")
        ? describeFollowUp(expiring, { ...given, heading: words.expiring, days: words.daysLeft })
        : emptyTable(words.expiring, locale.filter.leftOut.open),
      options.status.includes("expired")
        ? describeFollowUp(expired, { ...given, heading: words.expired, days: words.daysSince })
        : emptyTable(words.expired, locale.filter.leftOut.expired),
    ],
    widthsChars: [20, 36, 20, 14, 20],
  };
}

function describeFollowUp(
  list: FollowUpOffers,
  given: Given & { heading: string; days: string },
): SheetTable {
  const { heading, days, currency, locale } = given;
  const { headings, summary } = locale;
  const total: SheetCell[] = [
    textCell(summary.total),
    { type: "offers", offers: list.offers },
    amountCell(list.value, currency),
  ];
  return {
    heading,
    columns: [headings.offerNumber, summary.customer, headings.amount, headings.expiresAt, days],
    rows: list.rows.map((row) => listCells(row, locale)),
    totals: list.offers === 0 ? [] : [total],
    notes: listNotes(list, given),
    bars: [],
  };
}

function listCells(row: FollowUpOffers["rows"][number], { summary, followUp }: Locale): SheetCell[] {
  const { offerNumber, offerId, customerId, customerName, currency, amount, expiresAt, days } = row;
  return [
    textCell(offerNumber ?? offerId ?? ""),
    textCell(customerName ?? customerId ?? summary.unknownCustomer),
    amount === null ? textCell(followUp.unknownAmount) : amountCell(amount, currency),
    { type: "day", day: parseDay(expiresAt ?? "") ?? Number.NaN },
    integerCell(days),
  ];
}

function listNotes({ offers, rows }: FollowUpOffers, { currency, options, locale }: Given): string[] {
  const { followUp: words } = locale;
  const hasOthers = rows.some((row) => row.amount !== null && (row.currency ?? noCurrency) !== currency);
  return [
    ...(offers === 0 ? [words.none[findScope(options)]] : []),
    ...(rows.length < offers ? [words.cut(rows.length, offers)] : []),
    ...(hasOthers && currency !== null ? [words.otherCurrencies(currency)] : []),
  ];
}
