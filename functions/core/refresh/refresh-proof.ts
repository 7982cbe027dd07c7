import type { DeletedRange } from "./deletions.ts";
import { findInsertionPage } from "./insertions.ts";
import { showsListEnd, isPageObservation, type PageObservation, type Observation } from "./observation.ts";
import { listSuspectRanges, type UnreadRange } from "./alignment.ts";
import { findNewestPage, isEarlier, isInserted, hasNoInsertionBetween, listMissingPlaces, type RefreshState } from "./refresh-state.ts";

/**
 * Whether the list is known as it was at one moment. At the newest sight of its end it held so many offers. No
 * others can have been among them than those known and not shown to be gone before; so if they are as many, they
 * are the same. What has to hold besides: no newcomer is unknown, for page 1 was looked at after the end; and who
 * is taken for gone is gone.
 */
export function isRefreshProved(view: RefreshState): boolean {
  const end = findProofPage(view);
  if (end === null || view.doubtful.length > 0 || findFirstPageDue(view) !== null || findInsertionPage(view) !== null)
    return false;
  return countExcessOffers(view, end) === 0 && listUnsureRanges(view, end).length === 0;
}

/** The newest sight of the end, if it came after every sight that tells of somebody gone. */
export function findProofPage(view: RefreshState): PageObservation | null {
  const end = view.sights.findLast((sight) => showsListEnd(sight));
  if (!showsListEnd(end)) return null;
  return listTellers(view).every((sight) => sight === end || isEarlier(sight, end)) ? end : null;
}

/** Sights that came after all that tell of somebody gone. */
export function listObservationsSince(view: RefreshState): Observation[] {
  const latest = Math.max(-1, ...listTellers(view).map(({ round }) => round));
  return view.sights.filter(({ round }) => round > latest);
}

function listTellers({ sights, deletions, survey, ranges }: RefreshState): Observation[] {
  const ofGaps = deletions.gaps.map(({ sight }: DeletedRange) => sights[sight]);
  const ofSuspects = listSuspectRanges(ranges).flatMap((range) =>
    survey.rows.filter((row) => isBeside(row, range)).map(({ since }) => sights[since]),
  );
  return [...ofGaps, ...ofSuspects].filter((sight) => sight !== undefined);
}

function isBeside({ number }: { number: number }, { fromPage }: UnreadRange): boolean {
  return number === fromPage || number === fromPage - 1;
}

/** Page 1 is looked at once where the list grows at its far end, else after everything. */
export function findFirstPageDue({ ground, sights }: RefreshState): 1 | null {
  const top = findNewestPage(sights, 1);
  if (top === undefined) return 1;
  const isLast = sights.every((sight) => sight === top || isEarlier(sight, top));
  return ground.grows === "far" || isLast ? null : 1;
}

/** How many more offers are taken to be there than there are. */
export function countExcessOffers({ survey, roster, suspects }: RefreshState, end: PageObservation): number {
  return survey.countKnown(roster.to) - suspects.size - countAll(end, survey.pageSize);
}

function countAll({ number, ids }: PageObservation, pageSize: number): number {
  return (number - 1) * pageSize + ids.length;
}

/**
 * Between two neighbouring pages nobody has room, if both are of one moment: because nothing at all has moved, or
 * because the page nearer to page 1 was looked at later, and nobody had entered before it.
 */
export function listUnsureRanges(view: RefreshState, end: PageObservation): UnreadRange[] {
  return listSuspectRanges(view.ranges).filter((range) => {
    const [page, behind] = findRangeSides(view, range);
    if (page === undefined || behind === undefined || wasSeenAfter(view, range)) return true;
    if (listMissingPlaces(range, view.deletions).some((place) => isInserted(place, view.roster))) return true;
    const isDescent = isEarlier(behind.first, page.last) && isUnpushed(view, behind.first, page.last);
    return !isDescent && !wasStill(view, [page, behind], end);
  });
}

/** The first and the last sight that showed the page as it is. */
type Side = { first: Observation; last: Observation; number: number };

/** The pages on both sides of a range. */
export function findRangeSides({ sights, survey }: RefreshState, range: UnreadRange): Side[] {
  return survey.rows
    .filter((row) => isBeside(row, range))
    .flatMap(({ number, since, sight }) => {
      const [first, last] = [sights[since], sights[sight]];
      return first === undefined || last === undefined ? [] : [{ first, last, number }];
    });
}

/** Whether somebody who is taken for gone was seen after one of the pages that told. */
export function wasSeenAfter(view: RefreshState, range: UnreadRange): boolean {
  const { sights, seenAt } = view;
  const oldest = Math.min(...findRangeSides(view, range).map(({ first }) => first.round));
  return listMissingPlaces(range, view.deletions).some(
    (place) => (sights[seenAt.get(place) ?? -1]?.round ?? -1) > oldest,
  );
}

/** Nobody has entered at the near end. */
function isUnpushed({ ground, sights }: RefreshState, from: Observation, to: Observation): boolean {
  return ground.grows === "far" || hasNoInsertionBetween(sights, from, to);
}

/** Whether the list had as many offers before these sights as after, and nobody had entered. */
function wasStill(view: RefreshState, pages: Side[], end: PageObservation): boolean {
  const { sights, survey } = view;
  return sights.filter(isPageObservation).some((start) => {
    const isSame = showsListEnd(start) && countAll(start, survey.pageSize) === countAll(end, survey.pageSize);
    const isAround = pages.every((page) =>
      [page.first, page.last].some((sight) => isEarlier(start, sight) && isEarlier(sight, end)),
    );
    return isSame && isAround && start.ids.at(-1) === end.ids.at(-1) && isUnpushed(view, start, end);
  });
}

/**
 * Whether a page showed an offer where it cannot have stood: farther back than what has entered before it explains,
 * or farther in front than what is gone explains. That page was another one.
 */
export function hasMisplaced({ ground, sights, survey, roster }: RefreshState, gone: number): boolean {
  const entered = ground.grows === "near" ? roster.newcomers.length : 0;
  return sights.filter(isPageObservation).some(({ number, ids }) =>
    ids.some((id, at) => {
      const place = ground.places.get(id);
      if (place === undefined) return false;
      const moved = (number - 1) * survey.pageSize + at - place;
      return moved > entered || moved < -gone;
    }),
  );
}
