import type { Day } from "../basics/calendar.ts";
import { formatDecimal } from "../basics/decimal.ts";
import type {
  CountedValue,
  CustomerList,
  ListedCustomer,
  OffersByStatus,
} from "../figures/customer-figures.ts";
import type { Figures } from "../figures/figures.ts";
import { findShownConversion } from "../figures/shown-conversion.ts";
import type { Locale } from "../language/locale.ts";
import { type Status, statuses } from "../offer/offer-status.ts";
import { findScope, type OfferFilter } from "../options/offer-filter.ts";
import {
  amountCell,
  integerCell,
  type SheetCell,
  type SheetList,
  shareCell,
  textCell,
} from "./sheet-table.ts";

/** `shown` are the statuses that have columns: those of the selection, in the usual order. */
type Given = { currency: string | null; shown: Status[]; locale: Locale };
type Facts = { asOf: Day; selection: string; options: OfferFilter };

/** The widths of the columns with numbers of offers. */
const countChars = { open: 12, accepted: 13, rejected: 11, expired: 10, total: 8 };
/** The first of these columns also has room for the date above the table. */
const minFirstChars = 12;
const valueChars = 15;

/** Describes the customers sheet: each customer's offers by status, their conversion and the date of the last offer. */
export function describeCustomersSheet(
  customers: CustomerList,
  figures: Figures,
  { asOf, selection, options, locale }: Facts & { locale: Locale },
): SheetList {
  const { customers: words, about } = locale;
  const shown = statuses.filter((status) => options.status.includes(status));
  const given = { currency: figures.currency, shown, locale };
  return {
    name: words.sheetName,
    title: words.title,
    facts: [
      { label: about.labels.asOf, field: { type: "day", day: asOf } },
      { label: about.labels.selection, field: textCell(selection) },
      { label: words.customers, field: integerCell(customers.customers) },
    ],
    columns: listHeadings(given),
    rows: customers.listed.map((customer) => listCells(customer, given)),
    totals: listTotals(customers, given),
    notes: listNotes(customers, figures, { options, locale }),
    widthsChars: listWidths(shown),
  };
}

function listWidths(shown: Status[]): number[] {
  const counts = [...shown, "total" as const].map((name, index) =>
    index === 0 ? Math.max(countChars[name], minFirstChars) : countChars[name],
  );
  return [34, ...counts.flatMap((width) => [width, valueChars]), 15, 15, 12];
}

function listNotes(
  { customers, listed, rest }: CustomerList,
  figures: Figures,
  { options, locale }: { options: OfferFilter; locale: Locale },
): string[] {
  const { customers: words, summary, followUp } = locale;
  const { currency, otherCurrencies, withoutAmount } = figures;
  const cut = options.status.includes("open") ? words.cut : words.cutByOffers;
  const hasConversion = findShownConversion(options.status, figures).type !== "incomplete";
  return [
    ...(customers === 0 ? [followUp.none[findScope(options)]] : []),
    ...(rest === null ? [] : [cut(listed.length, customers)]),
    ...(currency !== null && otherCurrencies.length > 0 ? [summary.describeCurrency(currency)] : []),
    ...(withoutAmount > 0 ? [summary.describeUnvalued(withoutAmount)] : []),
    ...(hasConversion ? [summary.conversionFormula, words.conversionMinimum] : [summary.conversionNeeds]),
  ];
}

function listHeadings({ shown, locale }: Given): string[] {
  const { customers: words, summary, statuses: names } = locale;
  return [
    summary.customer,
    ...shown.flatMap((status) => [words.countOf(names[status]), words.valueOf(names[status])]),
    words.countOf(words.all),
    words.valueOf(words.all),
    summary.conversionByCount,
    summary.conversionByValue,
    words.lastOffer,
  ];
}

function listCells(customer: ListedCustomer, given: Given): SheetCell[] {
  const { customerId, customerName, lastIssuedAt } = customer;
  return [
    textCell(customerName ?? customerId ?? given.locale.summary.unknownCustomer),
    ...listNumbers(customer, given),
    lastIssuedAt === null ? noDay : { type: "day", day: lastIssuedAt },
  ];
}

const noDay: SheetCell = { type: "empty" };

function listTotals({ customers, rest, total }: CustomerList, given: Given): SheetCell[][] {
  const { locale } = given;
  if (customers === 0) return [];
  return [
    ...(rest === null
      ? []
      : [[textCell(locale.customers.rest(rest.customers)), ...listNumbers(rest, given), noDay]]),
    [textCell(locale.summary.total), ...listNumbers(total, given), noDay],
  ];
}

function listNumbers(offers: OffersByStatus, given: Given): SheetCell[] {
  const conversion = findShownConversion(given.shown, offers);
  const shares = conversion.type === "shares" ? conversion.conversion : null;
  return [
    ...given.shown.flatMap((status) => listCounted(offers.statuses[status], given)),
    ...listCounted(offers.total, given),
    shareCell(shares?.byCount ?? null),
    shareCell(shares?.byValue ?? null),
  ];
}

function listCounted({ offers, value }: CountedValue, { currency }: Given): SheetCell[] {
  if (offers === 0) return [{ type: "empty" }, { type: "empty" }];
  return [integerCell(offers), amountCell(formatDecimal(value), currency)];
}
