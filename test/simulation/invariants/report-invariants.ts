import * as z from "zod";
import { fileKey, manifestKey } from "../../../functions/core/basics/bucket-keys.ts";
import type { ExportState } from "../../../functions/core/export/export-state.ts";
import { maxSkewMs } from "../time/virtual-clock.ts";
import { findVersion, type ObservedOffer, type Observations, parseBody } from "./observations.ts";
import { listExportIds, listStates } from "./observed-exports.ts";
import {
  type ExpectedRow,
  expectRow,
  type OfferFields,
  readCsv,
  type ReportRow,
  type ReportSelection,
} from "./report-oracle.ts";

/** The times of a reading are of two processes of the service. */
const skewMs = 2 * maxSkewMs;

/** A complete report has a right row for each selected offer of the portal, and no other row. */
export function checkReports(observed: Observations): string[] {
  if (!observed.isPortalOrderly) return [];
  return listExportIds(observed).flatMap((id) => {
    const published = listStates(observed, id).find(({ state }) => state.result !== null);
    if (published?.state.result?.completeness !== "complete") return [];
    return checkReport(observed, published.state).map((detail) => `${id}: ${detail}`);
  });
}

const Manifest = z.object({ startedAt: z.string(), finishedAt: z.string(), method: z.string() });

/** The time in which the offers of a report were read, and the time from which their values may be. */
type Reading = { fromMs: number; toMs: number; valuesFromMs: number };

function checkReport(observed: Observations, state: ExportState): string[] {
  const { id, run, result, options } = state;
  if (result === null || options.format !== "csv" || options.dialect !== "machine") return [];
  const file = findVersion(observed, fileKey(id, result.file.name, result.file.attempt ?? null));
  const stored = observed.objects.get(fileKey(id, result.file.name, result.file.attempt ?? null));
  const body = file?.body ?? stored?.find((version) => version.body !== null)?.body;
  // An export whose snapshot was removed too early crawls again, and the second manifest replaces the first.
  const manifest = (observed.objects.get(manifestKey(run.snapshotId ?? "")) ?? [])
    .flatMap((version) => (version.body === null ? [] : [Manifest.parse(parseBody(version.body))]))
    .find((one) => one.finishedAt === result.snapshotAt);
  if (body == null || manifest === undefined) return ["its file or its snapshot's manifest was never stored"];
  const { startedAt, finishedAt, method } = manifest;
  const fromMs = Date.parse(startedAt) - skewMs;
  const oldest = result.read.at(-1)?.from;
  const valuesFromMs =
    method === "full" || oldest === undefined
      ? fromMs
      : Math.min(fromMs, Date.parse(oldest) - 24 * 3_600_000);
  const reading = { fromMs, toMs: Date.parse(finishedAt) + skewMs, valuesFromMs };
  const rows = readCsv(Buffer.from(body).toString());
  if (rows.length !== result.rows)
    return [`the result says ${result.rows} rows, and the file has ${rows.length}`];
  return compareRows(observed.offers, rows, { reading, selection: options });
}

function compareRows(
  offers: Observations["offers"],
  rows: ReportRow[],
  { reading, selection }: { reading: Reading; selection: ReportSelection },
): string[] {
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const row of rows) {
    const id = row.offerId;
    const offer = offers.get(id);
    if (seen.has(id)) faults.push(`it has ${id} twice`);
    seen.add(id);
    if (offer === undefined || offer.fromMs > reading.toMs || offer.toMs < reading.fromMs)
      faults.push(`it has ${id}, which was not in the list`);
    else {
      const expected = listVersions(offer, reading).map((fields) => expectRow(fields, selection));
      if (!expected.some((one) => one !== null && isRow(row, one)))
        faults.push(`it says of ${id} ${JSON.stringify(row)}; expected ${JSON.stringify(expected)}`);
    }
  }
  for (const offer of offers.values()) {
    if (seen.has(offer.id) || offer.fromMs > reading.fromMs || offer.toMs <= reading.toMs) continue;
    const isSelected = listVersions(offer, reading).every((fields) => expectRow(fields, selection) !== null);
    if (isSelected) faults.push(`it lacks ${offer.id}`);
  }
  return faults.length <= maxFaults
    ? faults
    : [...faults.slice(0, maxFaults), `and ${faults.length - maxFaults} more`];
}

const maxFaults = 5;

/** Returns what the portal said about the offer in the time in which it was read. */
function listVersions({ current, versions }: ObservedOffer, { valuesFromMs, toMs }: Reading): OfferFields[] {
  if (versions === null) return [current.fields];
  return versions
    .filter(
      ({ sinceMs }, index) => sinceMs <= toMs && (versions[index + 1]?.sinceMs ?? Infinity) >= valuesFromMs,
    )
    .map(({ version }) => version.fields);
}

function isRow(row: ReportRow, { status, issuedAt, expiresAt, amount, decidedMs }: ExpectedRow): boolean {
  const decided = row.decidedAt;
  return (
    row.status === status &&
    row.issuedAt === issuedAt &&
    row.expiresAt === expiresAt &&
    (amount === undefined || row.amount === amount) &&
    (decidedMs === null ? decided === "" : Date.parse(decided) === decidedMs)
  );
}
