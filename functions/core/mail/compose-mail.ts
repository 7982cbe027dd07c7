import { type Calendar, parseDay } from "../basics/calendar.ts";
import { sanitizeText } from "../basics/safe-text.ts";
import type { ExportResult, ExportState } from "../export/export-state.ts";
import { createLocaleFormat, locales } from "../language/locales.ts";
import { showsEvidence } from "../options/column-order.ts";
import type { Options } from "../options/export-options.ts";
import { findScope } from "../options/offer-filter.ts";
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
  composeChangesSection,
  composeConversionSection,
  composeExpiringSection,
  composeStatusSection,
  listAmounts,
  summarizeExpiring,
} from "./mail-sections.ts";
import { nameReport, writeSubject } from "./mail-subject.ts";

/** A mail without sender and recipients. The subject is one line. `text` has the same content as `html`. */
export type Mail = { subject: string; text: string; html: string };

/** A finished report that is to be mailed. Everybody who has the link can open the report's file. */
type MailedReport = { state: ExportState; link: { url: string; expiresAt: string } };

/**
 * Composes the mail about a finished report, in the report's language. Throws a RangeError when the export has not
 * succeeded.
 */
export function composeMail({ state, link }: MailedReport, calendar: Calendar): Mail {
  const { options, result, status, run } = state;
  if (status !== "succeeded" || result === null)
    throw new RangeError(`no report in an export that is ${status}`);
  const locale = locales[options.language];
  const mailLocale = { locale, format: createLocaleFormat(locale, calendar) };
  const message = composeMessage({ options, result, run, zone: calendar.zone, link }, mailLocale);
  return {
    subject: writeSubject({ options, result }, mailLocale),
    text: writeMailText(message),
    html: writeMailHtml(message, options.language),
  };
}

/** The facts about a finished report for a mail, and the link to the report's file. */
type ReportFacts = {
  options: Options;
  result: ExportResult;
  run: Pick<ExportState["run"], "schedule" | "conditionalMail">;
  zone: string;
  link: { url: string; expiresAt: string };
};

function composeMessage(facts: ReportFacts, mailLocale: MailLocale): MailMessage {
  const { options, result } = facts;
  const { mail: words } = mailLocale.locale;
  const remarks = listRemarks(result, mailLocale);
  const isCertain = result.completeness === "complete";
  return {
    title: nameReport(options, mailLocale),
    preview: composePreview(facts, mailLocale),
    lead: composeLead(result, mailLocale),
    warning: isCertain ? null : { text: `${words.uncertainVerdict}.`, items: remarks },
    link: composeLink(facts, mailLocale),
    facts: composeFacts(facts, mailLocale),
    sections: [
      composeStatusSection(facts, mailLocale),
      composeConversionSection(facts, mailLocale),
      composeExpiring(facts, mailLocale),
      composeChanges(facts, mailLocale),
      isCertain && remarks.length > 0 ? composeRemarks(remarks, mailLocale) : null,
    ].filter((section) => section !== null),
    footer: composeFooter(facts, mailLocale),
  };
}

function composeFooter(
  { options, zone, run }: ReportFacts,
  { locale: { mail: words } }: MailLocale,
): string[] {
  const { schedule, conditionalMail } = run;
  return [
    words.describeTimes(zone),
    ...(schedule === null ? [] : [words.scheduled(schedule)]),
    ...(conditionalMail === null ? [] : [words.nextMail[conditionalMail.mailWhen][findScope(options)]]),
  ];
}

function composeLead(result: ExportResult, mailLocale: MailLocale): string {
  const { mail: words } = mailLocale.locale;
  if (result.rows === 0) return words.ready(words.noOffers);
  return words.ready(
    formatCountAndAmounts({ offers: result.rows, amounts: listAmounts(result) }, mailLocale),
  );
}

/**
 * Composes the text that a list of mails shows after the subject: the number of offers by status, and the value of
 * the offers that expire soon.
 */
function composePreview({ options, result }: ReportFacts, mailLocale: MailLocale): string {
  const { locale, format } = mailLocale;
  const counts = options.status.map(
    (status) => `${format.count(result.statuses[status])} ${locale.statuses[status]}`,
  );
  const { figures } = result;
  const expiringSoon = figures?.followUp.expiringSoon ?? null;
  const expiring =
    figures === null || expiringSoon === null || expiringSoon.offers === 0
      ? []
      : [summarizeExpiring(expiringSoon, { options, figures }, mailLocale)];
  return [`${counts.join(", ")}.`, ...expiring].join(" ");
}

function composeLink(
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
      ...(showsEvidence(options) ? [words.evidence] : []),
    ],
  };
}

function composeFacts({ options, result }: ReportFacts, { locale, format }: MailLocale): MailTable {
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

/**
 * Composes the section about offers that expire soon. Returns null when the report leaves out open offers, or when an
 * earlier version made the report without counting the expiring offers.
 */
function composeExpiring(
  { options, result: { figures } }: ReportFacts,
  mailLocale: MailLocale,
): MailSection | null {
  const expiringSoon = figures?.followUp.expiringSoon ?? null;
  if (figures === null || expiringSoon === null || !options.status.includes("open")) return null;
  return composeExpiringSection(expiringSoon, { options, figures }, mailLocale);
}

function composeChanges({ options, result }: ReportFacts, mailLocale: MailLocale): MailSection | null {
  return result.changes && composeChangesSection(result.changes, { options, result }, mailLocale);
}

const maxRemarks = 12;
/** The largest number of characters of a remark in a mail. Every remark of this version has fewer. */
const maxRemarkUnits = 160;

function listRemarks({ remarks }: ExportResult, { locale }: MailLocale): string[] {
  const more = remarks.length - maxRemarks;
  return [
    ...remarks.slice(0, maxRemarks).map((remark) => sanitizeText(remark, maxRemarkUnits)),
    ...(more > 0 ? [locale.mail.moreRemarks(more)] : []),
  ];
}

function composeRemarks(items: string[], { locale }: MailLocale): MailSection {
  return { heading: locale.headings.remarks, texts: [], table: emptyMailTable, items, notes: [] };
}
