import type { Bucket } from "../../adapters/bucket/bucket.ts";
import { logFault } from "../../adapters/log/log.ts";
import { ExportError } from "../../core/basics/errors.ts";
import { openPairing, type OfferPair } from "../../core/changes/change-collector--pairing.ts";
import { summarizeChanges, collectChange, openChangeCollector } from "../../core/changes/change-collector.ts";
import type { Changes, NoChangesReason } from "../../core/changes/change-kinds.ts";
import { hasChangedByDay, readStateFacts, readOfferState } from "../../core/changes/offer-state.ts";
import { type Offer, type RawOffer, readId } from "../../core/offer/offer.ts";
import type { Selection } from "../../core/report/report-row.ts";
import { readParts } from "../snapshot/snapshot-store.ts";
import type { EarlierReport } from "./compare-reports--series.ts";

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
