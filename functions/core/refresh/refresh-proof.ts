import { listPageNumbers } from "../crawl/offer-page.ts";
import { listSuspectRanges, type UnreadRange } from "./alignment.ts";
import type { DeletedRange } from "./deletions.ts";
import { findInsertionPage } from "./insertions.ts";
import { showsListEnd, isPageObservation, type PageObservation, type Observation } from "./observation.ts";
import {
  findNewestPage,
  isEarlier,
  isInserted,
  hasNoInsertionBetween,
  listMissingPlaces,
  type RefreshState,
} from "./refresh-state.ts";

/**
 * True when a refresh is proved to know all offers of the list. The proof compares two numbers. The first is the
 * number of offers in the list, as the newest observation of the last page shows it. The second is the number of
 * known offers that are not gone. Every offer of the list is one of these, so when the numbers are equal, the list
 * holds exactly these offers. Two conditions must hold for this. All insertions are known: when new offers appear at
 * page 1, page 1 is read after the last page. And all suspects are gone: the list had the two pages next to each
 * suspect at the same moment.
 *
 * Example: 1,000 offers are known and 3 of them are deleted. The last page is page 67 and holds 7 offers, so the list
 * holds 66 × 15 + 7 = 997 offers. The numbers are equal. If page 67 held 8 offers, the list would hold one unknown
 * offer. If it held 6 offers, one more known offer would be gone.
 */
export function isRefreshProved(state: RefreshState): boolean {
  const end = findProofPage(state);
  if (
    end === null ||
    state.doubtful.length > 0 ||
    findFirstPageDue(state) !== null ||
    findInsertionPage(state) !== null
  )
    return false;
  return (
    findPageToRepeat(state, end) === null &&
    countExcessOffers(state, end) === 0 &&
    listUnsureRanges(state, end).length === 0
  );
}

/**
 * When a range has at most this many suspects, the portal is asked for each of them by id. They may still exist,
 * because the portal may have answered with an outdated page. For a range with more suspects, it is cheaper to read the
 * two pages beside it twice.
 */
export const maxAsked = 2;

/**
 * Returns the number of a page that must be read again, because one answer of the portal decides alone; null when there
 * is no such page. One wrong answer must not hide or invent an offer, so a second answer confirms each of these:
 * - The length of the list: two readings of the last page show the same one. If an outdated last page alone gave the
 *   length, nothing would show that offers have been added or deleted.
 * - The insertions: every page from the growing end to the seam is part of the alignment. The seam is the page that
 *   holds the baseline's offer next to the insertions. It was read twice, or the next page towards the baseline has
 *   been read: a wrong seam that hides an insertion shows an offer of its neighbour.
 * - The suspects: the portal was asked for them by id, or both pages beside them were read twice.
 *
 * A refresh cannot find one kind of wrong answer: the list changes during the refresh, and the wrong answer agrees with
 * an earlier answer. Example: the last page shows 100 offers, one of them is deleted, the refresh finds this deletion,
 * and then an outdated last page shows 100 offers again. So the refresh keeps one offer that was deleted before.
 */
export function findPageToRepeat(state: RefreshState, end: PageObservation): number | null {
  const { observations, alignment } = state;
  const total = countAll(end, alignment.pageSize);
  const confirmed = observations.find(
    (other) => other !== end && showsListEnd(other) && countAll(other, alignment.pageSize) === total,
  );
  if (confirmed === undefined) return end.number;
  return findUnsureSide(state) ?? findUnsureSeam(state, total, confirmed);
}

function findUnsureSeam(state: RefreshState, total: number, confirmed: Observation): number | null {
  const { baseline, alignment, order, observations } = state;
  const { rows, pageSize, countKnown } = alignment;
  const isNear = baseline.grows === "near";
  const insertions = isNear ? countKnown(0) : countKnown(order.to) - countKnown(order.size);
  const pageOf = (rank: number) => Math.floor(Math.max(0, rank) / pageSize) + 1;
  const seam = pageOf(isNear ? insertions : total - insertions - 1);
  const numbers = isNear ? listPageNumbers(1, seam) : listPageNumbers(seam, pageOf(total - 1));
  const isAligned = (page: number) => rows.some(({ number }) => number === page);
  // At the far end, these pages must be as new as the length of the list, because offers move from one to the next.
  const isOutdated = (page: number) => {
    const newest = findNewestPage(observations, page);
    return !isNear && newest !== undefined && isEarlier(newest, confirmed);
  };
  const unsure = numbers.findLast((page) => !isAligned(page) || isOutdated(page));
  if (unsure !== undefined) return unsure;
  return isAligned(isNear ? seam + 1 : seam - 1) || wasRepeated(state, seam) ? null : seam;
}

/** Returns a page beside many suspects that was read only once. */
function findUnsureSide(state: RefreshState): number | null {
  const sides = listSuspectRanges(state.ranges)
    .filter((range) => listMissingPlaces(range, state.deletions).length > maxAsked)
    .flatMap((range) => findRangeSides(state, range));
  return sides.find(({ number }) => !wasRepeated(state, number))?.number ?? null;
}

/** True when an earlier observation of the page shows the same offers as the newest one. */
function wasRepeated({ observations }: RefreshState, page: number): boolean {
  const newest = findNewestPage(observations, page);
  return observations.some(
    (other) =>
      other !== newest &&
      isPageObservation(other) &&
      other.number === page &&
      other.ids.join() === newest?.ids.join(),
  );
}

/**
 * Returns the newest observation of the last page, if it is newer than every other observation that shows that an
 * offer is gone. Otherwise returns null.
 */
export function findProofPage(state: RefreshState): PageObservation | null {
  const end = state.observations.findLast((observation) => showsListEnd(observation));
  if (!showsListEnd(end)) return null;
  return listGoneEvidence(state).every((observation) => observation === end || isEarlier(observation, end))
    ? end
    : null;
}

/** Returns the observations of the rounds after the last round that showed that an offer is gone. */
export function listObservationsSince(state: RefreshState): Observation[] {
  const latest = Math.max(-1, ...listGoneEvidence(state).map(({ round }) => round));
  return state.observations.filter(({ round }) => round > latest);
}

/**
 * Returns the observations that show that an offer is gone. A deletion has one such observation. For a suspect, these
 * are observations of the two pages next to it.
 */
function listGoneEvidence({ observations, deletions, alignment, ranges }: RefreshState): Observation[] {
  const ofDeletions = deletions.ranges.map(({ observation }: DeletedRange) => observations[observation]);
  const ofSuspects = listSuspectRanges(ranges).flatMap((range) =>
    alignment.rows.filter((row) => isBeside(row, range)).map(({ since }) => observations[since]),
  );
  return [...ofDeletions, ...ofSuspects].filter((observation) => observation !== undefined);
}

function isBeside({ number }: { number: number }, { fromPage }: UnreadRange): boolean {
  return number === fromPage || number === fromPage - 1;
}

/**
 * Returns 1 when page 1 must be read; otherwise null. When new offers appear at page 1, it must be read last of all.
 * When they appear at the last page, page 1 must be read once, at any time.
 */
export function findFirstPageDue({ baseline, observations }: RefreshState): 1 | null {
  const top = findNewestPage(observations, 1);
  if (top === undefined) return 1;
  const isNewest = observations.every((observation) => observation === top || isEarlier(observation, top));
  return baseline.grows === "far" || isNewest ? null : 1;
}

/** Returns the number of known offers that are not gone, minus the number of offers in the list. */
export function countExcessOffers(
  { alignment, order, suspects }: RefreshState,
  end: PageObservation,
): number {
  return alignment.countKnown(order.to) - suspects.size - countAll(end, alignment.pageSize);
}

function countAll({ number, ids }: PageObservation, pageSize: number): number {
  return (number - 1) * pageSize + ids.length;
}

/**
 * Returns the ranges whose suspects may still be in the list. A suspect is certainly gone when the list had the two
 * pages next to it at the same moment. This is so when nothing has moved between the requests for the two pages. It
 * is also so when the page nearer to page 1 was read later, and no offer has appeared on page 1 between the two
 * requests.
 */
export function listUnsureRanges(state: RefreshState, end: PageObservation): UnreadRange[] {
  return listSuspectRanges(state.ranges).filter((range) => {
    const [page, behind] = findRangeSides(state, range);
    if (page === undefined || behind === undefined || wasSeenAfter(state, range)) return true;
    if (listMissingPlaces(range, state.deletions).some((place) => isInserted(place, state.order)))
      return true;
    const isReadBackwards =
      isEarlier(behind.first, page.last) && hasNothingEntered(state, behind.first, page.last);
    return !isReadBackwards && !wasUnchanged(state, [page, behind], end);
  });
}

/**
 * A page next to a range. Of the observations that show the page as it is now, `first` is the oldest and `last` is
 * the newest.
 */
type Side = { first: Observation; last: Observation; number: number };

/** Returns the aligned pages right before and right after a range. */
export function findRangeSides({ observations, alignment }: RefreshState, range: UnreadRange): Side[] {
  return alignment.rows
    .filter((row) => isBeside(row, range))
    .flatMap(({ number, since, observation }) => {
      const [first, last] = [observations[since], observations[observation]];
      return first === undefined || last === undefined ? [] : [{ first, last, number }];
    });
}

/** True when a suspect of the range was seen in a later round than one of the pages next to the range. */
export function wasSeenAfter(state: RefreshState, range: UnreadRange): boolean {
  const { observations, seenAt } = state;
  const oldest = Math.min(...findRangeSides(state, range).map(({ first }) => first.round));
  return listMissingPlaces(range, state.deletions).some(
    (place) => (observations[seenAt.get(place) ?? -1]?.round ?? -1) > oldest,
  );
}

/** True when no offer has appeared on page 1 between the two observations. */
function hasNothingEntered(
  { baseline, observations }: RefreshState,
  from: Observation,
  to: Observation,
): boolean {
  return baseline.grows === "far" || hasNoInsertionBetween(observations, from, to);
}

/**
 * True when the list did not change while `pages` were read. This is so when one observation of the last page before
 * `pages` and one after them show the same length of the list and the same last offer, and no offer has appeared on
 * page 1 between these two observations.
 */
function wasUnchanged(state: RefreshState, pages: Side[], end: PageObservation): boolean {
  const { observations, alignment } = state;
  return observations.filter(isPageObservation).some((start) => {
    const isSame =
      showsListEnd(start) && countAll(start, alignment.pageSize) === countAll(end, alignment.pageSize);
    const isAround = pages.every((page) =>
      [page.first, page.last].some(
        (observation) => isEarlier(start, observation) && isEarlier(observation, end),
      ),
    );
    return isSame && isAround && start.ids.at(-1) === end.ids.at(-1) && hasNothingEntered(state, start, end);
  });
}

/**
 * True when a page showed an offer at a position that it cannot have had. Then the portal has answered with a wrong
 * page. Each offer that appears on page 1 moves other offers away from page 1 by one position. Each offer that is
 * gone moves other offers towards page 1 by one position. No offer can have moved further than that.
 */
export function hasMisplaced(
  { baseline, observations, alignment, order }: RefreshState,
  gone: number,
): boolean {
  const entered = baseline.grows === "near" ? order.insertions.length : 0;
  return observations.filter(isPageObservation).some(({ number, ids }) =>
    ids.some((id, at) => {
      const place = order.find(id);
      if (place === undefined) return false;
      const moved = (number - 1) * alignment.pageSize + at - place;
      return moved > entered || moved < -gone;
    }),
  );
}
