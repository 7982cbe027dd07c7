import { type Base, type Ground, openGround } from "./baseline.ts";
import { assertFamiliar, findMeeting, findUncovered } from "./insertions.ts";
import {
  countExcess,
  findProof,
  findSides,
  findTopDue,
  hasMisplaced,
  isProved,
  listSince,
  listUnsure,
  wasSeen,
} from "./refresh-proof.ts";
import { describeRenewal, type Renewal } from "./delta.ts";
import { type Sight } from "./observation.ts";
import { estimateSearch, listMiddles, listSuspects, type Range } from "./alignment--range.ts";
import { probeEnd, proveEnds } from "./refresh-plan--end.ts";
import { type FallbackReason, Fallback } from "./observation--fallback.ts";
import { isBefore, isNewcomer, listMissing, openView, type View } from "./refresh-state.ts";
import { findWanted, isContent, openWishes, type Wishes } from "./reread-targets.ts";

export type RefreshOptions = {
  /** Pages of settled offers that each refresh reads again. */
  rotationPages: number;
  /** What a crawl would take: a refresh that comes to more leaves it to one. */
  mostRequests: number;
  /** Ids of offers to be read again, as the portal's webhooks told; new ones are found without. */
  marked?: string[];
};

/** What to do next: read these, all at once and in any order; take the list as it was found; or crawl. */
export type Plan =
  | { kind: "read"; pages: number[]; ids: string[] }
  | { kind: "done"; renewal: Renewal }
  | { kind: "crawl"; reason: FallbackReason };

/**
 * A refresh of a complete snapshot: what to read next, by what was seen so far. It is a pure function of all sights,
 * so it goes on from them at any time. It holds the base's ids, some 100 bytes each.
 */
export function openRefresh(base: Base, options: RefreshOptions): (sights: Sight[]) => Plan {
  const { marked = [] } = options;
  const ground = openGround(base, marked);
  const wishes = openWishes(ground, options);
  return (sights) => {
    try {
      return planRefresh(ground, sights, { ...options, wishes });
    } catch (error) {
      if (error instanceof Fallback) return { kind: "crawl", reason: error.reason };
      throw error;
    }
  };
}

type Settings = RefreshOptions & { wishes: Wishes };

function planRefresh(ground: Ground, given: Sight[], { wishes, mostRequests }: Settings): Plan {
  if (given.length === 0) return readPages([1]);
  const sights = proveEnds(given);
  const view = openView(ground, sights);
  const isDone = isContent(view, wishes) && isProved(view);
  if (isDone) return takeRenewal(view, describeRenewal(view, wishes.heads));
  const next = findNext(view, wishes);
  const requests = sights.length + next.pages.length + next.ids.length + estimateSearch(view.ranges);
  if (requests > mostRequests) throw new Fallback("costly");
  return next;
}

/** More that are gone at once are looked for by a crawl, which asks whether they still exist. */
const maxGone = 40;

function takeRenewal(view: View, renewal: Renewal): Plan {
  const gone = renewal.gone.reduce((sum, { from, to }) => sum + to - from, 0);
  if (gone > maxGone) throw new Fallback("shrunk");
  if (hasMisplaced(view, gone)) throw new Fallback("contradicted");
  return { kind: "done", renewal };
}

type Reading = Extract<Plan, { kind: "read" }>;

function readPages(pages: number[]): Reading {
  return { kind: "read", pages, ids: [] };
}

/** The ends first, then what is wanted, whose pages are marks for the search for what is gone, and at last the proof. */
function findNext(view: View, wishes: Wishes): Reading {
  if (view.doubtful.length > 0) return { kind: "read", pages: [], ids: view.doubtful };
  assertFamiliar(view);
  const found = findMeeting(view) ?? findEnd(view);
  if (found !== null) return readPages([found]);
  const wanted = findWanted(view, wishes);
  if (wanted.length > 0) return readPages(wanted);
  const middles = listMiddles(view.ranges);
  if (middles.length > 0) return readPages(middles);
  const few = listFew(view);
  return few.length > 0 ? { kind: "read", pages: [], ids: few } : findEvidence(view);
}

/** So many that two pages leave no room for are asked for: one of the pages may be older than the portal says. */
const mostAsked = 2;

function listFew(view: View): string[] {
  return listSuspects(view.ranges).flatMap((range) => {
    const missing = listMissing(range, view.deletions);
    const isDue = missing.length <= mostAsked && !wasSeen(view, range);
    return isDue ? missing.map((place) => nameOffer(view, place)) : [];
  });
}

function findEnd(view: View): number | null {
  const { sights, survey, ground } = view;
  // More stand before the newest page than are known: somebody has entered.
  if (survey.rows.length === 0 && ground.grows === "near") return findUncovered(view) ?? 1;
  if (survey.end === null) {
    const since = Math.min(...survey.rows.map((row) => row.since));
    return probeEnd(sights.slice(since), expectEnd(view));
  }
  return ground.grows === "far" ? findUncovered(view) : null;
}

function expectEnd({ survey, roster, suspects }: View): number {
  return Math.max(1, Math.ceil((survey.countKnown(roster.to) - suspects.size) / survey.pageSize));
}

function findEvidence(view: View): Reading {
  const end = findProof(view);
  if (end === null) return readPages([probeEnd(listSince(view), expectEnd(view))]);
  const due = findTopDue(view) ?? findUncovered(view);
  if (due !== null) return readPages([due]);
  const [unsure] = countExcess(view, end) === 0 ? listUnsure(view, end) : listSuspects(view.ranges);
  if (unsure === undefined) throw new Fallback("inserted");
  return confirm(view, unsure);
}

/** Newcomers are asked for by themselves; else the page before them is looked at after the one behind. */
function confirm(view: View, range: Range): Reading {
  const [page, behind] = findSides(view, range);
  if (page === undefined || behind === undefined) throw new Fallback("contradicted");
  if (wasSeen(view, range))
    return readPages([isBefore(page.last, behind.last) ? page.number : behind.number]);
  const missing = listMissing(range, view.deletions);
  const newcomers = missing.filter((place) => isNewcomer(place, view.roster));
  if (newcomers.length === 0) return readPages([page.number]);
  return { kind: "read", pages: [], ids: newcomers.map((place) => nameOffer(view, place)) };
}

function nameOffer({ ground, roster }: View, place: number): string {
  const newcomer = roster.newcomers[place < 0 ? place - roster.from : place - roster.size];
  return ground.ids[place] ?? newcomer ?? "";
}
