import type { LocaleFormat } from "../language/locales.ts";
import type { Locale } from "../language/locale.ts";
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
export type MailSection = { heading: string; texts: string[]; grid: MailTable; items: string[]; notes: string[] };

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
