import { type Calendar, parseDay } from "../basics/calendar.ts";
import { sanitizeText } from "../basics/safe-text.ts";
import type { ExportResult, ExportState } from "../export/export-state.ts";
import { createLocaleFormat, locales } from "../language/locales.ts";
import type { Options } from "../options/options.ts";
import { describeSelection } from "../sheets/report-wording.ts";
import { writeMailHtml } from "./mail-html.ts";
import {
  emptyMailTable,
  formatCountAndAmounts,
  labelRow,
  type MailLocale,
  type MailMessage,
  type MailSection,
  type MailTable,
  writeMailText,
} from "./mail-message.ts";
import {
  describeChangesSection,
  describeConversion,
  describeExpiringSection,
  describeStatusSection,
  listAmounts,
  summarizeExpiring,
} from "./mail-sections.ts";
import { nameReport, writeSubject } from "./mail-subject.ts";

/** A report that is there, and where. */
export type ReportFacts = {
  options: Options;
  result: ExportResult;
  schedule: string | null;
  zone: string;
  link: { url: string; expiresAt: string };
};

/** What a mail says of a report. */
export function composeMessage(told: ReportFacts, speech: MailLocale): MailMessage {
  const { options, result, schedule } = told;
  const { mail: words } = speech.locale;
  const remarks = listRemarks(result, speech);
  const isCertain = result.completeness === "complete";
  return {
    title: nameReport(options, speech),
    preview: tellPreview(told, speech),
    lead: tellLead(result, speech),
    warning: isCertain ? null : { text: `${words.uncertainVerdict}.`, items: remarks },
    link: tellLink(told, speech),
    facts: listFacts(told, speech),
    sections: [
      describeStatusSection(told, speech),
      describeConversion(told, speech),
      describeExpiring(told, speech),
      result.changes && describeChangesSection(result.changes, result, speech),
      isCertain && remarks.length > 0 ? describeRemarks(remarks, speech) : null,
    ].filter((section) => section !== null),
    footer: [words.describeTimes(told.zone), ...(schedule === null ? [] : [words.scheduled(schedule)])],
  };
}

function tellLead(result: ExportResult, speech: MailLocale): string {
  const { mail: words } = speech.locale;
  if (result.rows === 0) return words.ready(words.noOffers);
  return words.ready(formatCountAndAmounts({ offers: result.rows, sums: listAmounts(result) }, speech));
}

function tellPreview({ options, result }: ReportFacts, speech: MailLocale): string {
  const { locale, format } = speech;
  const counts = options.status.map(
    (status) => `${format.count(result.statuses[status])} ${locale.statuses[status]}`,
  );
  const soon = result.figures?.followUp.expiringSoon ?? null;
  const atStake =
    soon === null || soon.offers === 0
      ? []
      : [summarizeExpiring(soon, result.figures?.currency ?? null, speech)];
  return [`${counts.join(", ")}.`, ...atStake].join(" ");
}

function tellLink(
  { options, result, link }: ReportFacts,
  { locale, format }: MailLocale,
): MailMessage["link"] {
  const { mail: words } = locale;
  const { name, bytes } = result.file;
  return {
    label: words.download[options.format],
    url: link.url,
    notes: [
      `${name} (${format.bytes(bytes)}). ${words.worksUntil(format.moment(Date.parse(link.expiresAt)))}`,
      words.bearer,
      ...(options.evidence ? [words.evidence] : []),
    ],
  };
}

function listFacts({ options, result }: ReportFacts, { locale, format }: MailLocale): MailTable {
  const { about, summary, mail: words } = locale;
  const verdicts = { complete: summary.verdicts.complete, uncertain: words.uncertainVerdict };
  return {
    columns: [],
    rows: [
      labelRow(about.labels.asOf, format.day(parseDay(options.asOf) ?? Number.NaN)),
      labelRow(about.labels.selection, describeSelection(options, locale)),
      labelRow(about.labels.finishedAt, format.moment(Date.parse(result.snapshotAt))),
      labelRow(about.labels.completeness, verdicts[result.completeness]),
    ],
  };
}

/** Null of a report that leaves open offers out, or was made before these were counted. */
function describeExpiring(
  { options, result: { figures } }: ReportFacts,
  speech: MailLocale,
): MailSection | null {
  const soon = figures?.followUp.expiringSoon ?? null;
  if (figures === null || soon === null || !options.status.includes("open")) return null;
  return describeExpiringSection(soon, figures.currency, speech);
}

const maxRemarks = 12;
/** Longer than any that is made here. */
const maxRemarkUnits = 160;

function listRemarks({ remarks }: ExportResult, { locale }: MailLocale): string[] {
  const more = remarks.length - maxRemarks;
  return [
    ...remarks.slice(0, maxRemarks).map((remark) => sanitizeText(remark, maxRemarkUnits)),
    ...(more > 0 ? [locale.mail.moreRemarks(more)] : []),
  ];
}

function describeRemarks(items: string[], { locale }: MailLocale): MailSection {
  return { heading: locale.headings.remarks, texts: [], grid: emptyMailTable, items, notes: [] };
}

/** A mail without its sender and receivers. The subject is one line; `text` says all that `html` says. */
export type Mail = { subject: string; text: string; html: string };

type Report = {
  /** Of an export that has succeeded. */
  state: ExportState;
  /** Whoever has it has the file. */
  link: { url: string; expiresAt: string };
};

/** The mail that tells that a report is there, in the report's language. Throws a RangeError where there is none. */
export function composeMail({ state, link }: Report, calendar: Calendar): Mail {
  const { options, result, status, run } = state;
  if (status !== "succeeded" || result === null)
    throw new RangeError(`no report in an export that is ${status}`);
  const locale = locales[options.language];
  const speech = { locale, format: createLocaleFormat(locale, calendar) };
  const { schedule } = run;
  const message = composeMessage({ options, result, schedule, zone: calendar.zone, link }, speech);
  return {
    subject: writeSubject({ options, result }, speech),
    text: writeMailText(message),
    html: writeMailHtml(message, options.language),
  };
}
