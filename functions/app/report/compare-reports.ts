import type { Bucket } from "../../adapters/bucket/bucket.ts";
import { hashReportSeries } from "../../adapters/bucket/key-hashes.ts";
import { logFault } from "../../adapters/log/log.ts";
import { exportKey, manifestKey, seriesKey } from "../../core/basics/bucket-keys.ts";
import { ExportError } from "../../core/basics/errors.ts";
import {
  type ChangeCollector,
  collectChange,
  type OfferPair,
  openChangeCollector,
  openPairing,
  summarizeChanges,
} from "../../core/changes/change-collector.ts";
import type { Changes, NoChangesReason } from "../../core/changes/change-kinds.ts";
import { hasChangedByDay, readOfferState, readStateFacts } from "../../core/changes/change-rules.ts";
import {
  addSeriesReport,
  listEarlierReports,
  ReportSeries,
  type SeriesReport,
} from "../../core/changes/earlier-reports.ts";
import type { ListDirection } from "../../core/crawl/crawl-state.ts";
import { ExportState } from "../../core/export/export-state.ts";
import { type Offer, type RawOffer, readId } from "../../core/offer/offer.ts";
import type { Selection } from "../../core/report/report-row.ts";
import { SnapshotManifest } from "../../core/snapshot/snapshot-manifest.ts";
import type { StateStore } from "../context.ts";
import { readParts } from "../snapshot/snapshot-reader.ts";

type Facts = { currency: string | null; findName: (customerId: string) => string | null };

/**
 * Compares a report with an earlier report. The caller adds the offers of the report's snapshot one by one, each offer
 * once.
 */
export type ReportComparison = {
  addOffer: (given: RawOffer, offer: Offer) => void;
  /** Reads as much of the earlier snapshot as has been added. Call this after each part of the report's snapshot. */
  catchUp: () => Promise<void>;
  /**
   * Ends the comparison. Call this after the last offer. `isGone` must return true for an id when no added offer has
   * this id.
   */
  finish: (isGone: (id: string) => boolean) => Promise<void>;
  /** Stops reading the earlier snapshot. Call this when the comparison is given up, too. */
  close: () => Promise<void>;
  /** Returns the changes, or the reason why there are none to show. */
  summarize: (facts: Facts) => Changes | NoChangesReason;
};

/** Returns a comparison that does nothing, for a report without an earlier report. */
export function noComparison(reason: NoChangesReason): ReportComparison {
  const nothing = async () => undefined;
  return {
    addOffer: () => undefined,
    catchUp: nothing,
    finish: nothing,
    close: nothing,
    summarize: () => reason,
  };
}

type Selections = { before: Selection; after: Selection };

/** `from` is the end of the portal's list at which the caller begins. The comparison begins at the same end. */
type Compared = Selections & { earlier: EarlierReport; from: ListDirection };

/**
 * Opens a comparison that reads the earlier report's snapshot while the caller reads the snapshot of the new report. If
 * the earlier snapshot is removed during this time, `summarize` returns "gone", and the new report shows no changes.
 */
export function openComparison(bucket: Bucket, { earlier, from, ...selections }: Compared): ReportComparison {
  const collector = openChangeCollector();
  const changedByDay = new Set<string>();
  const pairing = openPairing((pair) => {
    // Most offers are unchanged, and comparing their texts is faster than parsing them.
    if (pair.before !== pair.after || changedByDay.has(pair.id)) comparePair(collector, pair, selections);
  });
  const reading = openEarlierReading(readParts(bucket, earlier.manifest, from), earlier.manifest, pairing);
  return {
    addOffer(given, offer) {
      if (reading.status() === "lost" || offer.id === null) return;
      if (hasChangedByDay(offer, selections.before, selections.after)) changedByDay.add(offer.id);
      pairing.addAfter(offer.id, readStateFacts(given));
    },
    catchUp: () => reading.readWhile(() => reading.status() === "reading" && pairing.wantsBefore()),
    async finish(isGone) {
      await reading.readWhile(() => reading.status() === "reading");
      if (reading.status() === "read") pairing.finish(isGone);
    },
    close: reading.close,
    summarize({ currency, findName }) {
      if (reading.status() === "lost") return "gone";
      const { id, asOf, snapshotAt, completeness } = earlier.member;
      return summarizeChanges(collector, {
        since: { id, asOf, snapshotAt, completeness },
        currency,
        findName,
      });
    },
  };
}

/** Adds the change of one offer to the collector. Skips an offer whose later version cannot be read. */
function comparePair(collector: ChangeCollector, pair: OfferPair, selections: Selections): void {
  const after = pair.after === null ? null : readOfferState(pair.after, selections.after);
  if (pair.after !== null && after === null) return;
  const before = pair.before === null ? null : readOfferState(pair.before, selections.before);
  collectChange(collector, { id: pair.id, before, after });
}

/**
 * Reads the earlier snapshot part by part, and adds its offers to the pairing. The status becomes "lost" when a part
 * cannot be read.
 */
function openEarlierReading(
  parts: AsyncGenerator<Iterable<RawOffer>>,
  { id: snapshotId }: SnapshotManifest,
  pairing: ReturnType<typeof openPairing>,
) {
  let status: "reading" | "read" | "lost" = "reading";

  async function readPart(): Promise<void> {
    const { done, value: offers } = await parts.next();
    if (done) {
      status = "read";
      return;
    }
    for (const given of offers) {
      const id = readId(given);
      if (id !== null) pairing.addBefore(id, readStateFacts(given));
    }
  }

  async function readWhile(isNeeded: () => boolean): Promise<void> {
    try {
      while (isNeeded()) await readPart();
    } catch (error) {
      const isKnown = error instanceof ExportError;
      if (isKnown && error.kind !== "gone") throw error;
      if (!isKnown) await logFault(error, { snapshotId });
      status = "lost";
    }
  }

  return { status: () => status, readWhile, close: async () => void (await parts.return(undefined)) };
}

/**
 * Adds the export's report to the series of reports with the same options, so that later reports can be compared with
 * this report. Does nothing when the export has no report. Idempotent.
 */
export async function recordReport(store: StateStore, id: string): Promise<void> {
  const state = await store.bucket.readJson(exportKey(id), ExportState);
  const { result = null, options, run } = state ?? {};
  if (result === null || options === undefined || run?.snapshotId == null) return;
  const { snapshotAt, completeness } = result;
  const { schedule, snapshotId } = run;
  const member = { id, schedule, asOf: options.asOf, snapshotId, snapshotAt, completeness };
  await store.bucket.update(seriesKey(hashReportSeries(store.config, options)), ReportSeries, (before) => ({
    after: addSeriesReport(before ?? { reports: [] }, member),
    answer: null,
  }));
}

/** An earlier report whose snapshot still exists. */
export type EarlierReport = { member: SeriesReport; manifest: SnapshotManifest };

/**
 * The maximum number of earlier reports that are tried. When a report's snapshot has been deleted, the next older
 * report is tried.
 */
const maxTried = 5;

/**
 * Returns the earlier report that this report is compared with. Returns "first" when this report is the first with its
 * options, and "gone" when the snapshots of the earlier reports no longer exist.
 */
export async function findEarlierReport(
  store: StateStore,
  { options, run }: ExportState,
  { id, finishedAt }: SnapshotManifest,
): Promise<EarlierReport | "first" | "gone"> {
  const series = await store.bucket.readJson(
    seriesKey(hashReportSeries(store.config, options)),
    ReportSeries,
  );
  const place = { schedule: run.schedule, asOf: options.asOf, snapshotId: id, snapshotAt: finishedAt };
  const members = listEarlierReports(series ?? { reports: [] }, place);
  for (const member of members.slice(0, maxTried)) {
    const manifest = await readManifest(store, member.snapshotId);
    if (manifest !== null) return { member, manifest };
  }
  return members.length === 0 ? "first" : "gone";
}

async function readManifest({ bucket }: StateStore, snapshotId: string): Promise<SnapshotManifest | null> {
  try {
    return await bucket.readJson(manifestKey(snapshotId), SnapshotManifest);
  } catch (error) {
    if (error instanceof ExportError) throw error;
    await logFault(error, { snapshotId });
    return null;
  }
}
