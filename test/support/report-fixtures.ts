import { createCalendar, parseDay } from "../../functions/core/basics/calendar.ts";
import type { Language } from "../../functions/core/basics/languages.ts";
import type { ExportResult } from "../../functions/core/export/export-state.ts";
import { type CustomerList, listCustomers } from "../../functions/core/figures/customer-figures.ts";
import { calculateFigures, type Figures } from "../../functions/core/figures/figures.ts";
import {
  countFigureRow,
  type FigureCounter,
  openFigureCounter,
} from "../../functions/core/figures/report-totals.ts";
import { locales } from "../../functions/core/language/locales.ts";
import { parseOffer } from "../../functions/core/offer/offer.ts";
import { type IssueRange, resolveRange } from "../../functions/core/options/export-options.ts";
import { parseOptions } from "../../functions/core/options/export-request.ts";
import { listColumns } from "../../functions/core/report/columns.ts";
import { makeRow, type Row } from "../../functions/core/report/report-row.ts";
import type { AboutFacts } from "../../functions/core/sheets/about-sheet.ts";
import type { ClosingSheets } from "../../functions/core/sheets/closing-sheets.ts";
import { describeCustomersSheet } from "../../functions/core/sheets/customers-sheet.ts";
import { describeFollowUpSheet } from "../../functions/core/sheets/follow-up-sheet.ts";
import { describeSummarySheet } from "../../functions/core/sheets/summary-sheet.ts";

/** Every column, evidence included, in the order for people. */
export const peopleColumns = listColumns({ dialect: null, evidence: true, columns: null });

/** Every column, evidence included, in the order of the `machine` CSV. */
export const machineColumns = listColumns({ dialect: "machine", evidence: true, columns: null });

const ordinary: Row = {
  offerNumber: "00123",
  offerId: "1",
  customerId: "7",
  customerName: "Bakkerij De Vries",
  issuedAt: 20_000,
  expiresAt: 20_030,
  status: "open",
  decidedAt: null,
  daysToDecision: null,
  daysOpen: 12,
  daysUntilExpiry: 18,
  expiringSoon: false,
  acceptedLate: false,
  currency: "EUR",
  amount: "1234.50",
  signed: false,
  createdAt: null,
  acceptedViaIp: null,
  acceptedViaUserAgent: null,
  raw: {},
  remarks: [],
};

/** The row of an ordinary open offer, with the given changes. */
export function buildRow(given: Partial<Row> = {}): Row {
  return { ...ordinary, ...given };
}

export async function* streamRows(rows: Iterable<Row>): AsyncGenerator<Iterable<Row>> {
  yield rows;
}

const calendar = createCalendar("Europe/Amsterdam");

/** Makes the rows of a report, as of the day `asOf`, from offers as the portal returns them. */
export function makeRows(offers: Record<string, unknown>[], asOf: string): Row[] {
  const day = parseDay(asOf) ?? Number.NaN;
  return offers.map((offer) => makeRow(parseOffer(offer, calendar), { asOf: day, calendar }));
}

export function makeFigures(rows: Row[], asOf: string, range?: IssueRange): Figures {
  return calculateFigures(countRows(rows, asOf, range));
}

/** Makes the list of customers of a report, with values in the report's currency. */
export function makeCustomerList(rows: Row[], asOf: string): CustomerList {
  const counter = countRows(rows, asOf);
  return listCustomers(counter, calculateFigures(counter).currency);
}

function countRows(rows: Row[], asOf: string, range: IssueRange = { from: null, to: null }): FigureCounter {
  const counter = openFigureCounter(parseDay(asOf) ?? Number.NaN, { range });
  for (const row of rows) countFigureRow(counter, row);
  return counter;
}

/** Makes the result of an export without offers, with a snapshot that was made now. */
export function makeExportResult(given: Partial<ExportResult> = {}): ExportResult {
  return {
    offers: 0,
    rows: 0,
    pages: 1,
    requests: 1,
    method: "full",
    requestsSaved: 0,
    read: [],
    snapshotAt: new Date().toISOString(),
    completeness: "complete",
    remarks: [],
    totals: {},
    statuses: { open: 0, accepted: 0, rejected: 0, expired: 0 },
    figures: null,
    changes: null,
    rowsSha256: null,
    file: { name: "offers.xlsx", bytes: 1, sha256: "" },
    ...given,
  };
}

const ordinaryFacts: AboutFacts = {
  asOf: 20_000,
  zone: "Europe/Amsterdam",
  selection: "Alle offertes",
  startedAt: Date.UTC(2026, 2, 29, 0, 59, 59, 900),
  finishedAt: Date.UTC(2026, 2, 29, 1, 0, 7),
  offers: 347,
  rows: 200,
  isReused: false,
  pages: 24,
  requests: 33,
  nameRequests: 0,
  method: "full",
  requestsSaved: 0,
  read: [{ from: "2026-03-29", to: "2026-03-29", offers: 347 }],
  completeness: "complete",
  remarks: [],
  compared: "first",
  rowsSha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  columns: ["offerNumber", "status"],
};

/** Returns the facts about a complete report, with the given changes. Summer time began during the report's crawl. */
export function buildAboutFacts(given: Partial<AboutFacts> = {}): AboutFacts {
  return { ...ordinaryFacts, ...given };
}

type Given = {
  language?: Language;
  about?: Partial<AboutFacts>;
  rows?: Row[];
  asOf?: string;
  options?: Record<string, unknown>;
};

/** Makes the sheets of a report of these rows, which the options select, except the sheets of offers. */
export function buildClosingSheets(given: Given = {}): ClosingSheets {
  const { language = "nl", rows = [], asOf = "2024-10-04" } = given;
  const { options } = parseOptions({ asOf, ...given.options }, parseDay(asOf) ?? Number.NaN);
  const about = buildAboutFacts(given.about);
  const locale = locales[language];
  const figures = makeFigures(rows, asOf, resolveRange(options));
  return {
    summary: describeSummarySheet(figures, { ...about, options, laterRemarks: [] }, locale),
    followUp: describeFollowUpSheet(figures, { ...about, options }, locale),
    changes: null,
    customers: describeCustomersSheet(makeCustomerList(rows, asOf), figures, { ...about, options, locale }),
    about,
  };
}
