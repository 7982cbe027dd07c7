import { createCalendar, parseDay } from "../../functions/core/basics/calendar.ts";
import { listColumns } from "../../functions/core/report/columns.ts";
import { locales } from "../../functions/core/language/locales--locales.ts";
import { parseOffer } from "../../functions/core/offer/offer.ts";
import { makeRow, type Row } from "../../functions/core/report/report-row.ts";
import { makeOffers } from "./bench-data--offers.ts";

const calendar = createCalendar("Europe/Amsterdam");

/** All twenty columns, as a Dutch report with evidence has them. */
export const layout = { columns: listColumns(true), locale: locales.nl, calendar };

/** So many rows of plain offers, customers' names and evidence included. */
export function makeRows(count: number): Row[] {
  const asOf = parseDay("2025-01-31") ?? 0;
  const rows: Row[] = [];
  for (const [index, offer] of [...makeOffers(count)].entries()) {
    const given: unknown = JSON.parse(JSON.stringify({ ...offer, ...makeEvidence(index) }));
    rows.push({ ...makeRow(parseOffer(given, calendar), { asOf, calendar }), customerName: makeName(index) });
  }
  return rows;
}

function makeName(index: number): string {
  return `Bakkerij Van Dijk & Zonen ${index % 997}`;
}

function makeEvidence(index: number) {
  if (index % 3 !== 0) return {};
  const acceptedViaUserAgent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0";
  return { acceptedViaIp: `192.0.2.${index % 256}`, acceptedViaUserAgent };
}
