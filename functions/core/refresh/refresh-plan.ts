import type { OfferPage, OfferReader } from "../crawl/offer-page.ts";
import type { RawOffer } from "../offer/offer.ts";
import { estimateSearchRequests, listMiddlePages, listSuspectRanges, type UnreadRange } from "./alignment.ts";
import { type Baseline, indexBaseline, type IndexedBaseline } from "./baseline.ts";
import { describeDelta, type RefreshDelta } from "./delta.ts";
import { assertKnownOffers, findInsertionPage, findOverlapPage } from "./insertions.ts";
import {
  chooseProbePage,
  CrawlFallback,
  type FallbackReason,
  fingerprintOffer,
  type Observation,
  observePage,
  type OfferObservation,
  proveEnds,
} from "./observation.ts";
import {
  countExcessOffers,
  findFirstPageDue,
  findProofPage,
  findRangeSides,
  hasMisplaced,
  isRefreshProved,
  listObservationsSince,
  listUnsureRanges,
  wasSeenAfter,
} from "./refresh-proof.ts";
import {
  isEarlier,
  isInserted,
  listMissingPlaces,
  openRefreshState,
  type RefreshState,
} from "./refresh-state.ts";
import { findTargetPages, hasReadTargets, openRereadTargets, type RereadTargets } from "./reread-targets.ts";

export type RefreshOptions = {
  /** Pages of settled offers that each refresh reads again. */
  rotationPages: number;
  /** What a crawl would take: a refresh that comes to more leaves it to one. */
  maxRequests: number;
  /** Ids of offers to be read again, as the portal's webhooks told; new ones are found without. */
  marked?: string[];
};

/** What to do next: read these, all at once and in any order; take the list as it was found; or crawl. */
export type RefreshPlan =
  | { kind: "read"; pages: number[]; ids: string[] }
  | { kind: "done"; delta: RefreshDelta }
  | { kind: "crawl"; reason: FallbackReason };

/**
 * A refresh of a complete snapshot: what to read next, by what was seen so far. It is a pure function of all sights,
 * so it goes on from them at any time. It holds the base's ids, some 100 bytes each.
 */
export function openRefreshPlan(
  base: Baseline,
  options: RefreshOptions,
): (observations: Observation[]) => RefreshPlan {
  const { marked = [] } = options;
  const baseline = indexBaseline(base, marked);
  const targets = openRereadTargets(baseline, options);
  return (observations) => {
    try {
      return planRefresh(baseline, observations, { ...options, targets });
    } catch (error) {
      if (error instanceof CrawlFallback) return { kind: "crawl", reason: error.reason };
      throw error;
    }
  };
}

type Settings = RefreshOptions & { targets: RereadTargets };

function planRefresh(
  baseline: IndexedBaseline,
  given: Observation[],
  { targets, maxRequests }: Settings,
): RefreshPlan {
  if (given.length === 0) return readPages([1]);
  const observations = proveEnds(given);
  const state = openRefreshState(baseline, observations);
  const isDone = hasReadTargets(state, targets) && isRefreshProved(state);
  if (isDone) return takeRenewal(state, describeDelta(state, targets.heads));
  const next = findNext(state, targets);
  const requests =
    observations.length + next.pages.length + next.ids.length + estimateSearchRequests(state.ranges);
  if (requests > maxRequests) throw new CrawlFallback("costly");
  return next;
}

/** More that are gone at once are looked for by a crawl, which asks whether they still exist. */
const maxGone = 40;

function takeRenewal(state: RefreshState, delta: RefreshDelta): RefreshPlan {
  const gone = delta.gone.reduce((sum, { from, to }) => sum + to - from, 0);
  if (gone > maxGone) throw new CrawlFallback("shrunk");
  if (hasMisplaced(state, gone)) throw new CrawlFallback("contradicted");
  return { kind: "done", delta };
}

type Reading = Extract<RefreshPlan, { kind: "read" }>;

function readPages(pages: number[]): Reading {
  return { kind: "read", pages, ids: [] };
}

/** The ends first, then what is wanted, whose pages are marks for the search for what is gone, and at last the proof. */
function findNext(state: RefreshState, targets: RereadTargets): Reading {
  if (state.doubtful.length > 0) return { kind: "read", pages: [], ids: state.doubtful };
  assertKnownOffers(state);
  const found = findOverlapPage(state) ?? findEnd(state);
  if (found !== null) return readPages([found]);
  const wanted = findTargetPages(state, targets);
  if (wanted.length > 0) return readPages(wanted);
  const middles = listMiddlePages(state.ranges);
  if (middles.length > 0) return readPages(middles);
  const few = listFew(state);
  return few.length > 0 ? { kind: "read", pages: [], ids: few } : findEvidence(state);
}

/** So many that two pages leave no room for are asked for: one of the pages may be older than the portal says. */
const maxAsked = 2;

function listFew(state: RefreshState): string[] {
  return listSuspectRanges(state.ranges).flatMap((range) => {
    const missing = listMissingPlaces(range, state.deletions);
    const isDue = missing.length <= maxAsked && !wasSeenAfter(state, range);
    return isDue ? missing.map((place) => nameOffer(state, place)) : [];
  });
}

function findEnd(state: RefreshState): number | null {
  const { observations, alignment, baseline } = state;
  // More stand before the newest page than are known: somebody has entered.
  if (alignment.rows.length === 0 && baseline.grows === "near") return findInsertionPage(state) ?? 1;
  if (alignment.end === null) {
    const since = Math.min(...alignment.rows.map((row) => row.since));
    return chooseProbePage(observations.slice(since), expectEnd(state));
  }
  return baseline.grows === "far" ? findInsertionPage(state) : null;
}

function expectEnd({ alignment, order, suspects }: RefreshState): number {
  return Math.max(1, Math.ceil((alignment.countKnown(order.to) - suspects.size) / alignment.pageSize));
}

function findEvidence(state: RefreshState): Reading {
  const end = findProofPage(state);
  if (end === null) return readPages([chooseProbePage(listObservationsSince(state), expectEnd(state))]);
  const due = findFirstPageDue(state) ?? findInsertionPage(state);
  if (due !== null) return readPages([due]);
  const [unsure] =
    countExcessOffers(state, end) === 0 ? listUnsureRanges(state, end) : listSuspectRanges(state.ranges);
  if (unsure === undefined) throw new CrawlFallback("inserted");
  return confirm(state, unsure);
}

/** Newcomers are asked for by themselves; else the page before them is looked at after the one behind. */
function confirm(state: RefreshState, range: UnreadRange): Reading {
  const [page, behind] = findRangeSides(state, range);
  if (page === undefined || behind === undefined) throw new CrawlFallback("contradicted");
  if (wasSeenAfter(state, range))
    return readPages([isEarlier(page.last, behind.last) ? page.number : behind.number]);
  const missing = listMissingPlaces(range, state.deletions);
  const insertions = missing.filter((place) => isInserted(place, state.order));
  if (insertions.length === 0) return readPages([page.number]);
  return { kind: "read", pages: [], ids: insertions.map((place) => nameOffer(state, place)) };
}

function nameOffer({ baseline, order }: RefreshState, place: number): string {
  const insertion = order.insertions[place < 0 ? place - order.from : place - order.size];
  return baseline.ids[place] ?? insertion ?? "";
}

/** What a refresh has seen so far, and the offers that each sight showed, in the order of its ids. */
export type Observed = { observations: Observation[]; offers: RawOffer[][] };

/**
 * Reads what a refresh wants, as far as the rate limit's window lets it, and adds it to what was seen: of a reading
 * that fails, too, all that came before stays. As long as the plan is to read, it goes on from there.
 */
export async function readRefresh(
  refresh: (observations: Observation[]) => RefreshPlan,
  { observations, offers }: Observed,
  reader: OfferReader,
): Promise<RefreshPlan> {
  for (let plan = refresh(observations); ; plan = refresh(observations)) {
    if (plan.kind !== "read" || reader.left() < 1) return plan;
    const round = (observations.at(-1)?.round ?? 0) + 1;
    for (const { observation, shown, isMiscounted } of await readPlan(plan, { round, reader })) {
      if (isMiscounted) return { kind: "crawl", reason: "contradicted" };
      observations.push(observation);
      offers.push(shown);
    }
  }
}

type Shown = { observation: Observation; shown: RawOffer[]; isMiscounted: boolean };

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
    observation: observePage(page, round, page.offers.map(fingerprintOffer)),
    shown: page.offers,
    isMiscounted: page.isMiscounted,
  };
}

function showOffer(id: string, offer: RawOffer, round: number): Shown {
  const observation: OfferObservation = {
    kind: "offer",
    round,
    id,
    fingerprint: offer === null ? null : fingerprintOffer(offer),
  };
  return { observation, shown: offer === null ? [] : [offer], isMiscounted: false };
}
