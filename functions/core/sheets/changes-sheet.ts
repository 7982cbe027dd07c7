import { type Day, type Moment, parseDay } from "../basics/calendar.ts";
import { addDecimal, formatDecimal, negateDecimal, parseDecimal } from "../basics/decimal.ts";
import {
  type ChangedOffer,
  type ChangeKind,
  changeKinds,
  type Changes,
  type OfferVersion,
} from "../changes/change-kinds.ts";
import type { ExportResult } from "../export/export-state.ts";
import { noCurrency } from "../figures/currency-sums.ts";
import type { Locale } from "../language/locale.ts";
import {
  amountCell,
  type SheetCell,
  integerCell,
  type SheetPage,
  type SheetTable,
  textCell,
} from "./sheet-table.ts";

type Facts = {
  asOf: Day;
  selection: string;
  finishedAt: Moment;
  completeness: ExportResult["completeness"];
};

/** Describes the changes sheet: the changes of offers since an earlier report. */
export function describeChangesSheet(changes: Changes, facts: Facts, locale: Locale): SheetPage {
  const { changes: words, about, summary } = locale;
  const { since } = changes;
  const isCertain = since.completeness === "complete" && facts.completeness === "complete";
  return {
    name: words.sheetName,
    title: words.title,
    facts: [
      { label: words.asOfBefore, field: dayOf(since.asOf) },
      { label: about.labels.asOf, field: { type: "day", day: facts.asOf } },
      { label: words.readBefore, field: { type: "moment", moment: Date.parse(since.snapshotAt) } },
      { label: about.labels.finishedAt, field: { type: "moment", moment: facts.finishedAt } },
      { label: about.labels.selection, field: textCell(facts.selection) },
      {
        label: about.labels.completeness,
        field: textCell(isCertain ? summary.verdicts.complete : words.uncertain),
      },
    ],
    tables: [
      describeTotals(changes, locale),
      ...(changes.otherCurrencies.length === 0 ? [] : [describeCurrencies(changes, locale)]),
      ...changeKinds.flatMap((kind) => describeKind(kind, changes, locale)),
    ],
    widthsChars: [26, 30, 19, 19, 19, 16],
  };
}

const plain = { totals: [], notes: [], bars: [] };

function describeTotals({ kinds, currency, otherCurrencies }: Changes, locale: Locale): SheetTable {
  const { changes: words, summary } = locale;
  const hasOthers = otherCurrencies.length > 0 && currency !== null;
  return {
    ...plain,
    heading: words.totals,
    columns: [words.what, summary.count, summary.value],
    rows: changeKinds.map((kind) => [
      textCell(words.kinds[kind]),
      integerCell(kinds[kind].offers),
      amountCell(kinds[kind].value, currency),
    ]),
    notes: [...words.rules, ...(hasOthers ? [summary.describeCurrency(currency)] : [])],
  };
}

/**
 * The largest number of further currencies on the sheet. A portal may give any text as a currency, so there may be
 * very many.
 */
const maxCurrencies = 20;

function describeCurrencies({ otherCurrencies }: Changes, locale: Locale): SheetTable {
  const { changes: words, summary } = locale;
  return {
    ...plain,
    heading: summary.otherCurrencies,
    columns: [words.what, summary.currency, summary.value],
    rows: otherCurrencies
      .slice(0, maxCurrencies)
      .flatMap(({ currency, values }) =>
        changeKinds
          .filter((kind) => Number(values[kind]) !== 0)
          .map((kind) => [
            textCell(words.kinds[kind]),
            textCell(currency === noCurrency ? summary.noCurrency : currency),
            amountCell(values[kind], currency),
          ]),
      ),
  };
}

function describeKind(kind: ChangeKind, { kinds }: Changes, locale: Locale): SheetTable[] {
  const { offers, rows } = kinds[kind];
  if (offers === 0) return [];
  return [
    {
      ...plain,
      heading: locale.changes.kinds[kind],
      columns: [locale.headings.offerNumber, locale.summary.customer, ...listHeadings(kind, locale)],
      rows: rows.map((row) => listCells(kind, row, locale)),
      notes: rows.length < offers ? [locale.followUp.cut(rows.length, offers)] : [],
    },
  ];
}

function listHeadings(kind: ChangeKind, { headings, changes: words }: Locale): string[] {
  const { amount, issuedAt, expiresAt, status } = headings;
  switch (kind) {
    case "amount":
      return [status, words.was(amount), words.is(amount), words.difference];
    case "dates":
      return [words.was(issuedAt), words.is(issuedAt), words.was(expiresAt), words.is(expiresAt)];
    case "new":
      return [status, amount, issuedAt, expiresAt];
    case "accepted":
    case "rejected":
    case "expired":
    case "reopened":
    case "gone":
      return [words.was(status), amount, issuedAt, expiresAt];
  }
}

function listCells(kind: ChangeKind, row: ChangedOffer, locale: Locale): SheetCell[] {
  const { offerNumber, offerId, customerId, customerName } = row;
  return [
    textCell(offerNumber ?? offerId),
    textCell(customerName ?? customerId ?? locale.summary.unknownCustomer),
    ...listOwnCells(kind, row, locale),
  ];
}

function listOwnCells(kind: ChangeKind, { before, after }: ChangedOffer, locale: Locale): SheetCell[] {
  const unknown = textCell(locale.followUp.unknownAmount);
  const amount = (version: OfferVersion | null) => (version && readAmount(version)) ?? unknown;
  const day = (text: string | null | undefined) => (text == null ? unknown : dayOf(text));
  const status = (version: OfferVersion | null): SheetCell =>
    version === null ? { type: "empty" } : { type: "status", status: version.status };
  const shown = after ?? before;
  const rest = [amount(shown), day(shown?.issuedAt), day(shown?.expiresAt)];
  switch (kind) {
    case "amount":
      return [status(after), amount(before), amount(after), findDifference(before, after)];
    case "dates":
      return [day(before?.issuedAt), day(after?.issuedAt), day(before?.expiresAt), day(after?.expiresAt)];
    case "new":
      return [status(after), ...rest];
    case "accepted":
    case "rejected":
    case "expired":
    case "reopened":
    case "gone":
      return [status(before), ...rest];
  }
}

function readAmount({ amount, currency }: OfferVersion): SheetCell | null {
  return amount === null ? null : amountCell(amount, currency);
}

/**
 * Returns the new amount minus the old one; an empty cell when an amount is unknown, or when the currencies differ.
 */
function findDifference(before: OfferVersion | null, after: OfferVersion | null): SheetCell {
  if (before?.amount == null || after?.amount == null || before.currency !== after.currency)
    return { type: "empty" };
  const difference = parseDecimal(after.amount);
  addDecimal(difference, negateDecimal(parseDecimal(before.amount)));
  return amountCell(formatDecimal(difference), after.currency);
}

function dayOf(text: string): SheetCell {
  return { type: "day", day: parseDay(text) ?? Number.NaN };
}
