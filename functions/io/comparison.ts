import { ExportError } from "../core/error.ts";
import type { Changes, NoChanges } from "../core/changes.ts";
import { drawChanges, enterPair, openNews } from "../core/news.ts";
import { type Offer, parseOffer } from "../core/offer.ts";
import { openPairing } from "../core/pairing.ts";
import type { Selection } from "../core/report.ts";
import { packStanding, unknownStanding } from "../core/standing.ts";
import type { Bucket } from "./bucket.ts";
import { logFault } from "./log.ts";
import type { Earlier } from "./series.ts";
import { readOffers } from "./snapshot.ts";

type Facts = { currency: string | null; findName: (customerId: string) => string | null };

/** Compares a report with an earlier one while its offers go by. */
export type Comparison = {
  addOffer: (offer: Offer) => Promise<void>;
  /** After the last offer. */
  finish: () => Promise<void>;
  /** What has changed, or why that is not known. */
  draw: (facts: Facts) => Changes | NoChanges;
};

export function noComparison(reason: NoChanges): Comparison {
  return { addOffer: async () => undefined, finish: async () => undefined, draw: () => reason };
}

type Sides = { earlier: Earlier; before: Selection; after: Selection };

/** Reads the earlier snapshot beside this one. Where it goes meanwhile, nothing is known and the report goes on. */
export function openComparison(bucket: Bucket, { earlier, before, after }: Sides): Comparison {
  const { member, manifest } = earlier;
  const news = openNews();
  const pairing = openPairing((pair) => enterPair(news, pair));
  const offers = readOffers(bucket, manifest);
  let isLost = false;

  async function readBefore(): Promise<boolean> {
    const { done, value } = await offers.next();
    if (done) return false;
    const offer = parseOffer(value);
    const text = packStanding(offer, before);
    if (offer.id !== null && text !== unknownStanding) pairing.addBefore(offer.id, text);
    return true;
  }

  async function catchUp(isWanted: () => boolean): Promise<void> {
    try {
      while (isWanted() && (await readBefore()));
    } catch (error) {
      if (error instanceof ExportError && error.kind !== "gone") throw error;
      if (!(error instanceof ExportError)) logFault(error, { snapshotId: manifest.id });
      isLost = true;
    }
  }

  return {
    async addOffer(offer) {
      if (isLost || offer.id === null) return;
      pairing.addAfter(offer.id, packStanding(offer, after));
      await catchUp(pairing.wantsBefore);
    },
    async finish() {
      if (!isLost) await catchUp(() => true);
      if (!isLost) pairing.finish();
    },
    draw({ currency, findName }) {
      if (isLost) return "gone";
      const { id, asOf, snapshotAt, completeness } = member;
      return drawChanges(news, { since: { id, asOf, snapshotAt, completeness }, currency, findName });
    },
  };
}
