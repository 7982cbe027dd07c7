import { SaxesParser } from "saxes";
import { createCalendar, parseDay } from "../../functions/core/basics/calendar.ts";
import {
  type ExportState,
  newExportState,
  type ExportResult,
  succeedExport,
} from "../../functions/core/export/export-state.ts";
import { calculateFigures } from "../../functions/core/figures/figures.ts";
import {
  countReportRow,
  emptyReportTotals,
  listStatusCounts,
  listCurrencyTotals,
} from "../../functions/core/figures/report-totals.ts";
import { type Mail, composeMail } from "../../functions/core/mail/compose-mail.ts";
import { parseOffer } from "../../functions/core/offer/offer.ts";
import { parseOptions } from "../../functions/core/options/export-request.ts";
import { selectByOptions, selectRow } from "../../functions/core/report/report-row.ts";
import { makeExportResult } from "./report-fixtures.ts";

export const dutchCalendar = createCalendar("Europe/Amsterdam");

type Given = { options?: Record<string, unknown>; result?: Partial<ExportResult>; schedule?: string };

/** Makes a finished export of these offers, as of the day `asOf`. */
export function makeFinishedReport(
  offers: Record<string, unknown>[],
  asOf: string,
  { options: given = {}, result = {}, schedule }: Given = {},
): ExportState {
  const day = parseDay(asOf) ?? Number.NaN;
  const request = parseOptions({ asOf, ...given }, day);
  const selection = selectByOptions(request.options, dutchCalendar);
  const tally = emptyReportTotals(day);
  for (const offer of offers) {
    const row = selectRow(parseOffer(offer, selection.calendar), selection);
    if (row !== null) countReportRow(tally, row);
  }
  const now = new Date(`${asOf}T21:30:00Z`);
  const told = makeExportResult({
    offers: offers.length,
    rows: tally.rows,
    snapshotAt: now.toISOString(),
    statuses: listStatusCounts(tally),
    totals: listCurrencyTotals(tally),
    figures: calculateFigures(tally.ledger),
    file: { name: "offertes.xlsx", bytes: 44_138, sha256: "" },
    ...result,
  });
  return succeedExport(newExportState("id", { ...request, schedule: schedule ?? null }, now), told, now);
}

export const mailLink = {
  url: "https://reports.example/s/permanent?a=1&b=2",
  expiresAt: "2026-12-24T06:00:00Z",
};

export function composeMailOf(...report: Parameters<typeof makeFinishedReport>): Mail {
  return composeMail({ state: makeFinishedReport(...report), link: mailLink }, dutchCalendar);
}

type Element = { name: string; attributes: Record<string, string>; text: string };

/**
 * Lists the document's elements with their texts; a `br` is a line break. Throws when the document is not well-formed
 * XML.
 */
export function readHtmlElements(html: string): Element[] {
  const parser = new SaxesParser();
  const open: Element[] = [];
  const elements: Element[] = [];
  parser.on("opentag", ({ name, attributes }) => {
    if (name === "br") for (const element of open) element.text += "\n";
    const element = { name, attributes: { ...attributes }, text: "" };
    open.push(element);
    elements.push(element);
  });
  parser.on("closetag", () => void open.pop());
  parser.on("text", (text) => {
    for (const element of open) element.text += text;
  });
  parser.on("error", (error) => {
    throw error;
  });
  parser.write(html).close();
  for (const element of elements) element.text = element.text.trim();
  return elements;
}

/** Returns the texts of all elements that have this name. */
export function readHtmlTexts(html: string, name: string): string[] {
  return readHtmlElements(html)
    .filter((element) => element.name === name)
    .map(({ text }) => text);
}
