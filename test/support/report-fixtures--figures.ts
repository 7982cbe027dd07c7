import { createCalendar, parseDay } from "../../functions/core/basics/calendar.ts";
import { calculateFigures, type Figures } from "../../functions/core/figures/figures.ts";
import { countFigureRow, openFigureCounter } from "../../functions/core/figures/report-totals--ledger.ts";
import { parseOffer } from "../../functions/core/offer/offer.ts";
import { makeRow, type Row } from "../../functions/core/report/report-row.ts";

const calendar = createCalendar("Europe/Amsterdam");

/** Offers as the portal gives them, as rows of that day. */
export function makeRows(offers: Record<string, unknown>[], asOf: string): Row[] {
  const day = parseDay(asOf) ?? Number.NaN;
  return offers.map((offer) => makeRow(parseOffer(offer, calendar), { asOf: day, calendar }));
}

export function figuresOf(rows: Row[], asOf: string): Figures {
  const ledger = openFigureCounter(parseDay(asOf) ?? Number.NaN);
  for (const row of rows) countFigureRow(ledger, row);
  return calculateFigures(ledger);
}
