import type { Writable } from "node:stream";
import type { ObjectHeaders } from "../../adapters/bucket/bucket.ts";
import { runStepAttempt, type StepAttempt } from "../../adapters/bucket/ndjson.ts";
import { dateNow } from "../../adapters/clock/clock.ts";
import { writeCsv } from "../../adapters/spreadsheet/csv-writer.ts";
import { openRowDigest, type RowDigest } from "../../adapters/spreadsheet/output-stream.ts";
import { writeXlsx } from "../../adapters/spreadsheet/xlsx-workbook.ts";
import { fileKey } from "../../core/basics/bucket-keys.ts";
import { formatDay } from "../../core/basics/calendar.ts";
import { createStringSet } from "../../core/basics/string-set.ts";
import { truncateChanges } from "../../core/changes/change-kinds.ts";
import type { NameLookup } from "../../core/customer/customer.ts";
import { joinNames, type NameJoin, noNameJoin } from "../../core/customer/name-cache.ts";
import { beginSnapshotPass, type ExportResult, type ExportState } from "../../core/export/export-state.ts";
import { calculateFigures, truncateFigures } from "../../core/figures/figures.ts";
import {
  countOmitted,
  countReportRow,
  emptyReportTotals,
  listCurrencyTotals,
  listStatusCounts,
  type ReportTotals,
} from "../../core/figures/report-totals.ts";
import type { Locale } from "../../core/language/locale.ts";
import { locales } from "../../core/language/locales.ts";
import { parseOffer } from "../../core/offer/offer.ts";
import type { Options } from "../../core/options/options.ts";
import { describeReadTimes, type ReadTimes } from "../../core/refresh/read-times.ts";
import { listColumns } from "../../core/report/columns.ts";
import { type Row, selectByOptions, type Selection, selectRow } from "../../core/report/report-row.ts";
import { fitSpreadsheetRow } from "../../core/report/spreadsheet-limits.ts";
import { type ClosingFacts, describeClosingSheets } from "../../core/sheets/closing-sheets.ts";
import { listRemarks, listRemarksWithOffers, nameReportFile } from "../../core/sheets/report-wording.ts";
import type { SnapshotManifest } from "../../core/snapshot/snapshot-manifest.ts";
import type { AppContext } from "../context.ts";
import { readNameCache } from "../customer/customer-lookup.ts";
import { changeExport } from "../export/export-store.ts";
import { readReadTimes } from "../refresh/commit-refresh.ts";
import { readOffers, withSnapshot } from "../snapshot/snapshot-store.ts";
import { findEarlierReport, noComparison, openComparison, type ReportComparison } from "./compare-reports.ts";
import { tidyFiles } from "./publish-report.ts";

export type ReportTask = { id: string; snapshotId: string; naming: NameLookup };

/** With how many offers came more than once. */
export type WrittenReport = { result: ExportResult; duplicates: number };

/**
 * Writes the report's file from the snapshot, in one pass and under a key of this attempt: another one's may have
 * other names in it. Null when the export is finished: it was cancelled, or another attempt was faster.
 */
export async function writeReport(app: AppContext, report: ReportTask): Promise<WrittenReport | null> {
  return await runStepAttempt(app.bucket, (attempt) =>
    withSnapshot(app, report.snapshotId, (manifest) => writeFile(app, report, { manifest, attempt })),
  );
}

async function writeFile(
  app: AppContext,
  { id, naming }: ReportTask,
  { manifest, attempt }: { manifest: SnapshotManifest; attempt: StepAttempt },
): Promise<WrittenReport | null> {
  const { bucket, calendar, clock } = app;
  const state = await changeExport(app, id, (before) => beginSnapshotPass(before, manifest, dateNow(clock)));
  if (state === null) {
    await tidyFiles(app, id);
    return null;
  }
  const { options } = state;
  const locale = locales[options.language];
  const join = options.customers ? joinNames(await readNameCache(app), naming.trouble) : noNameJoin;
  const selection = selectByOptions(options, calendar);
  const tally = emptyReportTotals(selection.asOf);
  const digest = openRowDigest(calendar);
  const vintages = await readReadTimes(bucket, manifest);
  const comparison = await beginComparison(app, state, { manifest, selection });
  const columns = listColumns(options.evidence);
  const layout = { columns, locale, calendar };
  const rows = () => listRows(app, { options, selection, manifest, tally, digest, join, comparison });
  let told: Told | null = null;
  const tell = () =>
    (told ??= tellResult(tally, {
      manifest,
      vintages,
      locale,
      options,
      app,
      digest,
      naming,
      join,
      comparison,
    }));
  const closing = () => describeClosingSheets({ ...tell(), manifest, options, selection, columns }, locale);
  const name = nameReportFile(options, locale);
  const key = attempt.newKey((attemptId) => fileKey(id, name, attemptId));
  const file = await bucket.upload(key, fileHeaders(name, options), (sink: Writable) =>
    options.format === "csv"
      ? writeCsv(rows(), sink, { ...layout, dialect: options.dialect ?? "excel" })
      : writeXlsx(rows(), sink, { ...layout, closing }),
  );
  const { result, figures, changes, rowsSha256 } = tell();
  const whole = {
    ...result,
    figures: truncateFigures(figures),
    changes: typeof changes === "string" ? null : truncateChanges(changes),
    rowsSha256,
    file: { name, ...file, attempt: attempt.id },
  };
  return { result: whole, duplicates: manifest.offers - tally.offers };
}

/** With the report before this one, if there is any that can be compared. */
async function beginComparison(
  app: AppContext,
  state: ExportState,
  { manifest, selection }: Pick<Reading, "manifest" | "selection">,
): Promise<ReportComparison> {
  const earlier = await findEarlierReport(app, state, manifest);
  if (typeof earlier === "string") return noComparison(earlier);
  const before = selectByOptions({ ...state.options, asOf: earlier.member.asOf }, app.calendar);
  return openComparison(app.bucket, { earlier, before, after: selection });
}

type Reading = {
  options: Options;
  selection: Selection;
  manifest: SnapshotManifest;
  tally: ReportTotals;
  digest: RowDigest;
  join: NameJoin;
  comparison: ReportComparison;
};

/** Counts what goes by: after the last row the tally is that of the whole report. */
async function* listRows(
  { bucket }: AppContext,
  { options, selection, manifest, tally, digest, join, comparison }: Reading,
): AsyncGenerator<Row> {
  const isNew = createStringSet();
  for await (const given of readOffers(bucket, manifest, isNew)) {
    tally.offers += 1;
    const offer = parseOffer(given, selection.calendar);
    comparison.addOffer(given, offer);
    if (comparison.isBehind()) await comparison.catchUp();
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
  await comparison.finish(isNew);
}

type Source = {
  manifest: SnapshotManifest;
  vintages: ReadTimes | null;
  locale: Locale;
  options: Options;
  app: AppContext;
  digest: RowDigest;
  naming: NameLookup;
  join: NameJoin;
  comparison: ReportComparison;
};

type Told = Pick<ClosingFacts, "result" | "figures" | "changes" | "rowsSha256" | "remarks">;

/** Right once the last row has gone by. */
function tellResult(tally: ReportTotals, source: Source): Told {
  const { manifest, vintages, locale, options, app, digest, naming, join, comparison } = source;
  const { pages, requests, method, saved, doubts, notes, finishedAt } = manifest;
  const read = vintages ?? [{ readAt: finishedAt, offers: tally.offers }];
  const isPast = options.asOf < formatDay(app.calendar.dayOf(Date.now()));
  const facts = { isPast, doubts, notes, names: join.facts() };
  const figures = calculateFigures(tally.ledger);
  return {
    result: {
      offers: tally.offers,
      rows: tally.rows,
      pages,
      requests: requests + naming.requests,
      method,
      requestsSaved: saved,
      read: describeReadTimes(read, Date.parse(finishedAt), app.calendar),
      snapshotAt: finishedAt,
      completeness: doubts.length === 0 ? "complete" : "uncertain",
      remarks: listRemarks(tally, locale, facts),
      totals: listCurrencyTotals(tally),
      statuses: listStatusCounts(tally),
    },
    figures,
    changes: comparison.draw({ currency: figures.currency, findName: join.findName }),
    rowsSha256: digest.finish(),
    remarks: listRemarksWithOffers(tally, locale, facts),
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
