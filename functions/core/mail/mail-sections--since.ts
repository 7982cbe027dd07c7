import { parseDay } from "../basics/calendar.ts";
import { changeKinds, type ChangeKind, type Changes } from "../changes/change-kinds.ts";
import type { ExportResult } from "../export/export-state.ts";
import { type MailTableRow, emptyMailTable, type MailSection, type MailLocale } from "./mail-message.ts";
import { makeCountRow } from "./mail-message--sums.ts";

/** What happened to the offers since the report before. */
export function describeChangesSection(
  changes: Changes,
  { completeness }: Pick<ExportResult, "completeness">,
  speech: MailLocale,
): MailSection {
  const { locale, format } = speech;
  const { changes: words, summary, letter } = locale;
  const { since, kinds } = changes;
  const happened = changeKinds.filter((kind) => kinds[kind].offers > 0);
  const isCertain = since.completeness === "complete" && completeness === "complete";
  const asOf = format.day(parseDay(since.asOf) ?? Number.NaN);
  const section = {
    heading: words.title,
    texts: [
      letter.comparedWith(asOf, format.moment(Date.parse(since.snapshotAt))),
      ...(isCertain ? [] : [`${words.uncertain}.`]),
    ],
    items: [],
  };
  if (happened.length === 0)
    return { ...section, texts: [...section.texts, letter.unchanged], grid: emptyMailTable, notes: [] };
  return {
    ...section,
    grid: {
      columns: [
        { heading: words.what, isNumber: false },
        { heading: summary.count, isNumber: true },
        { heading: summary.value, isNumber: true },
      ],
      rows: happened.map((kind) => makeRow(kind, changes, speech)),
    },
    // The first says which reports are compared, which stands above.
    notes: words.rules.slice(1),
  };
}

function makeRow(kind: ChangeKind, { kinds, currency, otherCurrencies }: Changes, speech: MailLocale): MailTableRow {
  const { offers, value } = kinds[kind];
  const sums = [
    { currency, value },
    ...otherCurrencies.map((other) => ({ currency: other.currency, value: other.values[kind] })),
  ];
  const write = kind === "amount" ? speech.format.difference : speech.format.money;
  return makeCountRow(speech.locale.changes.kinds[kind], { offers, sums, write }, speech);
}
