import { releaseBlanks, wrapLines } from "../basics/safe-text.ts";
import type { Locale } from "../language/locale.ts";
import type { LocaleFormat, Money } from "../language/locales.ts";
import type { Status } from "../offer/offer-status.ts";

/** The content of a mail, for both HTML and plain text. Every text is one line, and safe to show. */
export type MailMessage = {
  title: string;
  /** The text that a list of mails shows after the subject. */
  preview: string;
  lead: string;
  warning: { text: string; items: string[] } | null;
  link: { label: string; url: string; notes: string[] };
  facts: MailTable;
  sections: MailSection[];
  footer: string[];
};

/** A section of a mail. Parts that the section lacks are empty. */
export type MailSection = {
  heading: string;
  texts: string[];
  table: MailTable;
  items: string[];
  notes: string[];
};

/** A table of a mail. In a table without columns, each row is a label and a text. */
export type MailTable = { columns: MailColumn[]; rows: MailTableRow[] };
type MailColumn = { heading: string; isNumber: boolean };

export type MailTableRow = {
  /** The lines of each cell. The first cell is the row's heading. */
  cells: string[][];
  /** The row as one text, for plain text mails. */
  text: string;
  status?: Status;
  isTotal?: boolean;
};

export type MailLocale = { locale: Locale; format: LocaleFormat };

export const emptyMailTable: MailTable = { columns: [], rows: [] };

export function labelRow(label: string, text: string): MailTableRow {
  return { cells: [[label], [text]], text: `${label}: ${text}` };
}

/**
 * The largest number of currencies in a list of amounts. A longer list ends with the number of further currencies.
 */
const maxAmounts = 5;

/**
 * Formats each amount other than zero. When all amounts are zero, formats only the first one, which is in the main
 * currency.
 */
function formatAmounts(
  amounts: Money[],
  { locale, format }: MailLocale,
  write: (amount: Money) => string = format.money,
): string[] {
  const [main, ...others] = amounts.filter(({ currency }) => currency !== null);
  if (main === undefined) return ["–"];
  const nonZero = [main, ...others].filter(({ value }) => Number(value) !== 0);
  if (nonZero.length === 0) return [write(main)];
  const more = nonZero.length - maxAmounts;
  return [
    ...nonZero.slice(0, maxAmounts).map(write),
    ...(more > 0 ? [locale.mail.moreCurrencies(more)] : []),
  ];
}

/** A number of offers and their value in each currency. */
type OfferGroup = { offers: number; amounts: Money[]; write?: (amount: Money) => string };

/** Formats the number of offers and their value as part of a sentence. */
export function formatCountAndAmounts(
  { offers, amounts }: Pick<OfferGroup, "offers" | "amounts">,
  mailLocale: MailLocale,
): string {
  const { locale, format } = mailLocale;
  const { countOffers, countAndSum } = locale.mail;
  const count = countOffers(offers, format.count(offers));
  return countAndSum(offers, count, format.list(formatAmounts(amounts, mailLocale)));
}

/** Makes a table row with a label, a number of offers and their value. */
export function makeCountRow(
  label: string,
  { offers, amounts, write }: OfferGroup,
  mailLocale: MailLocale,
): MailTableRow {
  const { locale, format } = mailLocale;
  const values = formatAmounts(amounts, mailLocale, write);
  const count = locale.mail.countOffers(offers, format.count(offers));
  return {
    cells: [[label], [format.count(offers)], values],
    text: `${label}: ${count}, ${format.list(values)}`,
  };
}

const lineChars = 78;

/** Writes a message as plain text. No-break spaces keep words on one line, and become plain spaces after wrapping. */
export function writeMailText({ title, lead, warning, link, facts, sections, footer }: MailMessage): string {
  const blocks = [
    [underline(title, "=")],
    [wrap(lead)],
    warning === null ? [] : [wrap(warning.text), ...warning.items.map(formatItem)],
    // The URL has a line to itself and is not wrapped, so that mail programs turn the URL into a link.
    [`${link.label}:`, link.url],
    link.notes.map(wrap),
    facts.rows.map(({ text }) => formatItem(text)),
    ...sections.flatMap(listBlocks),
    ["-- ", ...footer.map(wrap)],
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join("\n"))
    .join("\n\n")}\n`;
}

function listBlocks({ heading, texts, table, items, notes }: MailSection): string[][] {
  return [
    [underline(heading, "-"), ...texts.map(wrap)],
    [...table.rows.map(({ text }) => text), ...items].map(formatItem),
    notes.map(wrap),
  ];
}

function underline(text: string, rule: string): string {
  return `${text}\n${rule.repeat(text.length)}`;
}

function wrap(text: string): string {
  return wrapLines(text, lineChars).map(releaseBlanks).join("\n");
}

function formatItem(text: string): string {
  return wrapLines(text, lineChars - 2)
    .map((line, index) => `${index === 0 ? "- " : "  "}${releaseBlanks(line)}`)
    .join("\n");
}
