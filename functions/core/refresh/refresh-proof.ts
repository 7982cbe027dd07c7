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
 * Whether the list is known as it was at one moment. At the newest sight of its end it held so many offers. No
 * others can have been among them than those known and not shown to be gone before; so if they are as many, they
 * are the same. What has to hold besides: no newcomer is unknown, for page 1 was looked at after the end; and who
 * is taken for gone is gone.
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

/** The newest sight of the end, if it came after every sight that tells of somebody gone. */
export function findProofPage(state: RefreshState): PageObservation | null {
  const end = state.observations.findLast((observation) => showsListEnd(observation));
  if (!showsListEnd(end)) return null;
  return listTellers(state).every((observation) => observation === end || isEarlier(observation, end))
    ? end
    : null;
}

/** Sights that came after all that tell of somebody gone. */
export function listObservationsSince(state: RefreshState): Observation[] {
  const latest = Math.max(-1, ...listTellers(state).map(({ round }) => round));
  return state.observations.filter(({ round }) => round > latest);
}

function listTellers({ observations, deletions, alignment, ranges }: RefreshState): Observation[] {
  const ofGaps = deletions.gaps.map(({ observation }: DeletedRange) => observations[observation]);
  const ofSuspects = listSuspectRanges(ranges).flatMap((range) =>
    alignment.rows.filter((row) => isBeside(row, range)).map(({ since }) => observations[since]),
  );
  return [...ofGaps, ...ofSuspects].filter((observation) => observation !== undefined);
}

function isBeside({ number }: { number: number }, { fromPage }: UnreadRange): boolean {
  return number === fromPage || number === fromPage - 1;
}

/** Page 1 is looked at once where the list grows at its far end, else after everything. */
export function findFirstPageDue({ baseline, observations }: RefreshState): 1 | null {
  const top = findNewestPage(observations, 1);
  if (top === undefined) return 1;
  const isLast = observations.every((observation) => observation === top || isEarlier(observation, top));
  return baseline.grows === "far" || isLast ? null : 1;
}

/** How many more offers are taken to be there than there are. */
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
 * Between two neighbouring pages nobody has room, if both are of one moment: because nothing at all has moved, or
 * because the page nearer to page 1 was looked at later, and nobody had entered before it.
 */
export function listUnsureRanges(state: RefreshState, end: PageObservation): UnreadRange[] {
  return listSuspectRanges(state.ranges).filter((range) => {
    const [page, behind] = findRangeSides(state, range);
    if (page === undefined || behind === undefined || wasSeenAfter(state, range)) return true;
    if (listMissingPlaces(range, state.deletions).some((place) => isInserted(place, state.order)))
      return true;
    const isDescent = isEarlier(behind.first, page.last) && isUnpushed(state, behind.first, page.last);
    return !isDescent && !wasStill(state, [page, behind], end);
  });
}

/** The first and the last sight that showed the page as it is. */
type Side = { first: Observation; last: Observation; number: number };

/** The pages on both sides of a range. */
export function findRangeSides({ observations, alignment }: RefreshState, range: UnreadRange): Side[] {
  return alignment.rows
    .filter((row) => isBeside(row, range))
    .flatMap(({ number, since, observation }) => {
      const [first, last] = [observations[since], observations[observation]];
      return first === undefined || last === undefined ? [] : [{ first, last, number }];
    });
}

/** Whether somebody who is taken for gone was seen after one of the pages that told. */
export function wasSeenAfter(state: RefreshState, range: UnreadRange): boolean {
  const { observations, seenAt } = state;
  const oldest = Math.min(...findRangeSides(state, range).map(({ first }) => first.round));
  return listMissingPlaces(range, state.deletions).some(
    (place) => (observations[seenAt.get(place) ?? -1]?.round ?? -1) > oldest,
  );
}

/** Nobody has entered at the near end. */
function isUnpushed({ baseline, observations }: RefreshState, from: Observation, to: Observation): boolean {
  return baseline.grows === "far" || hasNoInsertionBetween(observations, from, to);
}

/** Whether the list had as many offers before these sights as after, and nobody had entered. */
function wasStill(state: RefreshState, pages: Side[], end: PageObservation): boolean {
  const { observations, alignment } = state;
  return observations.filter(isPageObservation).some((start) => {
    const isSame =
      showsListEnd(start) && countAll(start, alignment.pageSize) === countAll(end, alignment.pageSize);
    const isAround = pages.every((page) =>
      [page.first, page.last].some(
        (observation) => isEarlier(start, observation) && isEarlier(observation, end),
      ),
    );
    return isSame && isAround && start.ids.at(-1) === end.ids.at(-1) && isUnpushed(state, start, end);
  });
}

/**
 * Whether a page showed an offer where it cannot have stood: farther back than what has entered before it explains,
 * or farther in front than what is gone explains. That page was another one.
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
