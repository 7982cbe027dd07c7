import type { DeletedRange } from "./deletions.ts";
import { findInsertionPage } from "./insertions.ts";
import { showsListEnd, isPageObservation, type PageObservation, type Observation } from "./observation.ts";
import { listSuspectRanges, type UnreadRange } from "./alignment.ts";
import {
  findNewestPage,
  isEarlier,
  isInserted,
  hasNoInsertionBetween,
  listMissingPlaces,
  type RefreshState,
} from "./refresh-state.ts";

/**
 * Proves that a refresh knows all offers of the list, by comparing two numbers. The newest observation of the last
 * page shows how many offers the list holds. Only known offers that are not gone can be among them. So when this
 * number is equal to the number of known offers that are not gone, these are exactly the offers of the list. Two more
 * things must hold. No insertion is unknown: when new offers appear at page 1, page 1 is read after the last page.
 * And every suspect is gone: the list had the two pages next to it at the same moment.
 *
 * Example: 1,000 offers are known and 3 of them are deleted. The last page is page 67 and holds 7 offers, so the list
 * holds 66 × 15 + 7 = 997 offers. The numbers are equal. If page 67 held 8 offers, an unknown offer would be in the
 * list. If it held 6 offers, an offer would be gone that no page has shown to be gone yet.
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
  return countExcessOffers(state, end) === 0 && listUnsureRanges(state, end).length === 0;
}

/**
 * Returns the newest observation of the last page; null when there is none, or when it is not newer than all
 * observations that show an offer gone.
 */
export function findProofPage(state: RefreshState): PageObservation | null {
  const end = state.observations.findLast((observation) => showsListEnd(observation));
  if (!showsListEnd(end)) return null;
  return listGoneEvidence(state).every((observation) => observation === end || isEarlier(observation, end))
    ? end
    : null;
}

/** Returns the observations of all rounds after the last round that has shown an offer gone. */
export function listObservationsSince(state: RefreshState): Observation[] {
  const latest = Math.max(-1, ...listGoneEvidence(state).map(({ round }) => round));
  return state.observations.filter(({ round }) => round > latest);
}

/** Returns the observations that show an offer gone: those of deletions, and of the two pages next to a suspect. */
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
 * Returns 1 when page 1 must be read, otherwise null. Page 1 must be read last of all when new offers appear there,
 * otherwise once at any time.
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
 * is also so when the page nearer to page 1 was read later, and no offer had appeared on page 1 meanwhile.
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

/** A page next to a range. `first` is the oldest and `last` the newest observation that shows the page as it is now. */
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
 * True when two observations of the last page, one before and one after `pages` were read, show the same length and
 * last offer of the list, and no offer has appeared on page 1 between these two observations.
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
 * True when a page showed an offer where it cannot have stood: moved back by more positions than offers have appeared
 * on page 1, or moved forward by more positions than offers are gone. The portal has then answered with a wrong page.
 */
export function hasMisplaced(
  { baseline, observations, alignment, order }: RefreshState,
  gone: number,
): boolean {
  const entered = baseline.grows === "near" ? order.insertions.length : 0;
  return observations.filter(isPageObservation).some(({ number, ids }) =>
    ids.some((id, at) => {
      const place = baseline.places.get(id);
      if (place === undefined) return false;
      const moved = (number - 1) * alignment.pageSize + at - place;
      return moved > entered || moved < -gone;
    }),
  );
}
