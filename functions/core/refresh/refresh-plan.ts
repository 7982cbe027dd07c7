import { listPageNumbers, type OfferPage, type OfferReader } from "../crawl/offer-page.ts";
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
  findPageToRepeat,
  findProofPage,
  findRangeSides,
  hasMisplaced,
  isRefreshProved,
  listObservationsSince,
  listUnsureRanges,
  maxAsked,
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

/**
 * The plan of a refresh decides what to read next. It also decides when the refresh is done, because the list is
 * known completely. It uses only the observations so far, so a refresh can continue after any interruption.
 * `refresh-state.ts` explains the terms.
 *
 * Example: the baseline holds offers 0 to 44, on three pages of 15, and new offers appear at page 1. After the
 * baseline was made, offer X was added and offer 20 was deleted. No offer is due for another reading.
 * 1. Page 1 shows X and offers 0 to 13. So X is an insertion, 46 offers are known, and page 4 should be the last
 *    page.
 * 2. Page 4 is empty, and page 3 shows offers 30 to 44. So the list holds 45 offers, and one known offer is gone.
 * 3. Between pages 1 and 3, 16 offers are known (14 to 29), but page 2 has room for only 15. Page 2 shows offer 19
 *    next to offer 21, so offer 20 is deleted.
 * 4. Page 3 is read again for the proof. It still shows that the list holds 45 offers, and 45 known offers are not
 *    deleted. Page 1 is read last and shows that no other offer was added. So the delta is one insertion and one
 *    deletion, after six requests.
 */

export type RefreshOptions = {
  /** The number of pages that each refresh reads again for the rotation, although nothing shows a change. */
  rotationPages: number;
  /**
   * The number of requests that a crawl would take. A crawl replaces a refresh that needs more requests than this.
   */
  maxRequests: number;
  /** Portal webhooks have named the offers with these ids since the reading of the baseline began. */
  touchedIds?: string[];
};

/**
 * The next step of a refresh. `read`: read these pages and offers, in any order. `done`: the list is known
 * completely. `crawl`: a crawl must replace the refresh.
 */
export type RefreshPlan =
  | { kind: "read"; pages: number[]; ids: string[] }
  | { kind: "done"; delta: RefreshDelta }
  | { kind: "crawl"; reason: FallbackReason };

/**
 * Returns the function that plans the next step of a refresh. The function keeps the baseline's ids in memory, which
 * takes about 100 bytes for each id.
 */
export function openRefreshPlan(
  given: Baseline,
  options: RefreshOptions,
): (observations: Observation[]) => RefreshPlan {
  const { touchedIds = [] } = options;
  const baseline = indexBaseline(given, touchedIds);
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
  const fault = isDone ? findFault(state) : null;
  if (fault !== null) throw new CrawlFallback(fault);
  if (isDone && listUnconfirmed(state).length === 0)
    return { kind: "done", delta: describeDelta(state, targets.heads) };
  const next = findNextReading(state, targets);
  const requests =
    observations.length + next.pages.length + next.ids.length + estimateSearchRequests(state.ranges);
  if (requests > maxRequests) throw new CrawlFallback("costly");
  return next;
}

/**
 * At most this many offers may be gone in one refresh. When more offers are gone, a crawl replaces the refresh,
 * because a crawl asks the portal whether missing offers still exist.
 */
const maxGone = 40;

/** Returns why a crawl must replace the refresh, if the offers that are gone by now stay gone. */
function findFault(state: RefreshState): FallbackReason | null {
  const { deletions, suspects } = state;
  const gone = deletions.ranges.reduce((sum, { from, to }) => sum + to - from, suspects.size);
  if (gone > maxGone) return "shrunk";
  return hasMisplaced(state, gone) ? "contradicted" : null;
}

/**
 * Returns the ids of the offers that only pages show to be gone. The portal must be asked for each of them by its id,
 * because one wrong page can hide an offer and keep the number of offers right, when another offer is gone that the
 * refresh has not found. Leaves out ranges of many suspects: `findPageToRepeat` has the pages beside them read twice.
 */
function listUnconfirmed(state: RefreshState): string[] {
  const { observations, deletions } = state;
  const asked = new Set<string>();
  for (const observation of observations)
    if (observation.kind === "offer" && observation.fingerprint === null) asked.add(observation.id);
  const deleted = deletions.ranges
    .flatMap(({ from, to }) => listPageNumbers(from, to - 1))
    .map((place) => nameOffer(state, place));
  return [...deleted, ...listSuspectsToAsk(state)].filter((id) => !asked.has(id));
}

type Reading = Extract<RefreshPlan, { kind: "read" }>;

function readPages(pages: number[]): Reading {
  return { kind: "read", pages, ids: [] };
}

/**
 * Returns what to read next. The steps are, in this order: the ends of the list, the reread targets, the search for
 * missing offers, and the proof. The reread targets come before the search because their pages divide the list into
 * shorter ranges.
 */
function findNextReading(state: RefreshState, targets: RereadTargets): Reading {
  if (state.doubtful.length > 0) return { kind: "read", pages: [], ids: state.doubtful };
  assertKnownOffers(state);
  const endPage = findOverlapPage(state) ?? findEndPage(state);
  if (endPage !== null) return readPages([endPage]);
  const targetPages = findTargetPages(state, targets);
  if (targetPages.length > 0) return readPages(targetPages);
  const middles = listMiddlePages(state.ranges);
  if (middles.length > 0) return readPages(middles);
  const suspects = listSuspectsToAsk(state);
  return suspects.length > 0 ? { kind: "read", pages: [], ids: suspects } : findProofReading(state);
}

function listSuspectsToAsk(state: RefreshState): string[] {
  return listSuspectRanges(state.ranges).flatMap((range) => {
    const missing = listMissingPlaces(range, state.deletions);
    const isDue = missing.length <= maxAsked && !wasSeenAfter(state, range);
    return isDue ? missing.map((place) => nameOffer(state, place)) : [];
  });
}

function findEndPage(state: RefreshState): number | null {
  const { observations, alignment, baseline } = state;
  // No page could be aligned, because more offers stand before the newest page than are known. So page 1 has a new
  // offer.
  if (alignment.rows.length === 0 && baseline.grows === "near") return findInsertionPage(state) ?? 1;
  if (alignment.end === null) {
    const since = Math.min(...alignment.rows.map((row) => row.since));
    return chooseProbePage(observations.slice(since), expectLastPage(state));
  }
  return baseline.grows === "far" ? findInsertionPage(state) : null;
}

function expectLastPage({ alignment, order, suspects }: RefreshState): number {
  return Math.max(1, Math.ceil((alignment.countKnown(order.to) - suspects.size) / alignment.pageSize));
}

function findProofReading(state: RefreshState): Reading {
  // The portal is asked by id only when a crawl need not replace the refresh anyway.
  const unconfirmed = findFault(state) === null ? listUnconfirmed(state) : [];
  if (unconfirmed.length > 0) return { kind: "read", pages: [], ids: unconfirmed };
  const end = findProofPage(state);
  if (end === null) return readPages([chooseProbePage(listObservationsSince(state), expectLastPage(state))]);
  const repeated = findPageToRepeat(state, end);
  if (repeated !== null) return readPages([repeated]);
  const due = findFirstPageDue(state) ?? findInsertionPage(state);
  if (due !== null) return readPages([due]);
  const [unsure] =
    countExcessOffers(state, end) === 0 ? listUnsureRanges(state, end) : listSuspectRanges(state.ranges);
  if (unsure === undefined) throw new CrawlFallback("inserted");
  return confirmMissing(state, unsure);
}

/**
 * Returns what to read next to prove that the missing offers of a range are gone. The portal is asked for insertions
 * by their ids. For other offers, the page before the range is read again, so that its observation is newer than that
 * of the page after the range.
 */
function confirmMissing(state: RefreshState, range: UnreadRange): Reading {
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

/** All observations of a refresh so far. For each observation, `offers` has its offers in the order of its ids. */
export type Observed = { observations: Observation[]; offers: RawOffer[][] };

/**
 * Follows the plan as far as the present window of the rate limit allows. Adds the answers to the arrays
 * `observations` and `offers`. After an error, these arrays hold the answers of all earlier rounds. When the returned
 * plan is of kind `read`, the refresh continues in the next window.
 */
export async function readRefresh(
  plan: (observations: Observation[]) => RefreshPlan,
  { observations, offers }: Observed,
  reader: OfferReader,
): Promise<RefreshPlan> {
  for (let next = plan(observations); ; next = plan(observations)) {
    if (next.kind !== "read" || reader.left() < 1) return next;
    const round = (observations.at(-1)?.round ?? 0) + 1;
    for (const { observation, shown, isMiscounted } of await readRound(next, { round, reader })) {
      if (isMiscounted) return { kind: "crawl", reason: "contradicted" };
      observations.push(observation);
      offers.push(shown);
    }
  }
}

type Shown = { observation: Observation; shown: RawOffer[]; isMiscounted: boolean };

async function readRound(
  { pages, ids }: Reading,
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
