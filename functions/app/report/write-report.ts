import type { Writable } from "node:stream";
import type { ObjectHeaders } from "../../adapters/bucket/bucket.ts";
import { type Attempt, runAttempt } from "../../adapters/bucket/ndjson--step-attempt.ts";
import { dateNow } from "../../adapters/clock/clock.ts";
import { writeCsv } from "../../adapters/spreadsheet/csv-writer.ts";
import { type Digest, openDigest } from "../../adapters/spreadsheet/output-stream--digest.ts";
import { writeXlsx } from "../../adapters/spreadsheet/xlsx-workbook.ts";
import { fileKey } from "../../core/basics/bucket-keys.ts";
import { formatDay } from "../../core/basics/calendar.ts";
import { createSeen } from "../../core/basics/string-set.ts";
import { shortenChanges } from "../../core/changes/change-kinds.ts";
import type { Naming } from "../../core/customer/customer--naming.ts";
import { type Join, joinNames, noJoin } from "../../core/customer/name-cache--join.ts";
import { beginPass, type ExportState, type Result } from "../../core/export/export-state.ts";
import { drawFigures, shortenFigures } from "../../core/figures/figures.ts";
import { countOmitted, countRow, emptyTally, listStatuses, listTotals, type Tally } from "../../core/figures/report-totals.ts";
import type { Locale } from "../../core/language/locale.ts";
import { locales } from "../../core/language/locales--locales.ts";
import { parseOffer } from "../../core/offer/offer.ts";
import type { Options } from "../../core/options/options.ts";
import { describeVintages, type Vintages } from "../../core/refresh/read-times.ts";
import { listColumns } from "../../core/report/columns.ts";
import { type Row, selectBy, type Selection, selectRow } from "../../core/report/report-row.ts";
import { fitSpreadsheet } from "../../core/report/spreadsheet-limits.ts";
import { type ClosingFacts, describeClosing } from "../../core/sheets/closing-sheets.ts";
import { nameFile } from "../../core/sheets/report-wording--name.ts";
import { listRemarks, nameRemarks } from "../../core/sheets/report-wording.ts";
import type { Manifest } from "../../core/snapshot/snapshot-manifest.ts";
import type { World } from "../context.ts";
import { readNames } from "../customer/customer-lookup--names.ts";
import { changeExport } from "../export/export-store.ts";
import { readVintages } from "../refresh/commit-refresh.ts";
import { useSnapshot } from "../snapshot/snapshot-store--use.ts";
import { readOffers } from "../snapshot/snapshot-store.ts";
import { findEarlier } from "./compare-reports--series.ts";
import { type Comparison, noComparison, openComparison } from "./compare-reports.ts";
import { tidyFiles } from "./publish-report.ts";

export type Report = { id: string; snapshotId: string; naming: Naming };

/** With how many offers came more than once. */
export type Written = { result: Result; duplicates: number };

/**
 * Writes the report's file from the snapshot, in one pass and under a key of this attempt: another one's may have
 * other names in it. Null when the export is finished: it was cancelled, or another attempt was faster.
 */
export async function writeReport(world: World, report: Report): Promise<Written | null> {
  return await runAttempt(world.bucket, (attempt) =>
    useSnapshot(world, report.snapshotId, (manifest) => writeFile(world, report, { manifest, attempt })),
  );
}

async function writeFile(
  world: World,
  { id, naming }: Report,
  { manifest, attempt }: { manifest: Manifest; attempt: Attempt },
): Promise<Written | null> {
  const { bucket, calendar, clock } = world;
  const state = await changeExport(world, id, (before) => beginPass(before, manifest, dateNow(clock)));
  if (state === null) {
    await tidyFiles(world, id);
    return null;
  }
  const { options } = state;
  const locale = locales[options.language];
  const join = options.customers ? joinNames(await readNames(world), naming.trouble) : noJoin;
  const selection = selectBy(options, calendar);
  const tally = emptyTally(selection.asOf);
  const digest = openDigest(calendar);
  const vintages = await readVintages(bucket, manifest);
  const comparison = await beginComparison(world, state, { manifest, selection });
  const columns = listColumns(options.evidence);
  const layout = { columns, locale, calendar };
  const rows = () => listRows(world, { options, selection, manifest, tally, digest, join, comparison });
  let told: Told | null = null;
  const tell = () =>
    (told ??= tellResult(tally, {
      manifest,
      vintages,
      locale,
      options,
      world,
      digest,
      naming,
      join,
      comparison,
    }));
  const closing = () => describeClosing({ ...tell(), manifest, options, selection, columns }, locale);
  const name = nameFile(options, locale);
  const key = attempt.own((own) => fileKey(id, name, own));
  const file = await bucket.upload(key, fileHeaders(name, options), (sink: Writable) =>
    options.format === "csv"
      ? writeCsv(rows(), sink, { ...layout, dialect: options.dialect ?? "excel" })
      : writeXlsx(rows(), sink, { ...layout, closing }),
  );
  const { result, figures, changes, rowsSha256 } = tell();
  const whole = {
    ...result,
    figures: shortenFigures(figures),
    changes: typeof changes === "string" ? null : shortenChanges(changes),
    rowsSha256,
    file: { name, ...file, attempt: attempt.id },
  };
  return { result: whole, duplicates: manifest.offers - tally.offers };
}

/** With the report before this one, if there is any that can be compared. */
async function beginComparison(
  world: World,
  state: ExportState,
  { manifest, selection }: Pick<Reading, "manifest" | "selection">,
): Promise<Comparison> {
  const earlier = await findEarlier(world, state, manifest);
  if (typeof earlier === "string") return noComparison(earlier);
  const before = selectBy({ ...state.options, asOf: earlier.member.asOf }, world.calendar);
  return openComparison(world.bucket, { earlier, before, after: selection });
}

type Reading = {
  options: Options;
  selection: Selection;
  manifest: Manifest;
  tally: Tally;
  digest: Digest;
  join: Join;
  comparison: Comparison;
};

/** Counts what goes by: after the last row the tally is that of the whole report. */
async function* listRows(
  { bucket }: World,
  { options, selection, manifest, tally, digest, join, comparison }: Reading,
): AsyncGenerator<Row> {
  const isNew = createSeen();
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
    const row = options.format === "xlsx" ? fitSpreadsheet(selected) : selected;
    countRow(tally, row);
    digest.addRow(selected);
    yield row;
  }
  await comparison.finish(isNew);
}

type Source = {
  manifest: Manifest;
  vintages: Vintages | null;
  locale: Locale;
  options: Options;
  world: World;
  digest: Digest;
  naming: Naming;
  join: Join;
  comparison: Comparison;
};

type Told = Pick<ClosingFacts, "result" | "figures" | "changes" | "rowsSha256" | "remarks">;

/** Right once the last row has gone by. */
function tellResult(tally: Tally, source: Source): Told {
  const { manifest, vintages, locale, options, world, digest, naming, join, comparison } = source;
  const { pages, requests, method, saved, doubts, notes, finishedAt } = manifest;
  const read = vintages ?? [{ readAt: finishedAt, offers: tally.offers }];
  const isPast = options.asOf < formatDay(world.calendar.dayOf(Date.now()));
  const facts = { isPast, doubts, notes, names: join.facts() };
  const figures = drawFigures(tally.ledger);
  return {
    result: {
      offers: tally.offers,
      rows: tally.rows,
      pages,
      requests: requests + naming.requests,
      method,
      requestsSaved: saved,
      read: describeVintages(read, Date.parse(finishedAt), world.calendar),
      snapshotAt: finishedAt,
      completeness: doubts.length === 0 ? "complete" : "uncertain",
      remarks: listRemarks(tally, locale, facts),
      totals: listTotals(tally),
      statuses: listStatuses(tally),
    },
    figures,
    changes: comparison.draw({ currency: figures.currency, findName: join.findName }),
    rowsSha256: digest.finish(),
    remarks: nameRemarks(tally, locale, facts),
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
