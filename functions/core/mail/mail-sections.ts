import type { ExportResult } from "../export/export-state.ts";
import type { Figures } from "../figures/figures.ts";
import { hasEveryStatus } from "../sheets/report-wording.ts";
import { labelRow, emptyMailTable, type MailSection, type MailLocale } from "./mail-message.ts";
import { maxCurrencyUnits, type Money } from "../language/locales--money.ts";
import type { Options } from "../options/options.ts";
import type { Status } from "../offer/offer-status.ts";
import { makeCountRow } from "./mail-message--sums.ts";
import { sanitizeText } from "../basics/safe-text.ts";

type Report = { options: Options; result: ExportResult };

/** How many offers of each status there are, and what they are worth. */
export function describeStatusSection({ options, result }: Report, speech: MailLocale): MailSection {
  const { headings, summary, statuses: names } = speech.locale;
  const { figures } = result;
  const parts = options.status.map((status) => {
    const counted = { offers: result.statuses[status], sums: listSums(figures, status) };
    return { ...makeCountRow(names[status], counted, speech), status };
  });
  const total = { offers: result.rows, sums: listAmounts(result) };
  const hasTotal = parts.length > 1;
  return {
    heading: summary.byStatus,
    texts: [],
    grid: {
      columns: [
        { heading: headings.status, isNumber: false },
        { heading: summary.count, isNumber: true },
        { heading: summary.value, isNumber: true },
      ],
      rows: [...parts, ...(hasTotal ? [{ ...makeCountRow(summary.total, total, speech), isTotal: true }] : [])],
    },
    items: [],
    notes:
      figures === null || figures.withoutAmount === 0
        ? []
        : [summary.describeUnvalued(figures.withoutAmount)],
  };
}

function listSums(figures: Figures | null, status: Status): Money[] {
  if (figures === null) return [];
  const { currency, statuses, otherCurrencies } = figures;
  return [
    { currency, value: statuses[status].value },
    ...otherCurrencies.map((other) => ({ currency: other.currency, value: other.statuses[status] })),
  ];
}

/** The figures' currency first. */
export function listAmounts({ figures, totals }: ExportResult): Money[] {
  const main = figures?.currency;
  return Object.entries(totals)
    .map(([currency, value]) => ({ currency, value }))
    .toSorted((a, b) => Number(b.currency === main) - Number(a.currency === main));
}

/** How much was won; nothing where the report leaves out what it is measured by. */
export function describeConversion({ options, result }: Report, speech: MailLocale): MailSection | null {
  const { summary, letter: words } = speech.locale;
  const { format } = speech;
  if (result.figures === null || !hasEveryStatus(options)) return null;
  const { conversion, daysToDecision } = result.figures;
  const { byCount, byValue } = conversion;
  const section = { heading: summary.decisions, texts: [], grid: emptyMailTable, items: [], notes: [] };
  if (byCount === null) return { ...section, texts: [words.noDecisions] };
  const { median } = daysToDecision;
  const rows = [
    labelRow(summary.conversionByCount, format.share(byCount)),
    labelRow(`${summary.conversionByValue}${nameCurrency(result.figures)}`, format.share(byValue)),
    ...(median === null ? [] : [labelRow(summary.medianDays, format.count(median))]),
  ];
  return { ...section, grid: { columns: [], rows }, notes: [summary.conversionFormula] };
}

/** Of several it is one that values are shares of. */
function nameCurrency({ currency, otherCurrencies }: Figures): string {
  if (currency === null || otherCurrencies.length === 0) return "";
  return ` (${sanitizeText(currency, maxCurrencyUnits)})`;
}
