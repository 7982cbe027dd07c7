import { releaseBlanks, wrapLines } from "../basics/safe-text.ts";
import type { Locale } from "../language/locale.ts";
import type { LocaleFormat, Money } from "../language/locales.ts";
import type { Status } from "../offer/offer-status.ts";

/** What a mail says, whatever shows it. Every text is one line in which a stranger's words do no harm. */
export type MailMessage = {
  title: string;
  /** What a list of mails shows behind the subject. */
  preview: string;
  lead: string;
  warning: { text: string; items: string[] } | null;
  link: { label: string; url: string; notes: string[] };
  facts: MailTable;
  sections: MailSection[];
  footer: string[];
};

/** What has none of a part has it empty. */
export type MailSection = {
  heading: string;
  texts: string[];
  grid: MailTable;
  items: string[];
  notes: string[];
};

/** Without columns its rows are a label and a text. */
export type MailTable = { columns: MailColumn[]; rows: MailTableRow[] };
export type MailColumn = { heading: string; isNumber: boolean };

export type MailTableRow = {
  /** A cell is one line or more, the first cell the row's heading. */
  cells: string[][];
  /** The same where there are no columns. */
  line: string;
  status?: Status;
  isTotal?: boolean;
};

/** In what language, and how it writes. */
export type MailLocale = { locale: Locale; format: LocaleFormat };

export const emptyMailTable: MailTable = { columns: [], rows: [] };

export function labelRow(label: string, text: string): MailTableRow {
  return { cells: [[label], [text]], line: `${label}: ${text}` };
}

/** There are some hundred and sixty currencies; more than a few have no place in a mail. */
const maxSums = 5;

/** What some offers are worth, a text for each currency that counts; the first is that of the figures. */
export function formatAmounts(
  sums: Money[],
  { locale, format }: MailLocale,
  write: (sum: Money) => string = format.money,
): string[] {
  const [main, ...others] = sums.filter(({ currency }) => currency !== null);
  if (main === undefined) return ["–"];
  const counted = [main, ...others].filter(({ value }) => Number(value) !== 0);
  if (counted.length === 0) return [write(main)];
  const more = counted.length - maxSums;
  return [...counted.slice(0, maxSums).map(write), ...(more > 0 ? [locale.mail.moreCurrencies(more)] : [])];
}

type Counted = { offers: number; sums: Money[]; write?: (sum: Money) => string };

/** How many offers, and what they are worth: in a sentence. */
export function formatCountAndAmounts(
  { offers, sums }: Pick<Counted, "offers" | "sums">,
  speech: MailLocale,
): string {
  const { locale, format } = speech;
  const { countOffers, countAndSum } = locale.mail;
  const counted = countOffers(offers, format.count(offers));
  return countAndSum(offers, counted, format.list(formatAmounts(sums, speech)));
}

/** A row of a label, a number of offers and what they are worth. */
export function makeCountRow(
  label: string,
  { offers, sums, write }: Counted,
  speech: MailLocale,
): MailTableRow {
  const { locale, format } = speech;
  const written = formatAmounts(sums, speech, write);
  const counted = locale.mail.countOffers(offers, format.count(offers));
  return {
    cells: [[label], [format.count(offers)], written],
    line: `${label}: ${counted}, ${format.list(written)}`,
  };
}

const lineChars = 78;

/** The message as plain text. What must not be torn is held together by no-break spaces, which it ends without. */
export function writeMailText({ title, lead, warning, link, facts, sections, footer }: MailMessage): string {
  const blocks = [
    [underline(title, "=")],
    [wrap(lead)],
    warning === null ? [] : [wrap(warning.text), ...warning.items.map(itemise)],
    // Alone in its line, and whole: programs make a link of it.
    [`${link.label}:`, link.url],
    link.notes.map(wrap),
    facts.rows.map(({ line }) => itemise(line)),
    ...sections.flatMap(listBlocks),
    ["-- ", ...footer.map(wrap)],
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join("\n"))
    .join("\n\n")}\n`;
}

function listBlocks({ heading, texts, grid, items, notes }: MailSection): string[][] {
  return [
    [underline(heading, "-"), ...texts.map(wrap)],
    [...grid.rows.map(({ line }) => line), ...items].map(itemise),
    notes.map(wrap),
  ];
}

function underline(text: string, rule: string): string {
  return `${text}\n${rule.repeat(text.length)}`;
}

function wrap(text: string): string {
  return wrapLines(text, lineChars).map(releaseBlanks).join("\n");
}

function itemise(text: string): string {
  return wrapLines(text, lineChars - 2)
    .map((line, index) => `${index === 0 ? "- " : "  "}${releaseBlanks(line)}`)
    .join("\n");
}
