import { parseDay } from "../basics/calendar.ts";
import type { Figures } from "../figures/figures.ts";
import { type MailTableRow, emptyMailTable, type MailSection, type MailLocale } from "./mail-message.ts";
import { formatCountAndAmounts } from "./mail-message--sums.ts";
import { sanitizeText } from "../basics/safe-text.ts";

type Soon = NonNullable<Figures["followUp"]["expiringSoon"]>;

/** The open offers of which not much time is left, the most valuable first. */
export function describeExpiringSection(soon: Soon, currency: string | null, speech: MailLocale): MailSection {
  const { locale, format } = speech;
  const { headings, letter: words } = locale;
  const section = {
    heading: words.expiring,
    texts: [words.noneExpiring],
    grid: emptyMailTable,
    items: [],
    notes: [],
  };
  if (soon.offers === 0) return section;
  const more = soon.offers - soon.rows.length;
  return {
    ...section,
    texts: [summarizeExpiring(soon, currency, speech)],
    grid: {
      columns: [
        { heading: words.customerAndNumber, isNumber: false },
        { heading: headings.expiresAt, isNumber: false },
        { heading: headings.amount, isNumber: true },
      ],
      rows: soon.rows.map((row) => makeRow(row, speech)),
    },
    notes: more > 0 ? [words.moreOffers(more, format.count(more))] : [],
  };
}

/** Their number, and the value at stake. */
export function summarizeExpiring(soon: Soon, currency: string | null, speech: MailLocale): string {
  const sums = [{ currency, value: soon.value }, ...soon.otherCurrencies];
  return speech.locale.letter.describeExpiring(soon.offers, formatCountAndAmounts({ offers: soon.offers, sums }, speech));
}

const mostNumberUnits = 24;
const mostNameUnits = 40;

function makeRow(row: Soon["rows"][number], { locale, format }: MailLocale): MailTableRow {
  const { followUp, summary, letter: words } = locale;
  const number = pickText([row.offerNumber, row.offerId], mostNumberUnits) ?? "–";
  const customer = pickText([row.customerName, row.customerId], mostNameUnits) ?? summary.unknownCustomer;
  const day = parseDay(row.expiresAt ?? "") ?? Number.NaN;
  const { amount, currency } = row;
  const money = amount === null ? followUp.unknownAmount : format.money({ value: amount, currency });
  return {
    cells: [[customer, number], [format.shortDay(day)], [money]],
    line: `${customer}, ${number}: ${money}, ${words.validThrough(format.shortDay(day))}`,
  };
}

/** The first that is there to be seen. */
function pickText(texts: (string | null)[], mostUnits: number): string | null {
  return texts.map((text) => sanitizeText(text ?? "", mostUnits)).find((text) => text !== "") ?? null;
}
