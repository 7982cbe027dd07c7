import type { Day } from "../basics/calendar.ts";
import { formatDecimal } from "../basics/decimal.ts";
import type {
  CountedValue,
  CustomerList,
  ListedCustomer,
  OffersByStatus,
} from "../figures/customer-figures.ts";
import type { Figures } from "../figures/figures.ts";
import type { Locale } from "../language/locale.ts";
import { statuses } from "../offer/offer-status.ts";
import {
  amountCell,
  integerCell,
  type SheetCell,
  type SheetList,
  shareCell,
  textCell,
} from "./sheet-table.ts";

type Given = { currency: string | null; locale: Locale };
type Facts = { asOf: Day; selection: string };

/**
 * The widths of the columns with numbers of offers, of which the last one is for the total. The first one also has room
 * for the date above the table.
 */
const countChars = [12, 13, 11, 10, 8];
const valueChars = 15;

/** Describes the customers sheet: each customer's offers by status, their conversion and the date of the last offer. */
export function describeCustomersSheet(
  customers: CustomerList,
  { currency, otherCurrencies, withoutAmount }: Figures,
  { asOf, selection, locale }: Facts & { locale: Locale },
): SheetList {
  const { customers: words, summary, about, followUp } = locale;
  const given = { currency, locale };
  return {
    name: words.sheetName,
    title: words.title,
    facts: [
      { label: about.labels.asOf, field: { type: "day", day: asOf } },
      { label: about.labels.selection, field: textCell(selection) },
      { label: words.customers, field: integerCell(customers.customers) },
    ],
    columns: listHeadings(locale),
    rows: customers.listed.map((customer) => listCells(customer, given)),
    totals: listTotals(customers, given),
    notes: [
      ...(customers.customers === 0 ? [followUp.none] : []),
      ...(customers.rest === null ? [] : [words.cut(customers.listed.length, customers.customers)]),
      ...(currency !== null && otherCurrencies.length > 0 ? [summary.describeCurrency(currency)] : []),
      ...(withoutAmount > 0 ? [summary.describeUnvalued(withoutAmount)] : []),
      summary.conversionFormula,
    ],
    widthsChars: [34, ...countChars.flatMap((width) => [width, valueChars]), 15, 15, 12],
  };
}

function listHeadings({ customers: words, summary, statuses: names }: Locale): string[] {
  return [
    summary.customer,
    ...statuses.flatMap((status) => [words.countOf(names[status]), words.valueOf(names[status])]),
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

function listNumbers({ statuses: parts, total, conversion }: OffersByStatus, given: Given): SheetCell[] {
  return [
    ...statuses.flatMap((status) => listCounted(parts[status], given)),
    ...listCounted(total, given),
    shareCell(conversion.byCount),
    shareCell(conversion.byValue),
  ];
}

function listCounted({ offers, value }: CountedValue, { currency }: Given): SheetCell[] {
  if (offers === 0) return [{ type: "empty" }, { type: "empty" }];
  return [integerCell(offers), amountCell(formatDecimal(value), currency)];
}
