import { type Baseline, type IndexedBaseline, indexBaseline } from "./baseline.ts";
import { assertKnownOffers, findOverlapPage, findInsertionPage } from "./insertions.ts";
import {
  countExcessOffers,
  findProofPage,
  findRangeSides,
  findFirstPageDue,
  hasMisplaced,
  isRefreshProved,
  listObservationsSince,
  listUnsureRanges,
  wasSeenAfter,
} from "./refresh-proof.ts";
import { describeDelta, type RefreshDelta } from "./delta.ts";
import { type Observation } from "./observation.ts";
import { estimateSearchRequests, listMiddlePages, listSuspectRanges, type UnreadRange } from "./alignment--range.ts";
import { chooseProbePage, proveEnds } from "./refresh-plan--end.ts";
import { type FallbackReason, CrawlFallback } from "./observation--fallback.ts";
import { isEarlier, isInserted, listMissingPlaces, openRefreshState, type RefreshState } from "./refresh-state.ts";
import { findTargetPages, hasReadTargets, openRereadTargets, type RereadTargets } from "./reread-targets.ts";

export type RefreshOptions = {
  /** Pages of settled offers that each refresh reads again. */
  rotationPages: number;
  /** What a crawl would take: a refresh that comes to more leaves it to one. */
  mostRequests: number;
  /** Ids of offers to be read again, as the portal's webhooks told; new ones are found without. */
  marked?: string[];
};

/** What to do next: read these, all at once and in any order; take the list as it was found; or crawl. */
export type RefreshPlan =
  | { kind: "read"; pages: number[]; ids: string[] }
  | { kind: "done"; renewal: RefreshDelta }
  | { kind: "crawl"; reason: FallbackReason };

/**
 * A refresh of a complete snapshot: what to read next, by what was seen so far. It is a pure function of all sights,
 * so it goes on from them at any time. It holds the base's ids, some 100 bytes each.
 */
export function openRefreshPlan(base: Baseline, options: RefreshOptions): (sights: Observation[]) => RefreshPlan {
  const { marked = [] } = options;
  const ground = indexBaseline(base, marked);
  const wishes = openRereadTargets(ground, options);
  return (sights) => {
    try {
      return planRefresh(ground, sights, { ...options, wishes });
    } catch (error) {
      if (error instanceof CrawlFallback) return { kind: "crawl", reason: error.reason };
      throw error;
    }
  };
}

type Settings = RefreshOptions & { wishes: RereadTargets };

function planRefresh(ground: IndexedBaseline, given: Observation[], { wishes, mostRequests }: Settings): RefreshPlan {
  if (given.length === 0) return readPages([1]);
  const sights = proveEnds(given);
  const view = openRefreshState(ground, sights);
  const isDone = hasReadTargets(view, wishes) && isRefreshProved(view);
  if (isDone) return takeRenewal(view, describeDelta(view, wishes.heads));
  const next = findNext(view, wishes);
  const requests = sights.length + next.pages.length + next.ids.length + estimateSearchRequests(view.ranges);
  if (requests > mostRequests) throw new CrawlFallback("costly");
  return next;
}

/** More that are gone at once are looked for by a crawl, which asks whether they still exist. */
const maxGone = 40;

function takeRenewal(view: RefreshState, renewal: RefreshDelta): RefreshPlan {
  const gone = renewal.gone.reduce((sum, { from, to }) => sum + to - from, 0);
  if (gone > maxGone) throw new CrawlFallback("shrunk");
  if (hasMisplaced(view, gone)) throw new CrawlFallback("contradicted");
  return { kind: "done", renewal };
}

type Reading = Extract<RefreshPlan, { kind: "read" }>;

function readPages(pages: number[]): Reading {
  return { kind: "read", pages, ids: [] };
}

/** The ends first, then what is wanted, whose pages are marks for the search for what is gone, and at last the proof. */
function findNext(view: RefreshState, wishes: RereadTargets): Reading {
  if (view.doubtful.length > 0) return { kind: "read", pages: [], ids: view.doubtful };
  assertKnownOffers(view);
  const found = findOverlapPage(view) ?? findEnd(view);
  if (found !== null) return readPages([found]);
  const wanted = findTargetPages(view, wishes);
  if (wanted.length > 0) return readPages(wanted);
  const middles = listMiddlePages(view.ranges);
  if (middles.length > 0) return readPages(middles);
  const few = listFew(view);
  return few.length > 0 ? { kind: "read", pages: [], ids: few } : findEvidence(view);
}

/** So many that two pages leave no room for are asked for: one of the pages may be older than the portal says. */
const mostAsked = 2;

function listFew(view: RefreshState): string[] {
  return listSuspectRanges(view.ranges).flatMap((range) => {
    const missing = listMissingPlaces(range, view.deletions);
    const isDue = missing.length <= mostAsked && !wasSeenAfter(view, range);
    return isDue ? missing.map((place) => nameOffer(view, place)) : [];
  });
}

function findEnd(view: RefreshState): number | null {
  const { sights, survey, ground } = view;
  // More stand before the newest page than are known: somebody has entered.
  if (survey.rows.length === 0 && ground.grows === "near") return findInsertionPage(view) ?? 1;
  if (survey.end === null) {
    const since = Math.min(...survey.rows.map((row) => row.since));
    return chooseProbePage(sights.slice(since), expectEnd(view));
  }
  return ground.grows === "far" ? findInsertionPage(view) : null;
}

function expectEnd({ survey, roster, suspects }: RefreshState): number {
  return Math.max(1, Math.ceil((survey.countKnown(roster.to) - suspects.size) / survey.pageSize));
}

function findEvidence(view: RefreshState): Reading {
  const end = findProofPage(view);
  if (end === null) return readPages([chooseProbePage(listObservationsSince(view), expectEnd(view))]);
  const due = findFirstPageDue(view) ?? findInsertionPage(view);
  if (due !== null) return readPages([due]);
  const [unsure] = countExcessOffers(view, end) === 0 ? listUnsureRanges(view, end) : listSuspectRanges(view.ranges);
  if (unsure === undefined) throw new CrawlFallback("inserted");
  return confirm(view, unsure);
}

/** Newcomers are asked for by themselves; else the page before them is looked at after the one behind. */
function confirm(view: RefreshState, range: UnreadRange): Reading {
  const [page, behind] = findRangeSides(view, range);
  if (page === undefined || behind === undefined) throw new CrawlFallback("contradicted");
  if (wasSeenAfter(view, range))
    return readPages([isEarlier(page.last, behind.last) ? page.number : behind.number]);
  const missing = listMissingPlaces(range, view.deletions);
  const newcomers = missing.filter((place) => isInserted(place, view.roster));
  if (newcomers.length === 0) return readPages([page.number]);
  return { kind: "read", pages: [], ids: newcomers.map((place) => nameOffer(view, place)) };
}

function nameOffer({ ground, roster }: RefreshState, place: number): string {
  const newcomer = roster.newcomers[place < 0 ? place - roster.from : place - roster.size];
  return ground.ids[place] ?? newcomer ?? "";
}
