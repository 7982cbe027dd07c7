import type { Writable } from "node:stream";
import type { ObjectHeaders } from "../../adapters/bucket/bucket.ts";
import { uploadObject } from "../../adapters/bucket/multipart-upload.ts";
import { runStepAttempt, type StepAttempt } from "../../adapters/bucket/ndjson.ts";
import { dateNow } from "../../adapters/clock/clock.ts";
import { writeCsv } from "../../adapters/spreadsheet/csv-writer.ts";
import { openRowDigest, type RowDigest } from "../../adapters/spreadsheet/output-stream.ts";
import { writeXlsx } from "../../adapters/spreadsheet/xlsx-workbook.ts";
import { fileKey } from "../../core/basics/bucket-keys.ts";
import { formatDay, type Moment } from "../../core/basics/calendar.ts";
import { createStringSet } from "../../core/basics/string-set.ts";
import { truncateChanges } from "../../core/changes/change-kinds.ts";
import type { ListDirection } from "../../core/crawl/crawl-state.ts";
import { joinNames, type NameJoin, noNameJoin } from "../../core/customer/customer.ts";
import type { NameLookup } from "../../core/customer/name-lookup.ts";
import { beginSnapshotPass, type ExportResult, type ExportState } from "../../core/export/export-state.ts";
import { listCustomers } from "../../core/figures/customer-figures.ts";
import { calculateFigures, truncateFigures } from "../../core/figures/figures.ts";
import {
  countOmitted,
  countReportRow,
  emptyReportTotals,
  listCurrencyTotals,
  listStatusCounts,
  type ReportTotals,
} from "../../core/figures/report-totals.ts";
import { locales } from "../../core/language/locales.ts";
import { parseOffer, type RawOffer } from "../../core/offer/offer.ts";
import type { Options } from "../../core/options/export-options.ts";
import { describeReadTimes, type ReadTimes } from "../../core/refresh/read-times.ts";
import { listColumns } from "../../core/report/columns.ts";
import { type Row, selectByOptions, type Selection, selectRow } from "../../core/report/report-row.ts";
import { fitSpreadsheetRow } from "../../core/report/spreadsheet-limits.ts";
import { type ClosingFacts, describeClosingSheets } from "../../core/sheets/closing-sheets.ts";
import {
  listLaterRemarks,
  listRemarks,
  listRemarksWithOffers,
  nameReportFile,
} from "../../core/sheets/report-wording.ts";
import type { SnapshotManifest } from "../../core/snapshot/snapshot-manifest.ts";
import type { AppContext } from "../context.ts";
import { readNameCache } from "../customer/customer-lookup.ts";
import { changeExport } from "../export/export-store.ts";
import { readReadTimes } from "../refresh/refresh-store.ts";
import { findNewestEnd, readParts, skipRepeated } from "../snapshot/snapshot-reader.ts";
import { withSnapshot } from "../snapshot/snapshot-store.ts";
import { findEarlierReport, noComparison, openComparison, type ReportComparison } from "./compare-reports.ts";
import { tidyFiles } from "./publish-report.ts";

export type ReportTask = { id: string; snapshotId: string; naming: NameLookup };

/** `duplicates` is the number of offers in the snapshot that repeat the id of an offer that the pass has read before. */
export type WrittenReport = { result: ExportResult; duplicates: number };

/**
 * Writes the report's file in one pass over the snapshot. Each attempt writes a file of its own, because attempts may
 * know different names of customers. Returns null when the export has already finished, because it was cancelled or
 * another attempt was faster.
 */
export async function writeReport(app: AppContext, report: ReportTask): Promise<WrittenReport | null> {
  return await runStepAttempt(app, (attempt) =>
    withSnapshot(app, report.snapshotId, (manifest) => writeFile(app, report, { manifest, attempt })),
  );
}

async function writeFile(
  app: AppContext,
  { id, naming }: ReportTask,
  { manifest, attempt }: { manifest: SnapshotManifest; attempt: StepAttempt },
): Promise<WrittenReport | null> {
  const { clock } = app;
  const state = await changeExport(app, id, (before) => beginSnapshotPass(before, manifest, dateNow(clock)));
  if (state === null) {
    await tidyFiles(app, id);
    return null;
  }
  const pass = await openPass(app, state, { manifest, naming });
  const { options, tally } = pass;
  const name = nameReportFile(options, locales[options.language]);
  const key = attempt.newKey((attemptId) => fileKey(id, name, attemptId));
  const object = { key, headers: fileHeaders(name, options) };
  const file = await uploadObject(app.bucket, object, (sink) => writeRows(app, pass, sink));
  const { result, figures, changes, rowsSha256 } = pass.summarize();
  const whole = {
    ...result,
    figures: truncateFigures(figures),
    changes: typeof changes === "string" ? null : truncateChanges(changes),
    notCompared: typeof changes === "string" ? changes : null,
    rowsSha256,
    file: { name, ...file, attempt: attempt.id },
  };
  return { result: whole, duplicates: manifest.offers - tally.offers };
}

/** The inputs and running totals of one pass over the snapshot. */
type Pass = {
  options: Options;
  requestedAt: Moment;
  selection: Selection;
  manifest: SnapshotManifest;
  /** The end of the portal's list at which the newest offers stand. The pass begins there. */
  from: ListDirection;
  readTimes: ReadTimes | null;
  naming: NameLookup;
  join: NameJoin;
  comparison: ReportComparison;
  tally: ReportTotals;
  digest: RowDigest;
};

/**
 * `summarize` returns the facts about all rows. Call it only after the last row; repeated calls return the same facts.
 */
type OpenPass = Pass & { summarize: () => ReportFacts };

async function openPass(
  app: AppContext,
  state: ExportState,
  { manifest, naming }: Pick<Pass, "manifest" | "naming">,
): Promise<OpenPass> {
  const { options } = state;
  const selection = selectByOptions(options, app.calendar);
  const [join, readTimes, from] = await Promise.all([
    options.customers ? joinKnownNames(app, naming) : noNameJoin,
    readReadTimes(app.bucket, manifest),
    findNewestEnd(app.bucket, manifest, app.calendar),
  ]);
  const comparison = await beginComparison(app, state, { manifest, selection, from });
  const customers = options.format === "xlsx" ? "every" : "needed";
  const tally = emptyReportTotals(selection.asOf, { customers, range: selection.range });
  const digest = openRowDigest(app.calendar);
  const requestedAt = Date.parse(state.createdAt);
  const inputs = { options, requestedAt, selection, manifest, from, readTimes, naming };
  const pass = { ...inputs, join, comparison, tally, digest };
  let facts: ReportFacts | null = null;
  return { ...pass, summarize: () => (facts ??= summarizePass(app, pass)) };
}

async function joinKnownNames(app: AppContext, { trouble }: NameLookup): Promise<NameJoin> {
  return joinNames(await readNameCache(app), trouble);
}

/** Opens the comparison of this report with an earlier report, if there is an earlier one. */
async function beginComparison(
  app: AppContext,
  state: ExportState,
  { manifest, selection, from }: Pick<Pass, "manifest" | "selection" | "from">,
): Promise<ReportComparison> {
  const earlier = await findEarlierReport(app, state, manifest);
  if (typeof earlier === "string") return noComparison(earlier);
  const before = selectByOptions({ ...state.options, asOf: earlier.member.asOf }, app.calendar);
  return openComparison(app.bucket, { earlier, before, after: selection, from });
}

async function writeRows(app: AppContext, pass: OpenPass, sink: Writable): Promise<void> {
  const { options, requestedAt, manifest, selection } = pass;
  const locale = locales[options.language];
  const columns = listColumns(options);
  const layout = { columns, locale, calendar: app.calendar };
  const rows = listRows(app, pass);
  if (options.format === "csv") {
    await writeCsv(rows, sink, { ...layout, dialect: options.dialect ?? "excel" });
    return;
  }
  const closing = () => {
    const facts = pass.summarize();
    const customers = listCustomers(pass.tally.ledger, facts.figures.currency);
    const given = { ...facts, customers, manifest, requestedAt, options, selection, columns };
    return describeClosingSheets(given, locale);
  };
  await writeXlsx(rows, sink, { ...layout, closing });
}

/**
 * Yields the rows of the report, the newest offer first, in one batch for each part of the snapshot. Adds each offer to
 * the tally and the comparison, and each row to the digest, when the row is taken.
 */
async function* listRows({ bucket }: AppContext, pass: Pass): AsyncGenerator<Iterable<Row>> {
  const { manifest, from, comparison } = pass;
  const isNew = createStringSet();
  try {
    for await (const offers of readParts(bucket, manifest, from)) {
      yield makeRows(pass, skipRepeated(offers, isNew));
      await comparison.catchUp();
    }
    // After the loop, `isNew` returns true only for ids that this snapshot does not contain. The offers with these ids
    // no longer exist.
    await comparison.finish(isNew);
  } finally {
    await comparison.close();
  }
}

function* makeRows(
  { options, selection, tally, digest, join, comparison }: Pass,
  offers: Iterable<RawOffer>,
): Generator<Row> {
  for (const given of offers) {
    tally.offers += 1;
    const offer = parseOffer(given, selection.calendar);
    comparison.addOffer(given, offer);
    const selected = selectRow(offer, selection);
    if (selected === null) {
      countOmitted(tally, offer, selection);
      continue;
    }
    selected.customerName = join.nameCustomer(selected.customerId);
    const row = options.format === "xlsx" ? fitSpreadsheetRow(selected) : selected;
    countReportRow(tally, row);
    digest.addRow(selected);
    yield row;
  }
}

/** The facts that are known only after the last row. The closing sheets show them. */
type ReportFacts = Pick<
  ClosingFacts,
  "result" | "figures" | "changes" | "rowsSha256" | "remarks" | "laterRemarks"
>;

/** Returns the facts about all rows. Call it only once and after the last row, because it ends the digest. */
function summarizePass(app: AppContext, pass: Pass): ReportFacts {
  const { manifest, options, tally, digest, join, comparison } = pass;
  const locale = locales[options.language];
  const isPast = options.asOf < formatDay(app.calendar.dayOf(dateNow(app.clock).getTime()));
  const facts = {
    isPast,
    doubts: manifest.doubts,
    notes: manifest.notes,
    names: join.facts(tally.ledger.customers.listIds()),
  };
  const figures = calculateFigures(tally.ledger);
  return {
    result: summarizeResult(app, pass, listRemarks(tally, locale, facts)),
    figures,
    changes: comparison.summarize({ currency: figures.currency, findName: join.findName }),
    rowsSha256: digest.finish(),
    remarks: listRemarksWithOffers(tally, locale, facts),
    laterRemarks: listLaterRemarks(tally, locale),
  };
}

function summarizeResult(
  { calendar }: AppContext,
  { manifest, readTimes, naming, tally }: Pass,
  remarks: string[],
): ClosingFacts["result"] {
  const { pages, requests, method, saved, doubts, finishedAt } = manifest;
  const read = readTimes ?? [{ readAt: finishedAt, offers: tally.offers }];
  return {
    offers: tally.offers,
    rows: tally.rows,
    pages,
    requests: requests + naming.requests,
    method,
    requestsSaved: saved,
    read: describeReadTimes(read, Date.parse(finishedAt), calendar),
    snapshotAt: finishedAt,
    completeness: doubts.length === 0 ? "complete" : "uncertain",
    remarks,
    totals: listCurrencyTotals(tally),
    statuses: listStatusCounts(tally),
  };
}

const contentTypes = {
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  csv: "text/csv; charset=utf-8",
};

function fileHeaders(name: string, { format }: Options): ObjectHeaders {
  return {
    contentType: contentTypes[format],
    contentDisposition: `attachment; filename="${name}"`,
    cacheControl: "private, no-store",
  };
}
