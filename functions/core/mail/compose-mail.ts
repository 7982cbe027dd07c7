import { parseDay } from "../basics/calendar.ts";
import type { Result } from "../export/export-state.ts";
import { describeFilter } from "../sheets/report-wording.ts";
import { type Grid, labelRow, type Message, noGrid, type Section, type Speech } from "./mail-message.ts";
import type { Options } from "../options/options.ts";
import { describeConversion, describeScore, listTotals } from "./mail-sections.ts";
import { describeSince } from "./mail-sections--since.ts";
import { describeSoon, tellSoon } from "./mail-sections--soon.ts";
import { nameReport } from "./mail-subject.ts";
import { tellWorth } from "./mail-message--sums.ts";
import { tameText } from "../basics/safe-text.ts";

/** A report that is there, and where. */
export type Told = {
  options: Options;
  result: Result;
  schedule: string | null;
  zone: string;
  link: { url: string; expiresAt: string };
};

/** What a mail says of a report. */
export function tellReport(told: Told, speech: Speech): Message {
  const { options, result, schedule } = told;
  const { letter: words } = speech.locale;
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
      describeScore(told, speech),
      describeConversion(told, speech),
      describeExpiring(told, speech),
      result.changes && describeSince(result.changes, result, speech),
      isCertain && remarks.length > 0 ? describeRemarks(remarks, speech) : null,
    ].filter((section) => section !== null),
    footer: [words.describeTimes(told.zone), ...(schedule === null ? [] : [words.scheduled(schedule)])],
  };
}

function tellLead(result: Result, speech: Speech): string {
  const { letter: words } = speech.locale;
  if (result.rows === 0) return words.ready(words.noOffers);
  return words.ready(tellWorth({ offers: result.rows, sums: listTotals(result) }, speech));
}

function tellPreview({ options, result }: Told, speech: Speech): string {
  const { locale, format } = speech;
  const counts = options.status.map(
    (status) => `${format.count(result.statuses[status])} ${locale.statuses[status]}`,
  );
  const soon = result.figures?.followUp.expiringSoon ?? null;
  const atStake =
    soon === null || soon.offers === 0 ? [] : [tellSoon(soon, result.figures?.currency ?? null, speech)];
  return [`${counts.join(", ")}.`, ...atStake].join(" ");
}

function tellLink({ options, result, link }: Told, { locale, format }: Speech): Message["link"] {
  const { letter: words } = locale;
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

function listFacts({ options, result }: Told, { locale, format }: Speech): Grid {
  const { about, summary, letter: words } = locale;
  const verdicts = { complete: summary.verdicts.complete, uncertain: words.uncertainVerdict };
  return {
    columns: [],
    rows: [
      labelRow(about.labels.asOf, format.day(parseDay(options.asOf) ?? Number.NaN)),
      labelRow(about.labels.selection, describeFilter(options, locale)),
      labelRow(about.labels.finishedAt, format.moment(Date.parse(result.snapshotAt))),
      labelRow(about.labels.completeness, verdicts[result.completeness]),
    ],
  };
}

/** Null of a report that leaves open offers out, or was made before these were counted. */
function describeExpiring({ options, result: { figures } }: Told, speech: Speech): Section | null {
  const soon = figures?.followUp.expiringSoon ?? null;
  if (figures === null || soon === null || !options.status.includes("open")) return null;
  return describeSoon(soon, figures.currency, speech);
}

const mostRemarks = 12;
/** Longer than any that is made here. */
const mostRemarkUnits = 160;

function listRemarks({ remarks }: Result, { locale }: Speech): string[] {
  const more = remarks.length - mostRemarks;
  return [
    ...remarks.slice(0, mostRemarks).map((remark) => tameText(remark, mostRemarkUnits)),
    ...(more > 0 ? [locale.letter.moreRemarks(more)] : []),
  ];
}

function describeRemarks(items: string[], { locale }: Speech): Section {
  return { heading: locale.headings.remarks, texts: [], grid: noGrid, items, notes: [] };
}
