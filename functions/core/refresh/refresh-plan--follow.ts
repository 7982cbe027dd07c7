import type { RawOffer } from "../offer/offer.ts";
import type { OfferPage } from "../crawl/offer-page.ts";
import { fingerprintOffer } from "./observation--fingerprint.ts";
import type { PageReader } from "../crawl/offer-page--reader.ts";
import type { RefreshPlan } from "./refresh-plan.ts";
import { type OfferObservation, type Observation, observePage } from "./observation.ts";

/** Asks the portal for single offers, too. */
export type OfferReader = PageReader & {
  /** Several at once, in the order of the ids; null for one that is gone. */
  readOffers: (ids: string[]) => Promise<RawOffer[]>;
};

/** What a refresh has seen so far, and the offers that each sight showed, in the order of its ids. */
export type Observed = { sights: Observation[]; offers: RawOffer[][] };

/**
 * Reads what a refresh wants, as far as the rate limit's window lets it, and adds it to what was seen: of a reading
 * that fails, too, all that came before stays. As long as the plan is to read, it goes on from there.
 */
export async function readRefresh(
  refresh: (sights: Observation[]) => RefreshPlan,
  { sights, offers }: Observed,
  reader: OfferReader,
): Promise<RefreshPlan> {
  for (let plan = refresh(sights); ; plan = refresh(sights)) {
    if (plan.kind !== "read" || reader.left() < 1) return plan;
    const round = (sights.at(-1)?.round ?? 0) + 1;
    for (const { sight, shown, isMiscounted } of await readPlan(plan, { round, reader })) {
      if (isMiscounted) return { kind: "crawl", reason: "contradicted" };
      sights.push(sight);
      offers.push(shown);
    }
  }
}

type Shown = { sight: Observation; shown: RawOffer[]; isMiscounted: boolean };

async function readPlan(
  { pages, ids }: Extract<RefreshPlan, { kind: "read" }>,
  { round, reader }: { round: number; reader: OfferReader },
): Promise<Shown[]> {
  const numbers = pages.slice(0, reader.left());
  const [only] = numbers;
  const read =
    numbers.length === 1 && only !== undefined
      ? [await reader.readPage(only)]
      : await reader.readPages(numbers);
  const asked = ids.slice(0, Math.max(0, reader.left()));
  const found = asked.length > 0 ? await reader.readOffers(asked) : [];
  return [
    ...read.map((page) => showPage(page, round)),
    ...asked.map((id, index) => showOffer(id, found[index] ?? null, round)),
  ];
}

function showPage(page: OfferPage, round: number): Shown {
  return {
    sight: observePage(page, round, page.offers.map(fingerprintOffer)),
    shown: page.offers,
    isMiscounted: page.isMiscounted,
  };
}

function showOffer(id: string, offer: RawOffer, round: number): Shown {
  const sight: OfferObservation = {
    kind: "offer",
    round,
    id,
    fingerprint: offer === null ? null : fingerprintOffer(offer),
  };
  return { sight, shown: offer === null ? [] : [offer], isMiscounted: false };
}
