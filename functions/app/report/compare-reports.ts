import type { Bucket } from "../../adapters/bucket/bucket.ts";
import { hashReportSeries } from "../../adapters/bucket/key-hashes.ts";
import { logFault } from "../../adapters/log/log.ts";
import { exportKey, manifestKey, seriesKey } from "../../core/basics/bucket-keys.ts";
import { ExportError } from "../../core/basics/errors.ts";
import {
  collectChange,
  type OfferPair,
  openChangeCollector,
  openPairing,
  summarizeChanges,
} from "../../core/changes/change-collector.ts";
import type { Changes, NoChangesReason } from "../../core/changes/change-kinds.ts";
import {
  addSeriesReport,
  listEarlierReports,
  ReportSeries,
  type SeriesReport,
} from "../../core/changes/earlier-reports.ts";
import { hasChangedByDay, readOfferState, readStateFacts } from "../../core/changes/offer-state.ts";
import { ExportState } from "../../core/export/export-state.ts";
import { type Offer, type RawOffer, readId } from "../../core/offer/offer.ts";
import type { Selection } from "../../core/report/report-row.ts";
import { SnapshotManifest } from "../../core/snapshot/snapshot-manifest.ts";
import type { StateStore } from "../context.ts";
import { readParts } from "../snapshot/snapshot-store.ts";

type Facts = { currency: string | null; findName: (customerId: string) => string | null };

/** Compares a report with an earlier one while its offers go by, each once. */
export type ReportComparison = {
  addOffer: (given: RawOffer, offer: Offer) => void;
  isBehind: () => boolean;
  catchUp: () => Promise<void>;
  /** After the last offer; `isGone` tells whether none that went by had the id. */
  finish: (isGone: (id: string) => boolean) => Promise<void>;
  /** What has changed, or why that is not known. */
  draw: (facts: Facts) => Changes | NoChangesReason;
};

export function noComparison(reason: NoChangesReason): ReportComparison {
  const nothing = async () => undefined;
  return {
    addOffer: () => undefined,
    isBehind: () => false,
    catchUp: nothing,
    finish: nothing,
    draw: () => reason,
  };
}

type Sides = { earlier: EarlierReport; before: Selection; after: Selection };

/** Reads the earlier snapshot beside this one. Where it goes meanwhile, nothing is known and the report goes on. */
export function openComparison(bucket: Bucket, { earlier, before, after }: Sides): ReportComparison {
  const { member, manifest } = earlier;
  const news = openChangeCollector();
  const turned = new Set<string>();
  const pairing = openPairing(enterPair);
  const parts = readParts(bucket, manifest);
  let coming = readAhead();
  let state: "reading" | "read" | "lost" = "reading";

  /** Most offers are as they were, which their text tells without being parsed. */
  function enterPair(pair: OfferPair): void {
    if (pair.before === pair.after && !turned.has(pair.id)) return;
    const now = pair.after === null ? null : readOfferState(pair.after, after);
    if (pair.after !== null && now === null) return;
    const then = pair.before === null ? null : readOfferState(pair.before, before);
    collectChange(news, { id: pair.id, before: then, after: now });
  }

  /** The next part comes while this one is compared. It fails when it is taken. */
  function readAhead(): ReturnType<typeof parts.next> {
    const next = parts.next();
    next.catch(() => undefined);
    return next;
  }

  async function readPart(): Promise<void> {
    const { done, value } = await coming;
    if (done) state = "read";
    else {
      coming = readAhead();
      for (const given of value) {
        const id = readId(given);
        if (id !== null) pairing.addBefore(id, readStateFacts(given));
      }
    }
  }

  const isBehind = () => state === "reading" && pairing.wantsBefore();

  async function readWhile(isWanted: () => boolean): Promise<void> {
    try {
      while (isWanted()) await readPart();
    } catch (error) {
      const isKnown = error instanceof ExportError;
      if (isKnown && error.kind !== "gone") throw error;
      if (!isKnown) await logFault(error, { snapshotId: manifest.id });
      state = "lost";
    }
  }

  return {
    addOffer(given, offer) {
      if (state === "lost" || offer.id === null) return;
      if (hasChangedByDay(offer, before, after)) turned.add(offer.id);
      pairing.addAfter(offer.id, readStateFacts(given));
    },
    isBehind,
    catchUp: () => readWhile(isBehind),
    async finish(isGone) {
      await readWhile(() => state === "reading");
      if (state === "read") pairing.finish(isGone);
    },
    draw({ currency, findName }) {
      if (state === "lost") return "gone";
      const { id, asOf, snapshotAt, completeness } = member;
      return summarizeChanges(news, { since: { id, asOf, snapshotAt, completeness }, currency, findName });
    },
  };
}

/** Makes a finished report known to the next of its options; does nothing for any other. May be called again. */
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

/** A report whose snapshot is still there. */
export type EarlierReport = { member: SeriesReport; manifest: SnapshotManifest };

/** Somebody may have deleted some; those before them are as good, only older. */
const maxTried = 5;

/** The report before this one, or why there is none to compare it with. */
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
